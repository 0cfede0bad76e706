internal import ELF

/// What the sources of BPF objects use of a kernel's types, as far as the objects reveal it.
///
/// An object's BTF contains the types of its variables, maps and functions, and every type whose members it relocates
/// (CO-RE). Enumerators and the names of plain integers leave no trace in an object, so all of them count as used.
package struct TypeUses: Sendable {
  /// Names of tags and typedefs; flavors are the program's own.
  private var composites: Set<String> = []
  private var typedefs: Set<String> = []
  /// Functions that are declared and not defined: kernel functions, or another object's.
  package private(set) var functions: Set<String> = []

  package init() {}

  /// - Parameter object: the whole ELF file.
  package mutating func add(object: [UInt8]) throws(BTFError) {
    let elf = try BTFError.ofELF(try ELFFile(object))
    guard let btf = try BTFSpec(of: elf) else { throw .missing(elf.missingBTF) }
    for id in btf.ids {
      switch btf.kind(id) {
      case .structure, .union: composites.insert(CoreMatcher.essential(btf.name(id)))
      case .typedef: typedefs.insert(btf.name(id))
      case .function: if btf.linkage(of: id) == .extern { functions.insert(CoreMatcher.essential(btf.name(id))) }
      case .void, .int, .pointer, .array, .enumeration, .forward, .volatile, .const, .restrict, .functionPrototype,
        .variable, .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
        break
      }
    }
  }

  /// The used types of a kernel, without those that only its functions use.
  package func ids(in kernel: BTFSpec) -> Set<TypeID> {
    Set(
      kernel.ids.lazy.filter { id in
        switch kernel.kind(id) {
        case .enumeration, .enumeration64: true
        case .structure, .union: composites.contains(kernel.name(id))
        case .typedef:
          typedefs.contains(kernel.name(id)) || !kernel.kind(kernel.skippingModifiersAndTypedefs(id)).isComposite
        case .void, .int, .pointer, .array, .forward, .volatile, .const, .restrict, .function, .functionPrototype,
          .variable, .dataSection, .float, .declarationTag, .typeTag:
          false
        }
      })
  }
}
