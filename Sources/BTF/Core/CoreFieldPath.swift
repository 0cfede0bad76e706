/// The path from a type to one of its fields, in the program's or the kernel's BTF.
///
/// Source: libbpf's relo_core.c, `bpf_core_parse_spec` and `bpf_core_spec_match`.
struct CoreFieldPath {
  /// A named member, or an element of an array. Nameless members are skipped.
  struct Accessor: Hashable {
    /// The composite of the member, or the type of the element.
    var type: TypeID
    var index: UInt32
    /// `nil` for an element.
    var name: StringOffset?
  }

  var root: TypeID
  var accessors: [Accessor] = []
  var bitOffset: UInt32 = 0
  /// The number of steps including nameless members.
  var depth = 0

  static let maximumDepth = 64

  init(root: TypeID) { self.root = root }

  /// The path of a relocation in the program's own types.
  init(_ relocation: CoreRelocation, _ btf: BTFSpec) throws(CoreRefusal) {
    self.init(root: relocation.type)
    switch relocation.kind {
    case .localTypeID, .targetTypeID, .typeExists, .typeSize, .typeMatches:
      guard relocation.path == [0] else { throw .badPath }
      return
    case .fieldOffset, .fieldSize, .fieldExists, .fieldSigned, .fieldLeftShift, .fieldRightShift, .enumeratorExists,
      .enumeratorValue:
      break
    }
    guard let first = relocation.path.first, relocation.path.allSatisfy({ $0 <= Int32.max }) else { throw .badPath }
    var type = btf.skippingModifiersAndTypedefs(relocation.type)
    depth = relocation.path.count
    accessors.append(Accessor(type: type, index: first, name: nil))
    if relocation.kind == .enumeratorExists || relocation.kind == .enumeratorValue {
      guard btf.kind(type).isEnumeration, depth == 1, first < btf.vlen(type) else { throw .badPath }
      accessors[0].name = btf.enumerator(type, Int(first)).nameOffset
      return
    }
    try add(elements: first, of: type, in: btf, BTFSpec.pointerSize)
    for index in relocation.path.dropFirst() {
      type = btf.skippingModifiersAndTypedefs(type)
      switch btf.kind(type) {
      case .structure, .union:
        guard index < btf.vlen(type) else { throw .badPath }
        let member = btf.member(type, Int(index))
        bitOffset &+= member.offsetBits
        if btf.hasText(at: member.nameOffset) {
          accessors.append(Accessor(type: type, index: index, name: member.nameOffset))
        }
        type = member.type
      case .array:
        guard isFlexible(type, in: btf, after: accessors[accessors.count - 1]) || index < btf.elementCount(type) else {
          throw .badPath
        }
        type = btf.skippingModifiersAndTypedefs(btf.element(type))
        accessors.append(Accessor(type: type, index: index, name: nil))
        try add(elements: index, of: type, in: btf, BTFSpec.pointerSize)
      case .void, .int, .pointer, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .function,
        .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
        throw .badPath
      }
    }
  }

  mutating func add(
    elements: UInt32, of type: TypeID, in btf: BTFSpec, _ pointerSize: UInt32, largestSize: UInt32 = .max
  ) throws(CoreRefusal) {
    guard let size = btf.sizeBytes(type, pointerSize: pointerSize), size <= largestSize else { throw .unsized }
    bitOffset &+= elements &* size &* 8
  }

  /// Whether an array has no fixed length: an empty one at the end of its struct.
  func isFlexible(_ array: TypeID, in btf: BTFSpec, after accessor: Accessor) -> Bool {
    accessor.name != nil && btf.elementCount(array) == 0 && Int(accessor.index) == btf.vlen(accessor.type) - 1
  }
}

/// Finds a program's path in one of the kernel's types.
struct CoreFieldSearch {
  private let local: BTFSpec
  private let target: BTFSpec
  private let pointerSize: UInt32
  private let kind: CoreRelocation.Kind
  /// The number of steps so far: a type can be reached over too many paths to follow all of them.
  private(set) var steps = 0
  private let maximumSteps: Int

  init(_ resolver: CoreResolver, _ kind: CoreRelocation.Kind, maximumSteps: Int) {
    self.maximumSteps = min(1 << 20, maximumSteps)
    local = resolver.local
    target = resolver.target
    pointerSize = resolver.targetPointerSize
    self.kind = kind
  }

  /// - Returns: `nil` if the candidate has no such field or enumerator, or is another type.
  mutating func match(
    _ path: CoreFieldPath, _ relocation: CoreRelocation, _ candidate: TypeID
  ) throws(CoreRefusal) -> CoreFieldPath? {
    var found = CoreFieldPath(root: candidate)
    switch kind {
    case .typeMatches:
      var comparison = CoreTypeComparison(local, target, maximumSteps: maximumSteps)
      defer { steps += comparison.steps }
      return try comparison.matches(relocation.type, candidate) ? found : nil
    case .typeExists, .typeSize, .targetTypeID, .localTypeID:
      var comparison = CoreTypeComparison(local, target, maximumSteps: maximumSteps)
      defer { steps += comparison.steps }
      return try comparison.areCompatible(relocation.type, candidate) ? found : nil
    case .enumeratorExists, .enumeratorValue:
      let type = target.skippingModifiersAndTypedefs(candidate)
      guard target.kind(type).isEnumeration else { return nil }
      let name = CoreMatcher.essential(local.string(at: path.accessors[0].name!))
      for index in 0..<target.vlen(type) {
        let offset = target.enumerator(type, index).nameOffset
        guard CoreMatcher.essential(target.string(at: offset)) == name else { continue }
        found.accessors = [.init(type: type, index: UInt32(index), name: offset)]
        return found
      }
      return nil
    case .fieldOffset, .fieldSize, .fieldExists, .fieldSigned, .fieldLeftShift, .fieldRightShift:
      var type = candidate
      for (number, accessor) in path.accessors.enumerated() {
        type = target.skippingModifiersAndTypedefs(type)
        if let name = accessor.name {
          let ours = local.member(accessor.type, Int(accessor.index)).type
          guard let member = try member(local.string(at: name), ours, of: type, &found) else { return nil }
          type = member
          continue
        }
        if number > 0 {
          guard target.kind(type) == .array else { return nil }
          let before = found.accessors[number - 1]
          guard
            found.isFlexible(type, in: target, after: before) || accessor.index < target.elementCount(type)
          else { return nil }
          type = target.skippingModifiersAndTypedefs(target.element(type))
        }
        guard found.depth < CoreFieldPath.maximumDepth else { throw .tooDeep }
        found.depth += 1
        found.accessors.append(.init(type: type, index: accessor.index, name: nil))
        // libbpf stores this size as a signed 32-bit value, and treats a negative one as an error.
        try found.add(elements: accessor.index, of: type, in: target, pointerSize, largestSize: UInt32(Int32.max))
      }
      return found
    }
  }

  /// Finds a member by name, including members of nameless members, appends it to the path, and returns its type. The
  /// first match decides; if its type is of another kind, the offsets added so far are kept, as in libbpf.
  private mutating func member(
    _ name: String, _ ours: TypeID, of composite: TypeID, _ path: inout CoreFieldPath
  ) throws(CoreRefusal) -> TypeID? {
    let type = target.skippingModifiersAndTypedefs(composite)
    guard target.kind(type).isComposite else { return nil }
    for index in 0..<target.vlen(type) {
      let member = target.member(type, index)
      steps += 1
      guard path.depth < CoreFieldPath.maximumDepth, steps < maximumSteps else { throw .tooDeep }
      path.bitOffset &+= member.offsetBits
      path.depth += 1
      if !target.hasText(at: member.nameOffset) {
        if let found = try self.member(name, ours, of: member.type, &path) { return found }
      } else if target.isString(at: member.nameOffset, name) {
        guard isCompatible(ours, member.type) else { return nil }
        path.accessors.append(.init(type: type, index: UInt32(index), name: member.nameOffset))
        return member.type
      }
      path.bitOffset &-= member.offsetBits
      path.depth -= 1
    }
    return nil
  }

  /// Whether a field of one type may be read as the other. Source: libbpf, `bpf_core_fields_are_compat`.
  private func isCompatible(_ ours: TypeID, _ theirs: TypeID) -> Bool {
    var (ours, theirs) = (ours, theirs)
    while true {
      ours = local.skippingModifiersAndTypedefs(ours)
      theirs = target.skippingModifiersAndTypedefs(theirs)
      let kinds = (local.kind(ours), target.kind(theirs))
      if kinds.0.isComposite && kinds.1.isComposite { return true }
      guard kinds.0 == kinds.1 || kinds.0.isEnumeration && kinds.1.isEnumeration else { return false }
      switch kinds.0 {
      case .pointer, .float: return true
      case .forward, .enumeration, .enumeration64:
        let names = (CoreMatcher.essential(local.name(ours)), CoreMatcher.essential(target.name(theirs)))
        return names.0.isEmpty || names.1.isEmpty || names.0 == names.1
      case .int: return !local.isOffsetInteger(ours) && !target.isOffsetInteger(theirs)
      case .array: (ours, theirs) = (local.element(ours), target.element(theirs))
      case .void, .structure, .union, .typedef, .volatile, .const, .restrict, .function, .functionPrototype, .variable,
        .dataSection, .declarationTag, .typeTag:
        return false
      }
    }
  }
}
