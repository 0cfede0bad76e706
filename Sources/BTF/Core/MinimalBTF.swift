internal import Bytes
internal import ELF

/// What the CO-RE relocations of one object need from a kernel's BTF.
package struct CoreNeeds: Sendable {
  let btf: BTFSpec
  /// Each relocation, with the essential name of its type.
  let relocations: [(relocation: CoreRelocation, name: String)]

  /// - Parameter object: the whole ELF file. Objects without relocations need nothing.
  package init(object: [UInt8]) throws(BTFError) {
    let elf = try BTFError.ofELF(try ELFFile(object))
    guard let btf = try BTFSpec(of: elf) else { throw .missing(elf.missingBTF) }
    self.btf = btf
    let all = try CoreRelocation.all(in: elf, btf).filter { $0.kind != .localTypeID }
    relocations = all.sorted { ($0.type, $0.kind.rawValue, $0.path.count) < ($1.type, $1.kind.rawValue, $1.path.count) }
      .map { ($0, CoreMatcher.essential(btf.name($0.type))) }
  }
}

/// The part of a kernel's BTF with which the relocations of some objects resolve as with all of it.
///
/// Composites keep the needed members at their offsets, and enumerations the needed enumerators; references to types
/// that are not needed become `void`.
///
/// A kernel module's BTF is split: it continues the kernel's. Its part can be split as well, on the same kernel's BTF,
/// or be complete, with what is needed from the kernel's.
package struct MinimalBTF {
  private let target: BTFSpec
  /// The first type of the file itself, after those of its base.
  private let firstOwn: TypeID
  /// The length of the base's strings.
  private let baseStrings: Int
  /// Whether the result includes the base's types, and does not continue another BTF.
  private let isWhole: Bool
  private var isNeeded: [Bool]
  /// Needed together with the targets of its pointers.
  private var isFollowed: [Bool]
  private var parts: Set<CoreMatcher.Part> = []

  /// Raw BTF for some objects.
  ///
  /// - Parameters:
  ///   - kernel: raw BTF, or an ELF file that contains BTF.
  ///   - base: the BTF that it continues, as a module's BTF continues the kernel's.
  ///   - isWhole: whether the result includes what is needed from the base, as libbpf's `btf_custom_path` requires;
  ///     otherwise it continues `base` as `kernel` does, for `btf__parse_split`. Without a base both are the same.
  /// - Returns: raw BTF in the kernel's byte order; the same bytes for the same needs, whatever their order.
  /// - Throws: the errors of the kernel's BTF. O(kernel's BTF + relocations x candidates).
  package static func bytes(
    of kernel: [UInt8], base: TypesFile? = nil, isWhole: Bool = false, for objects: [CoreNeeds]
  ) throws(BTFError) -> [UInt8] {
    let target = try TypesFile(kernel, isSplit: base != nil).checked(base: base)
    var minimal = MinimalBTF(target, base: base?.types, isWhole: isWhole || base == nil)
    minimal.mark(objects)
    return minimal.written()
  }

  private init(_ target: BTFSpec, base: BTFSpec?, isWhole: Bool) {
    self.target = target
    self.isWhole = isWhole
    firstOwn = TypeID(index: base?.count ?? 1)
    baseStrings = base?.strings.count ?? 0
    isNeeded = [Bool](repeating: false, count: target.count)
    isFollowed = isNeeded
  }

  // MARK: What is needed

  private mutating func mark(_ objects: [CoreNeeds]) {
    var names: Set<String> = []
    for object in objects { for (_, name) in object.relocations { names.insert(name) } }
    let candidates = target.ids(essentialNames: names)
    for object in objects {
      let matcher = CoreMatcher(local: object.btf, target: target)
      for (relocation, name) in object.relocations {
        let matching = (candidates[name] ?? []).filter { matcher.isCandidate($0, for: relocation.type) }
        for candidate in considered(matching) { mark(relocation, candidate, matcher) }
      }
    }
  }

  /// The candidates of a relocation that count. libbpf searches a module's types only if the kernel has no candidate:
  /// if both were one BTF, the module's candidates would contradict the kernel's.
  private func considered(_ candidates: [TypeID]) -> ArraySlice<TypeID> {
    let own = candidates.firstIndex { $0 >= firstOwn } ?? candidates.endIndex
    return isWhole && own > 0 ? candidates[..<own] : candidates[own...]
  }

  private mutating func mark(_ relocation: CoreRelocation, _ candidate: TypeID, _ matcher: CoreMatcher) {
    switch relocation.kind {
    case .fieldOffset, .fieldSize, .fieldExists, .fieldSigned, .fieldLeftShift, .fieldRightShift:
      guard let field = matcher.field(relocation, of: candidate) else { return }
      parts.formUnion(field.parts)
      for type in field.types { mark(type, isFollowingPointers: false) }
    case .enumeratorExists, .enumeratorValue:
      guard let part = matcher.enumerator(relocation, of: candidate) else { return }
      parts.insert(part)
      mark(candidate, isFollowingPointers: false)
    case .typeExists, .typeSize, .targetTypeID: mark(candidate, isFollowingPointers: true)
    case .typeMatches: if matcher.mayMatch(relocation.type, candidate) { markWhole(candidate) }
    case .localTypeID: break
    }
  }

  /// Marks a type and what it consists of; composites and enumerations without their parts.
  private mutating func mark(_ type: TypeID, isFollowingPointers: Bool) {
    var pending = [type]
    while let type = pending.popLast() {
      guard !type.isVoid, !(isFollowingPointers ? isFollowed : isNeeded)[type.index] else { continue }
      isNeeded[type.index] = true
      if isFollowingPointers { isFollowed[type.index] = true }
      switch target.kind(type) {
      case .pointer: if isFollowingPointers { pending.append(target.target(type)) }
      case .const, .volatile, .restrict, .typedef, .typeTag: pending.append(target.target(type))
      case .array: pending += [target.element(type), target.indexType(type)]
      case .functionPrototype:
        pending.append(target.target(type))
        for index in 0..<target.vlen(type) { pending.append(target.parameter(type, index).type) }
      case .void, .int, .structure, .union, .enumeration, .forward, .function, .variable, .dataSection, .float,
        .declarationTag, .enumeration64:
        break
      }
    }
  }

  /// Marks a type that is compared member by member: all of it, and only names after pointers.
  private mutating func markWhole(_ type: TypeID) {
    var seen: [Set<TypeID>] = [[], []]
    var pending: [(type: TypeID, isBehindPointer: Bool)] = [(type, false)]
    while let (type, isBehindPointer) = pending.popLast() {
      guard !type.isVoid, seen[isBehindPointer ? 1 : 0].insert(type).inserted else { continue }
      isNeeded[type.index] = true
      switch target.kind(type) {
      case .structure, .union:
        guard !isBehindPointer else { continue }
        for index in 0..<target.vlen(type) {
          parts.insert(CoreMatcher.Part(type: type, index: index))
          pending.append((target.member(type, index).type, false))
        }
      case .enumeration, .enumeration64:
        for index in 0..<target.vlen(type) { parts.insert(CoreMatcher.Part(type: type, index: index)) }
      case .pointer: pending.append((target.target(type), true))
      case .const, .volatile, .restrict, .typedef, .typeTag: pending.append((target.target(type), isBehindPointer))
      case .array: pending += [(target.element(type), isBehindPointer), (target.indexType(type), isBehindPointer)]
      case .functionPrototype:
        pending.append((target.target(type), isBehindPointer))
        for index in 0..<target.vlen(type) { pending.append((target.parameter(type, index).type, isBehindPointer)) }
      case .void, .int, .forward, .function, .variable, .dataSection, .float, .declarationTag: break
      }
    }
  }

  // MARK: Writing

  private func written() -> [UInt8] {
    var writer = BTFWriter(source: target, keptStrings: isWhole ? 0 : baseStrings)
    let first = isWhole ? TypeID(1) : firstOwn
    let all = first..<max(first, TypeID(index: target.count))
    // The types of the base keep their ids.
    var ids = Array(TypeID.void..<first) + [TypeID](repeating: .void, count: all.count)
    var next = first
    for id in all where isNeeded[id.index] {
      ids[id.index] = next
      next = next.advanced(by: 1)
    }
    for id in all where isNeeded[id.index] { write(id, ids, &writer) }
    return writer.bytes()
  }

  /// Writes a type with new ids, and with only the needed members or enumerators.
  private func write(_ id: TypeID, _ ids: [TypeID], _ writer: inout BTFWriter) {
    let kind = target.kind(id)
    let shape = BTFShape.of(kind)
    func add(_ word: BTFShape.Word, at index: Int) {
      let value = target.word(id, index)
      switch word {
      case .number: writer.add(value)
      case .type: writer.add(ids[Int(value)].rawValue)
      case .name: writer.add(name: StringOffset(value))
      // An id of the kernel's BTF would be wrong here.
      case .unused: writer.add(0)
      }
    }
    var parts = Array(0..<target.partCount(id))
    var info = target.word(id, 1)
    if kind.isComposite || kind.isEnumeration {
      parts = parts.filter { self.parts.contains(CoreMatcher.Part(type: id, index: $0)) }
      info = info & ~UInt32(BTFSpec.maximumParts) | UInt32(parts.count)
    }
    writer.add(name: target.nameOffset(id))
    writer.add(info)
    add(shape.third, at: 2)
    for index in 0..<shape.fixed.count { add(shape.fixed[index], at: 3 + index) }
    for part in parts {
      for index in 0..<shape.part.count { add(shape.part[index], at: shape.start(ofPart: part) + index) }
    }
  }
}

/// Writes types and their strings as a `.BTF` section.
private struct BTFWriter {
  private let source: BTFSpec
  /// The length of the base's strings, which the result continues: names in them keep their offsets.
  private let keptStrings: Int
  private var words: [UInt32] = []
  private var strings: [UInt8]
  private var offsets: [StringOffset: StringOffset] = [0: 0]

  init(source: BTFSpec, keptStrings: Int) {
    self.source = source
    self.keptStrings = keptStrings
    // The first string is the empty one.
    strings = keptStrings == 0 ? [0] : []
  }

  /// Adds a word for a name, given by its offset in the source's strings.
  mutating func add(name: StringOffset) { words.append(offset(of: name).rawValue) }

  mutating func add(_ word: UInt32) { words.append(word) }

  private mutating func offset(of name: StringOffset) -> StringOffset {
    if name.index < keptStrings { return name }
    if let known = offsets[name] { return known }
    let end = source.strings[name.index...].firstIndex(of: 0)!
    let offset = end == name.index ? 0 : StringOffset(UInt32(keptStrings + strings.count))
    if end > name.index { strings += source.strings[name.index...end] }
    offsets[name] = offset
    return offset
  }

  func bytes() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(BTFHeader.size + 4 * words.count + strings.count)
    bytes += BTFHeader.bytes(typeBytes: 4 * words.count, stringBytes: strings.count, order: source.byteOrder)
    for word in words { bytes.append(word, in: source.byteOrder) }
    return bytes + strings
  }
}

extension BTFSpec {
  /// Whether the string at an offset is this one.
  func isString(at offset: StringOffset, _ text: String) -> Bool {
    var at = offset.index
    for byte in text.utf8 {
      guard strings[at] == byte else { return false }
      at += 1
    }
    return strings[at] == 0
  }
}
