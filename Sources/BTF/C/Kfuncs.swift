/// The kernel functions that BPF programs may call, according to the tags in a kernel's BTF.
///
/// Source: the kernel's Documentation/bpf/kfuncs.rst and pahole's `--btf_features=decl_tag_kfuncs`: a declaration tag
/// `bpf_kfunc` on the function, and `bpf_fastcall` if a call preserves the registers.
package struct Kfuncs {
  package struct Kfunc {
    package let name: String
    package let prototype: TypeID
    /// Whether a call preserves the caller's scratch registers.
    package let isFast: Bool
  }

  /// One for each name, sorted by the bytes of the names.
  package let all: [Kfunc]

  /// O(types + kfuncs x log kfuncs).
  package init(_ btf: BTFSpec) {
    let tagged = Kfuncs.tagged(btf)
    let fast = TypeSet(Kfuncs.tagged(btf, "bpf_fastcall"))
    var names: Set<String> = []
    all = tagged.sorted().compactMap { id in
      let name = btf.name(id)
      guard CIdentifier.isPlain(name), !Keywords.c.contains(name), names.insert(name).inserted else { return nil }
      return Kfunc(name: name, prototype: btf.target(id), isFast: fast.contains(id))
    }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// The functions with a declaration tag.
  static func tagged(_ btf: BTFSpec, _ tag: String = "bpf_kfunc") -> [TypeID] {
    btf.ids(of: .declarationTag).filter {
      btf.isOfWhole($0) && btf.kind(btf.target($0)) == .function && btf.isString(at: btf.nameOffset($0), tag)
    }.map { btf.target($0) }
  }

  private init(all: [Kfunc]) { self.all = all }

  /// The functions with some names.
  package func named(_ names: Set<String>) -> Kfuncs { Kfuncs(all: all.filter { names.contains($0.name) }) }

  /// The types that a header must define for the prototypes: all named ones, including those after pointers. Ascending.
  package func types(in btf: BTFSpec) -> [TypeID] {
    var seen = TypeSet()
    var pending = all.map(\.prototype)
    while let type = pending.popLast() {
      guard !type.isVoid, seen.insert(type) else { continue }
      switch btf.kind(type) {
      case .pointer, .typedef, .const, .volatile, .restrict, .typeTag: pending.append(btf.target(type))
      case .array: pending.append(btf.element(type))
      case .functionPrototype: pending += [btf.target(type)] + (0..<btf.vlen(type)).map { btf.parameter(type, $0).type }
      case .void, .int, .structure, .union, .enumeration, .forward, .function, .variable, .dataSection, .float,
        .declarationTag, .enumeration64:
        break
      }
    }
    return btf.ids.filter { id in
      guard seen.contains(id) else { return false }
      return switch btf.kind(id) {
      case .structure, .union, .enumeration, .enumeration64, .forward, .typedef: true
      case .void, .int, .pointer, .array, .volatile, .const, .restrict, .function, .functionPrototype, .variable,
        .dataSection, .float, .declarationTag, .typeTag:
        false
      }
    }
  }
}

extension BTFSpec {
  /// Whether a declaration tag applies to the whole type, and not to a member or a parameter.
  fileprivate func isOfWhole(_ tag: TypeID) -> Bool { component(tag) == -1 }
}
