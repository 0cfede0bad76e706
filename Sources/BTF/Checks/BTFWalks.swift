extension BTFSpec {
  /// Refuses types that expand to too many nested types.
  ///
  /// libbpf computes alignments by visiting each member, compares functions parameter by parameter, and caches nothing:
  /// a union of two unions of two unions ... takes 2 to the power of its depth. Source: `btf__align_of` and
  /// `glob_sym_btf_matches`. O(types + members).
  package func checkWalks() throws(BTFError) {
    var walks = Walks(self)
    let limit = 64 * words.count + 1 << 22
    var total = 0
    for id in ids {
      total += walks.count(id, isBehindPointer: false)
      guard total <= limit else { throw .damaged(.tooManyWalks(id: id)) }
    }
  }
}

/// The number of paths from a type down to all of its parts.
private struct Walks {
  private let btf: BTFSpec
  /// As values and after pointers; 0 if not counted yet.
  private var known: [Int]

  init(_ btf: BTFSpec) {
    self.btf = btf
    known = [Int](repeating: 0, count: 2 * btf.count)
  }

  /// Recursion is limited by `BTFSpec.maximumNesting`.
  mutating func count(_ id: TypeID, isBehindPointer: Bool) -> Int {
    let node = 2 * id.index + (isBehindPointer ? 1 : 0)
    if known[node] > 0 { return known[node] }
    // Small enough that a sum of 65,536 does not overflow.
    known[node] = min(1 + parts(id, isBehindPointer), 1 << 40)
    return known[node]
  }

  private mutating func parts(_ id: TypeID, _ isBehindPointer: Bool) -> Int {
    switch btf.kind(id) {
    case .structure, .union:
      isBehindPointer ? 0 : sum(btf.vlen(id), false) { $0.member(id, $1).type }
    case .array: count(btf.element(id), isBehindPointer: isBehindPointer)
    case .pointer: count(btf.target(id), isBehindPointer: true)
    case .const, .volatile, .restrict, .typedef, .typeTag, .variable, .function:
      count(btf.target(id), isBehindPointer: isBehindPointer)
    case .functionPrototype:
      count(btf.target(id), isBehindPointer: true) + sum(btf.vlen(id), true) { $0.parameter(id, $1).type }
    case .void, .int, .enumeration, .forward, .dataSection, .float, .declarationTag, .enumeration64: 0
    }
  }

  private mutating func sum(_ parts: Int, _ isBehindPointer: Bool, _ part: (BTFSpec, Int) -> TypeID) -> Int {
    var total = 0
    for index in 0..<parts { total += count(part(btf, index), isBehindPointer: isBehindPointer) }
    return total
  }
}
