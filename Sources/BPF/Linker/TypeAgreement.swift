internal import BTF

/// Whether two objects declare a global symbol compatibly.
///
/// Values must have the same layout, member by member. For a pointer's target only kind and name matter, and a forward
/// declaration (`struct s;`) matches a definition. Lengths of arrays and signedness of integers are not compared, as in
/// libbpf's linker.
///
/// Both BTF were checked with `BTFSpec.checkWalks`, which limits the time of a comparison, and their nesting is
/// limited.
struct TypeAgreement {
  private let left: BTFSpec
  private let right: BTFSpec

  init(_ left: BTFSpec, _ right: BTFSpec) {
    self.left = left
    self.right = right
  }

  /// The position of the first difference: the members on the path, joined by dots; an empty text for the types
  /// themselves. `nil` if they agree.
  func difference(_ a: TypeID, _ b: TypeID) -> String? { difference(a, b, isValue: true) }

  private func difference(_ a: TypeID, _ b: TypeID, isValue: Bool) -> String? {
    let (a, b) = (left.skippingModifiersAndTypedefs(a), right.skippingModifiersAndTypedefs(b))
    let (kind, other) = (left.kind(a), right.kind(b))
    if !isValue, (kind == .forward) != (other == .forward) {
      let (announced, known) = kind == .forward ? (left.kindFlag(a), other) : (right.kindFlag(b), kind)
      return known == (announced ? .union : .structure) && haveSameName(a, b) ? nil : ""
    }
    guard kind == other else { return "" }
    switch kind {
    case .void: return nil
    case .int, .float: return left.statedSize(a) == right.statedSize(b) ? nil : ""
    case .enumeration, .enumeration64: return haveSameName(a, b) && left.statedSize(a) == right.statedSize(b) ? nil : ""
    case .forward: return haveSameName(a, b) ? nil : ""
    case .pointer: return difference(left.target(a), right.target(b), isValue: false)
    case .array: return difference(left.element(a), right.element(b), isValue: isValue)
    case .function, .variable: return difference(left.target(a), right.target(b), isValue: isValue)
    case .functionPrototype: return differenceOfPrototypes(a, b, isValue: isValue)
    case .structure, .union:
      guard haveSameName(a, b) else { return "" }
      return isValue ? differenceOfMembers(a, b) : nil
    case .typedef, .volatile, .const, .restrict, .typeTag, .dataSection, .declarationTag: return ""
    }
  }

  private func haveSameName(_ a: TypeID, _ b: TypeID) -> Bool { left.byteName(a) == right.byteName(b) }

  private func differenceOfPrototypes(_ a: TypeID, _ b: TypeID, isValue: Bool) -> String? {
    guard left.vlen(a) == right.vlen(b) else { return "" }
    for index in 0..<left.vlen(a)
    where difference(left.parameter(a, index).type, right.parameter(b, index).type, isValue: isValue) != nil {
      return ""
    }
    return difference(left.target(a), right.target(b), isValue: isValue).map { _ in "" }
  }

  private func differenceOfMembers(_ a: TypeID, _ b: TypeID) -> String? {
    for index in 0..<min(left.vlen(a), right.vlen(b)) {
      let (mine, other) = (left.member(a, index), right.member(b, index))
      let name = left.string(at: mine.nameOffset)
      guard name.utf8.elementsEqual(right.string(at: other.nameOffset).utf8), mine.offsetBits == other.offsetBits,
        mine.bitfieldBits == other.bitfieldBits
      else { return name }
      if let part = difference(mine.type, other.type, isValue: true) { return part.isEmpty ? name : "\(name).\(part)" }
    }
    if left.vlen(a) != right.vlen(b) {
      let (longer, type) = left.vlen(a) > right.vlen(b) ? (left, a) : (right, b)
      return longer.string(at: longer.member(type, min(left.vlen(a), right.vlen(b))).nameOffset)
    }
    return left.statedSize(a) == right.statedSize(b) ? nil : ""
  }
}
