/// Compares two types of two BTFs, member by member.
package struct TypeDiff {
  package struct Difference: Hashable {
    /// The path to the member that differs, as written in C (`limits.max[0]`); `nil` for the type itself.
    package var path: String?
    package var old: String?
    package var new: String?
  }

  /// The maximum number of differences reported for one pair of types; more would hide the first ones.
  private static let maximum = 32

  private var old: Side
  private var new: Side
  /// Pairs that are the same to users: a type can be part of another over too many paths to compare it each time.
  private var alike: Set<Pair> = []

  private struct Pair: Hashable {
    let old: TypeID
    let new: TypeID
  }

  private struct Member {
    let name: String
    let member: BTFSpec.Member
    let offsetBits: UInt32
  }

  /// One of the two objects, with cached results.
  private struct Side {
    let btf: BTFSpec
    var fingerprints: TypeFingerprints
    var declarations: DeclarationWriter

    init(_ btf: BTFSpec) {
      self.btf = btf
      fingerprints = TypeFingerprints(btf)
      declarations = DeclarationWriter(btf)
    }

    /// How many members of anonymous structs may still be listed: they can be reached over too many paths to list them
    /// all.
    private var steps = 1 << 20

    mutating func spelling(_ type: TypeID) -> String {
      (try? declarations.declaration(of: type, keepModifiers: false, variable: ""))?.named("") ?? btf.name(type)
    }

    /// The members by name, including those of anonymous structs.
    mutating func members(_ type: TypeID) -> [Member] {
      var found: [Member] = []
      addMembers(of: type, at: 0, to: &found)
      return found
    }

    private mutating func addMembers(of type: TypeID, at base: UInt32, to found: inout [Member]) {
      for index in 0..<btf.vlen(type) {
        let member = btf.member(type, index)
        let name = btf.string(at: member.nameOffset)
        let inner = btf.skippingModifiers(member.type)
        if name.isEmpty, btf.kind(inner).isComposite {
          steps -= 1
          if steps > 0 { addMembers(of: inner, at: base + member.offsetBits, to: &found) }
        } else if found.count < 65_536 {
          found.append(Member(name: name, member: member, offsetBits: base + member.offsetBits))
        }
      }
    }
  }

  package init(old: BTFSpec, new: BTFSpec) {
    self.old = Side(old)
    self.new = Side(new)
  }

  /// The differences of two types; empty if their ids are equal.
  package mutating func differences(_ before: TypeID, _ after: TypeID) -> [Difference] {
    var found: [Difference] = []
    compare(before, after, path: nil, &found)
    return found
  }

  private mutating func compare(_ before: TypeID, _ after: TypeID, path: String?, _ found: inout [Difference]) {
    let pair = Pair(old: before, new: after)
    guard found.count < TypeDiff.maximum, !alike.contains(pair),
      old.fingerprints.fingerprint(of: before) != new.fingerprints.fingerprint(of: after)
    else { return }
    let count = found.count
    defer { if found.count == count { alike.insert(pair) } }
    let bare = (old: old.btf.skippingModifiersAndTypedefs(before), new: new.btf.skippingModifiersAndTypedefs(after))
    let kinds = (old: old.btf.kind(bare.old), new: new.btf.kind(bare.new))
    let spellings = (old: old.spelling(before), new: new.spelling(after))
    if kinds.old == kinds.new, kinds.old == .enumeration || kinds.old == .enumeration64 {
      compareEnumerators(bare.old, bare.new, path: path, &found)
      if found.count > count { return }
    }
    // Types of two anonymous structs have no name to compare; their members do.
    let sameName = old.btf.name(bare.old) == new.btf.name(bare.new)
    if kinds.old == kinds.new, kinds.old.isComposite, sameName {
      compareMembers(bare.old, bare.new, path: path, &found)
      if found.count > count { return }
    }
    if kinds.old == .array, kinds.new == .array, old.btf.elementCount(bare.old) == new.btf.elementCount(bare.new) {
      compare(old.btf.element(bare.old), new.btf.element(bare.new), path: (path ?? "") + "[]", &found)
      return
    }
    // Types with the same spelling and layout are the same to users: a typedef of another kind, or unions' members in
    // another order.
    if spellings.old != spellings.new { found.append(Difference(path: path, old: spellings.old, new: spellings.new)) }
  }

  private mutating func compareEnumerators(
    _ before: TypeID, _ after: TypeID, path: String?, _ found: inout [Difference]
  ) {
    func values(_ btf: BTFSpec, _ type: TypeID) -> [(name: String, value: Int64)] {
      (0..<btf.vlen(type)).map { index in
        let enumerator = btf.enumerator(type, index)
        return (btf.string(at: enumerator.nameOffset), enumerator.value)
      }
    }
    let (olds, news) = (values(old.btf, before), values(new.btf, after))
    let former = Dictionary(olds.map { ($0.name, $0.value) }) { first, _ in first }
    let names = Set(news.map(\.name))
    func join(_ name: String) -> String { path.map { "\($0): \(name)" } ?? name }
    for entry in olds where !names.contains(entry.name) {
      found.append(Difference(path: join(entry.name), old: "\(entry.value)", new: nil))
    }
    for entry in news {
      if former[entry.name] != entry.value {
        found.append(
          Difference(path: join(entry.name), old: former[entry.name].map { "\($0)" }, new: "\(entry.value)"))
      }
    }
  }

  private mutating func compareMembers(_ before: TypeID, _ after: TypeID, path: String?, _ found: inout [Difference]) {
    let (olds, news) = (old.members(before), new.members(after))
    let formers = Dictionary(olds.map { ($0.name, $0) }) { first, _ in first }
    let names = Set(news.map(\.name))
    func join(_ name: String) -> String { path.map { "\($0).\(name)" } ?? name }
    for entry in olds where !names.contains(entry.name) {
      found.append(Difference(path: join(entry.name), old: old.spelling(entry.member.type), new: nil))
    }
    for entry in news {
      guard let former = formers[entry.name] else {
        found.append(Difference(path: join(entry.name), old: nil, new: new.spelling(entry.member.type)))
        continue
      }
      if former.offsetBits != entry.offsetBits || former.member.bitfieldBits != entry.member.bitfieldBits {
        found.append(
          Difference(
            path: join(entry.name), old: TypeDiff.offsetText(former.offsetBits, former.member.bitfieldBits),
            new: TypeDiff.offsetText(entry.offsetBits, entry.member.bitfieldBits)))
      }
      compare(former.member.type, entry.member.type, path: join(entry.name), &found)
    }
    if olds.count == news.count, found.isEmpty, old.btf.statedSize(before) != new.btf.statedSize(after) {
      found.append(
        Difference(
          path: path, old: "\(old.btf.statedSize(before)) bytes", new: "\(new.btf.statedSize(after)) bytes"))
    }
  }

  private static func offsetText(_ offsetBits: UInt32, _ bits: UInt8) -> String {
    if bits > 0 { return "bits \(offsetBits)..\(offsetBits + UInt32(bits) - 1)" }
    return "offset \(offsetBits / 8)"
  }
}
