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

/// A kernel's BTF, or a module's, with what is asked of it, found once for all objects. O(types).
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

  /// - Parameter base: the kernel's, for a module that continues it: what is asked is found among the module's own types.
  package init(_ btf: BTFSpec, base: BTFSpec? = nil, asked names: KernelNames) {
    let first = base?.count ?? 1
    self.btf = btf
    pointerSize = btf.longSize ?? BTFSpec.pointerSize
    types = btf.ids(essentialNames: names.types, from: first)
    functions = btf.firstIDs(named: names.functions, of: .function, from: first)
    variables = btf.firstIDs(named: names.variables, of: .variable, from: first)
    typedefs = btf.firstIDs(named: names.typedefs, of: .typedef, from: first)
    structures = btf.firstIDs(named: names.structures, of: .structure, from: first)
    let tagged = names.functions.isEmpty ? [] : Kfuncs.tagged(btf).filter { $0.index >= first }
    callable = tagged.isEmpty ? nil : TypeSet(tagged)
  }
}

extension KernelTypes {
  /// The names of an enumeration's enumerators; empty if the kernel does not have the enumeration.
  package func enumerators(of name: String) -> Set<String> {
    guard let type = types[name]?.first(where: { btf.kind($0).isEnumeration }) else { return [] }
    return Set((0..<btf.vlen(type)).map { btf.string(at: btf.enumerator(type, $0).nameOffset) })
  }

  /// The names of a struct's members; `nil` if the kernel does not have the struct.
  package func members(of name: String) -> Set<String>? {
    guard let type = types[name]?.first(where: { btf.kind($0) == .structure }) else { return nil }
    return Set((0..<btf.vlen(type)).map { btf.string(at: btf.member(type, $0).nameOffset) })
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
