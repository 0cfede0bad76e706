/// Why valid objects do not link. `other` is the path of the input that conflicts with the named one.
package enum LinkFault: Hashable, Sendable {
  /// Both define the symbol, and neither definition is weak.
  case duplicateDefinition(symbol: String, other: String)
  /// The name is a function in one of them and a variable in the other.
  case differentKinds(symbol: String, kind: SymbolKind, other: String, otherKind: SymbolKind)
  /// Their types differ: `here` and `there` are the declarations. `part` names the member that differs if the
  /// declarations look the same.
  case differentTypes(symbol: String, here: String, there: String, part: String, other: String)
  /// Both have the map, and an attribute (`max_entries`, `key`, ...) differs.
  case differentMaps(symbol: String, attribute: String, other: String)
  /// It is a map in one of them, and an ordinary variable in the other.
  case mapAndVariable(symbol: String, other: String)
  /// The kernel provides it: for one of them as a symbol (`.ksyms`), for the other as a setting (`.kconfig`).
  case differentProviders(symbol: String, here: String, there: String, other: String)
  /// The kernel provides it for one of them (`.ksyms`, `.kconfig`), and the other defines it.
  case providedByKernel(symbol: String, section: String, other: String)
  /// Both have the section, and an attribute of it (type, flags, entry size) differs.
  case differentSections(section: String, attribute: String, other: String)
  /// The section of all inputs together has 2 GiB or more.
  case sectionTooLarge(String)
  /// Both have the section, which must be the same in all inputs, and its bytes differ.
  case differentContent(section: String, other: String)
  /// The symbol is global, and the BTF does not describe it.
  case untypedSymbol(String)
  /// The BTF describes a variable that the symbol table does not have.
  case missingSymbol(variable: String, section: String)
  /// A section of a type that BPF objects do not have.
  case unsupportedSection(String, type: UInt32)
  /// A relocation of a type that the linker cannot move.
  case unsupportedRelocation(section: String, type: UInt32)
  /// More variables in one section than BTF can list.
  case tooManyVariables(section: String)
  /// The `.BTF.ext` records of the objects have different sizes.
  case recordSizes(other: String)
}

/// The kind of an object's global symbol.
package enum SymbolKind: Hashable, Sendable {
  case function, variable
}

/// A link error, with the input in which it occurred.
package struct LinkError: Error, Hashable, Sendable {
  package let path: String
  package let error: ObjectError
}
