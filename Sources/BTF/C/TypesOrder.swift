/// The order of the types in a header: by kind and name, so that two builds of one kernel, which number their types
/// differently, give the same text.
///
/// Enumerations come first, then integers, structs and unions, and functions; a typedef, a pointer or an array is
/// sorted with the type that it refers to. Within these, the order is by the name of that type, then by the type's own
/// name; types that are still equal are ordered by a hash of their members' names. This is bpftool's order since 7.5.
/// Source: bpftool-btf(8), `format c [unsorted]`.
package struct TypesOrder {
  private let btf: BTFSpec
  /// The hash of each type that was requested, with and without its members.
  private var known: [[UInt64?]]

  /// All types that C can declare. O(types x log types + members).
  package static func sorted(_ btf: BTFSpec) -> [TypeID] {
    var order = TypesOrder(btf)
    var keys: [Key] = []
    keys.reserveCapacity(btf.count)
    for id in btf.ids where btf.kind(id).isDeclared {
      keys.append(
        Key(
          rank: order.rank(id, hasName: false), reached: order.reachedName(id, isReferred: false),
          own: btf.nameOffset(id),
          hash: order.hash(id, withMembers: true), id: id))
    }
    let strings = btf.strings.span
    keys.sort { left, right in
      if left.rank != right.rank { return left.rank < right.rank }
      for (one, other) in [(left.reached, right.reached), (left.own, right.own)] {
        let order = compare(strings, one, other)
        if order != 0 { return order < 0 }
      }
      return (left.hash, left.id) < (right.hash, right.id)
    }
    return keys.map(\.id)
  }

  private struct Key {
    let rank: Int
    /// Names, by their offsets in the strings.
    let reached: StringOffset
    let own: StringOffset
    let hash: UInt64
    let id: TypeID
  }

  private init(_ btf: BTFSpec) {
    self.btf = btf
    let none = [UInt64?](repeating: nil, count: btf.count)
    known = [none, none]
  }

  private static let lastRank = 10

  /// The reader limits nesting, and thereby the recursion of these functions.
  private func rank(_ id: TypeID, hasName: Bool) -> Int {
    let hasName = hasName || btf.hasName(id)
    switch btf.kind(id) {
    case .enumeration, .enumeration64: return hasName ? 1 : 0
    case .int, .float: return 2
    case .structure, .union: return hasName ? 3 : TypesOrder.lastRank
    case .functionPrototype: return hasName ? 4 : TypesOrder.lastRank
    case .array: return hasName ? rank(btf.element(id), hasName: true) : TypesOrder.lastRank
    case .typeTag, .const, .pointer, .volatile, .restrict, .typedef, .declarationTag:
      return hasName ? rank(btf.target(id), hasName: true) : TypesOrder.lastRank
    case .void, .forward, .function, .variable, .dataSection: return TypesOrder.lastRank
    }
  }

  /// The name that a type leads to. An enumeration without a name uses that of its first enumerator if nothing refers
  /// to it.
  private func reachedName(_ id: TypeID, isReferred: Bool) -> StringOffset {
    switch btf.kind(id) {
    case .void: 0
    case .enumeration, .enumeration64:
      !isReferred && !btf.hasName(id) && btf.vlen(id) > 0 ? btf.enumerator(id, 0).nameOffset : btf.nameOffset(id)
    case .array: reachedName(btf.element(id), isReferred: true)
    case .typeTag, .const, .pointer, .volatile, .restrict, .typedef, .declarationTag:
      reachedName(btf.target(id), isReferred: true)
    case .int, .float, .structure, .union, .functionPrototype, .forward, .function, .variable, .dataSection:
      btf.nameOffset(id)
    }
  }

  private mutating func hash(_ id: TypeID, withMembers: Bool) -> UInt64 {
    if let hash = known[withMembers ? 1 : 0][id.index] { return hash }
    var hash = id.isVoid ? 0 : mixed(0, name: btf.nameOffset(id))
    switch btf.kind(id) {
    case .enumeration, .enumeration64:
      for index in 0..<btf.vlen(id) { hash = mixed(hash, name: btf.enumerator(id, index).nameOffset) }
    case .structure, .union:
      for index in 0..<(withMembers ? btf.vlen(id) : 0) {
        let member = btf.member(id, index)
        hash = mixed(hash, name: member.nameOffset)
        hash = mixed(hash, self.hash(member.type, withMembers: false))
      }
    case .typeTag, .const, .pointer, .volatile, .restrict, .typedef, .declarationTag:
      hash = mixed(hash, self.hash(btf.target(id), withMembers: withMembers))
    case .array:
      hash = mixed(hash, UInt64(btf.elementCount(id)))
      hash = mixed(hash, self.hash(btf.element(id), withMembers: withMembers))
    case .void, .int, .float, .functionPrototype, .forward, .function, .variable, .dataSection: break
    }
    known[withMembers ? 1 : 0][id.index] = hash
    return hash
  }

  private func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 { hash &* 31 &+ value }

  /// The empty name adds nothing.
  private func mixed(_ hash: UInt64, name: StringOffset) -> UInt64 {
    let strings = btf.strings.span
    var at = name.index
    guard strings[at] != 0 else { return hash }
    var text: UInt64 = 0
    while strings[at] != 0 {
      text = mixed(text, UInt64(strings[at]))
      at += 1
    }
    return mixed(hash, text)
  }

  /// `strcmp` of two names.
  private static func compare(_ strings: Span<UInt8>, _ one: StringOffset, _ other: StringOffset) -> Int {
    guard one != other else { return 0 }
    var (one, other) = (one.index, other.index)
    while strings[one] == strings[other], strings[one] != 0 {
      one += 1
      other += 1
    }
    return Int(strings[one]) - Int(strings[other])
  }
}

extension BTFKind {
  /// Whether a header can declare a type of the kind, which excludes functions and variables.
  fileprivate var isDeclared: Bool {
    switch self {
    case .void, .function, .variable, .dataSection, .declarationTag: false
    case .int, .pointer, .array, .structure, .union, .enumeration, .forward, .typedef, .volatile, .const, .restrict,
      .functionPrototype, .float, .typeTag, .enumeration64:
      true
    }
  }
}
