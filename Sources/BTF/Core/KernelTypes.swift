/// The names that some objects look up in a kernel's BTF.
package struct KernelNames: Sendable {
  /// Essential names of the types in relocations.
  package var types: Set<String> = []
  package var functions: Set<String> = []
  package var variables: Set<String> = []
  package var typedefs: Set<String> = []
  package var structures: Set<String> = []

  package init() {}

  package mutating func formUnion(_ other: KernelNames) {
    types.formUnion(other.types)
    functions.formUnion(other.functions)
    variables.formUnion(other.variables)
    typedefs.formUnion(other.typedefs)
    structures.formUnion(other.structures)
  }
}

/// A kernel's BTF, with the requested names looked up once for all objects. O(types).
package struct KernelTypes: Sendable {
  package let btf: BTFSpec
  let pointerSize: UInt32
  let types: [String: [TypeID]]
  package let functions: [String: TypeID]
  package let variables: [String: TypeID]
  package let typedefs: [String: TypeID]
  package let structures: [String: TypeID]
  /// The functions that are tagged as callable by programs, if any are.
  private let callable: TypeSet?

  package init(_ btf: BTFSpec, asked names: KernelNames) {
    self.btf = btf
    pointerSize = btf.longSize ?? BTFSpec.pointerSize
    types = btf.ids(essentialNames: names.types)
    functions = btf.firstIDs(named: names.functions, of: .function)
    variables = btf.firstIDs(named: names.variables, of: .variable)
    typedefs = btf.firstIDs(named: names.typedefs, of: .typedef)
    structures = btf.firstIDs(named: names.structures, of: .structure)
    let tagged = names.functions.isEmpty ? [] : Kfuncs.tagged(btf)
    callable = tagged.isEmpty ? nil : TypeSet(tagged)
  }
}

extension KernelTypes {
  /// The names of an enumeration's enumerators; empty if the kernel does not have the enumeration.
  package func enumerators(of name: String) -> Set<String> {
    guard let type = types[name]?.first(where: { btf.kind($0).isEnumeration }) else { return [] }
    return Set((0..<btf.vlen(type)).map { btf.string(at: btf.enumerator(type, $0).nameOffset) })
  }

  /// Whether programs may call a function; `nil` if the BTF has no tags.
  package func mayCall(_ function: TypeID) -> Bool? {
    callable?.contains(function)
  }
}

extension CoreResolver {
  /// Whether the program's declaration is compatible with the kernel's type. Source: libbpf,
  /// `bpf_core_types_are_compat`.
  package static func areCompatible(_ type: TypeID, _ local: BTFSpec, _ other: TypeID, _ kernel: BTFSpec) -> Bool {
    var comparison = CoreTypeComparison(local, kernel, maximumSteps: 1 << 16)
    let (ours, theirs) = (local.skippingModifiersAndTypedefs(type), kernel.skippingModifiersAndTypedefs(other))
    return (try? comparison.areCompatible(ours, theirs)) ?? false
  }
}
