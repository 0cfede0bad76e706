/// The names that some objects ask a kernel's BTF for.
package struct KernelNames: Sendable {
  /// Essential names of types that relocations are of.
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

/// A kernel's BTF with what is asked of it, found once for all objects. O(types).
package struct KernelTypes: Sendable {
  package let btf: BTFSpec
  let pointerSize: UInt32
  let types: [String: [TypeID]]
  package let functions: [String: TypeID]
  package let variables: [String: TypeID]
  package let typedefs: [String: TypeID]
  package let structures: [String: TypeID]
  /// The functions that are marked as callable by programs, where any is.
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
  /// The names of an enumeration's enumerators; empty when the kernel does not have it.
  package func enumerators(of name: String) -> Set<String> {
    guard let type = types[name]?.first(where: { btf.kind($0).isEnumeration }) else { return [] }
    return Set((0..<btf.vlen(type)).map { btf.string(at: btf.enumerator(type, $0).nameOffset) })
  }

  /// Whether programs may call a function; `nil` where the BTF does not say it of any.
  package func mayCall(_ function: TypeID) -> Bool? {
    callable?.contains(function)
  }
}

extension CoreResolver {
  /// Whether what the program declares may stand for what the kernel has. Source: libbpf, `bpf_core_types_are_compat`.
  package static func areCompatible(_ type: TypeID, _ local: BTFSpec, _ other: TypeID, _ kernel: BTFSpec) -> Bool {
    var comparison = CoreTypeComparison(local, kernel, maximumSteps: 1 << 16)
    let (ours, theirs) = (local.skippingModifiersAndTypedefs(type), kernel.skippingModifiersAndTypedefs(other))
    return (try? comparison.areCompatible(ours, theirs)) ?? false
  }
}
