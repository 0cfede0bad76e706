internal import Bytes

extension BTFSpec {
  /// Refuses types for which merging would take forever.
  ///
  /// libbpf compares each struct with all previous ones that look the same, and each comparison follows pointers to the
  /// next one: for a chain of structs that look the same this takes cubic time. Structs that do not refer to such
  /// structs are compared in one step, so a hundred maps may look the same. Source: `btf_dedup_struct_type`.
  /// O(members).
  /// twice is compared at once: a hundred maps may look the same. Source: `btf_dedup_struct_type`. O(members).
  package func checkMerging() throws(BTFError) {
    let composites = ids.filter { kind($0).isComposite }
    guard mayBeAlike(composites) else { return }
    let keys = Dictionary(uniqueKeysWithValues: composites.map { ($0, ShallowKey($0, self)) })
    let alike = keys.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var rows: [ShallowKey: Int] = [:]
    for id in composites where alike[keys[id]!]! > BTFSpec.maximumAlike {
      guard (0..<vlen(id)).contains(where: { leads(member(id, $0).type) { alike[keys[$0]!]! > 1 } }) else { continue }
      rows[keys[id]!, default: 0] += 1
      guard rows[keys[id]!]! <= BTFSpec.maximumAlike else { throw .damaged(.tooManyAlike(id: id)) }
    }
  }

  private static let maximumAlike = 64

  /// Whether more composites than the limit could look the same, by a sum of the compared properties. In most objects
  /// this is false, and their names need not be read and hashed.
  private func mayBeAlike(_ composites: [TypeID]) -> Bool {
    guard composites.count > BTFSpec.maximumAlike else { return false }
    var counts = [Int](repeating: 0, count: 1 << 10)
    for id in composites {
      let name = byteName(id).bytes
      let letters = 7 * name.count + 3 * Int(name.first ?? 0) + Int(name.last ?? 0)
      let sum = 31 * (31 * Int(statedSize(id)) + vlen(id)) + letters
      counts[sum & (counts.count - 1)] += 1
    }
    return counts.contains { $0 > BTFSpec.maximumAlike }
  }

  /// Whether a type is such a composite or refers to one; a function's parameters are not inspected, and count as one.
  private func leads(_ id: TypeID, to isSought: (TypeID) -> Bool) -> Bool {
    var id = id
    while true {
      switch kind(id) {
      case .structure, .union: return isSought(id)
      case .functionPrototype: return true
      case .array: id = element(id)
      case .pointer, .const, .volatile, .restrict, .typedef, .typeTag: id = target(id)
      case .void, .int, .enumeration, .forward, .function, .variable, .dataSection, .float, .declarationTag,
        .enumeration64:
        return false
      }
    }
  }
}

/// What libbpf compares of two composites before their members' types.
private struct ShallowKey: Hashable {
  let kind: BTFKind
  let name: ByteName
  let size: UInt32
  let members: Int

  init(_ id: TypeID, _ btf: BTFSpec) {
    (kind, name, size, members) = (btf.kind(id), btf.byteName(id), btf.statedSize(id), btf.vlen(id))
  }
}
