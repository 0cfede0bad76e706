/// Compares a type of the kernel with a program's declaration of it.
///
/// Source: libbpf's relo_core.c, `__bpf_core_types_are_compat` and `__bpf_core_types_match`.
struct CoreTypeComparison {
  private let local: BTFSpec
  private let target: BTFSpec
  private(set) var steps = 0
  private let maximumSteps: Int
  /// libbpf's limit, separately for nesting and for one chain of pointers and arrays.
  private static let maximumLevel = 32

  init(_ local: BTFSpec, _ target: BTFSpec, maximumSteps: Int) {
    self.maximumSteps = maximumSteps
    self.local = local
    self.target = target
  }

  // MARK: By kind

  /// Whether both have the same kind, recursively for pointers and functions.
  mutating func areCompatible(
    _ ours: TypeID, _ theirs: TypeID, level: Int = maximumLevel
  ) throws(CoreRefusal) -> Bool {
    var (ours, theirs) = (ours, theirs)
    guard isOneKind(ours, theirs) else { return false }
    for _ in 0..<CoreTypeComparison.maximumLevel {
      try step()
      ours = local.skippingModifiersAndTypedefs(ours)
      theirs = target.skippingModifiersAndTypedefs(theirs)
      guard isOneKind(ours, theirs) else { return false }
      switch local.kind(ours) {
      case .void, .structure, .union, .enumeration, .enumeration64, .forward: return true
      case .int: return !local.isOffsetInteger(ours) && !target.isOffsetInteger(theirs)
      case .pointer: (ours, theirs) = (local.target(ours), target.target(theirs))
      case .array: (ours, theirs) = (local.element(ours), target.element(theirs))
      case .functionPrototype:
        guard local.vlen(ours) == target.vlen(theirs) else { return false }
        for index in 0..<local.vlen(ours) {
          guard level > 0 else { throw .tooDeep }
          let parameters = (local.parameter(ours, index).type, target.parameter(theirs, index).type)
          guard
            try areCompatible(
              local.skippingModifiersAndTypedefs(parameters.0), target.skippingModifiersAndTypedefs(parameters.1),
              level: level - 1)
          else { return false }
        }
        (ours, theirs) = (local.target(ours), target.target(theirs))
      case .typedef, .volatile, .const, .restrict, .function, .variable, .dataSection, .float, .declarationTag,
        .typeTag:
        return false
      }
    }
    throw .tooDeep
  }

  private func isOneKind(_ ours: TypeID, _ theirs: TypeID) -> Bool {
    let kinds = (local.kind(ours), target.kind(theirs))
    return kinds.0 == kinds.1 || kinds.0.isEnumeration && kinds.1.isEnumeration
  }

  private mutating func step() throws(CoreRefusal) {
    steps += 1
    guard steps < maximumSteps else { throw .tooDeep }
  }

  // MARK: By structure

  /// Whether the kernel's type has everything that the program's type has.
  mutating func matches(
    _ ours: TypeID, _ theirs: TypeID, isBehindPointer: Bool = false, level: Int = maximumLevel
  ) throws(CoreRefusal) -> Bool {
    guard level > 0 else { throw .tooDeep }
    var (ours, theirs, isBehindPointer) = (ours, theirs, isBehindPointer)
    for _ in 0..<CoreTypeComparison.maximumLevel {
      try step()
      ours = local.skippingModifiersAndTypedefs(ours)
      theirs = target.skippingModifiersAndTypedefs(theirs)
      guard isOneName(name(ours, local), name(theirs, target)) else { return false }
      let (kind, theirKind) = (local.kind(ours), target.kind(theirs))
      switch kind {
      case .void: return theirKind == .void
      case .forward:
        let isUnion = local.kindFlag(ours)
        if theirKind == .forward { return isUnion == target.kindFlag(theirs) }
        return isBehindPointer && theirKind == (isUnion ? .union : .structure)
      case .enumeration, .enumeration64: return theirKind.isEnumeration && enumerationsMatch(ours, theirs)
      case .structure, .union:
        if isBehindPointer {
          if kind == theirKind { return true }
          return theirKind == .forward && (kind == .union) == target.kindFlag(theirs)
        }
        guard kind == theirKind else { return false }
        return try compositesMatch(ours, theirs, level: level)
      case .int:
        return theirKind == .int && local.statedSize(ours) == target.statedSize(theirs)
          && local.isSigned(ours) == target.isSigned(theirs)
      case .pointer:
        guard theirKind == .pointer else { return false }
        isBehindPointer = true
        (ours, theirs) = (local.target(ours), target.target(theirs))
      case .array:
        guard theirKind == .array, local.elementCount(ours) == target.elementCount(theirs) else { return false }
        (ours, theirs) = (local.element(ours), target.element(theirs))
      case .functionPrototype:
        guard theirKind == .functionPrototype, local.vlen(ours) == target.vlen(theirs) else { return false }
        for index in 0..<local.vlen(ours) {
          guard
            try matches(
              local.parameter(ours, index).type, target.parameter(theirs, index).type,
              isBehindPointer: isBehindPointer, level: level - 1)
          else { return false }
        }
        (ours, theirs) = (local.target(ours), target.target(theirs))
      case .typedef, .volatile, .const, .restrict, .function, .variable, .dataSection, .float, .declarationTag,
        .typeTag:
        return false
      }
    }
    throw .tooDeep
  }

  private mutating func compositesMatch(_ ours: TypeID, _ theirs: TypeID, level: Int) throws(CoreRefusal) -> Bool {
    guard local.vlen(ours) <= target.vlen(theirs) else { return false }
    for index in 0..<local.vlen(ours) {
      let member = local.member(ours, index)
      var isMatched = false
      for other in 0..<target.vlen(theirs) {
        let candidate = target.member(theirs, other)
        try step()
        guard isOneName(local.string(at: member.nameOffset), target.string(at: candidate.nameOffset)) else { continue }
        guard try matches(member.type, candidate.type, level: level - 1) else { continue }
        isMatched = true
        break
      }
      guard isMatched else { return false }
    }
    return true
  }

  private func enumerationsMatch(_ ours: TypeID, _ theirs: TypeID) -> Bool {
    guard local.statedSize(ours) == target.statedSize(theirs), local.vlen(ours) <= target.vlen(theirs) else {
      return false
    }
    return CoreMatcher.partNames(ours, of: local).isSubset(of: CoreMatcher.partNames(theirs, of: target))
  }

  private func name(_ type: TypeID, _ btf: BTFSpec) -> String { type.isVoid ? "" : btf.name(type) }

  private func isOneName(_ ours: String, _ theirs: String) -> Bool {
    CoreMatcher.essential(ours) == CoreMatcher.essential(theirs)
  }
}
