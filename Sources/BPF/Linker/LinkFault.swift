/// Why objects that are sound by themselves do not link. `other` is the path of the input that the named one conflicts with.
package enum LinkFault: Hashable, Sendable {
  /// Both define the symbol, and neither definition is weak.
  case duplicateDefinition(symbol: String, other: String)
  /// One has a function of the name, the other a variable.
  case differentKinds(symbol: String, kind: SymbolKind, other: String, otherKind: SymbolKind)
  /// Both have it, of types that do not agree: `here` and `there` are the declarations. `part` names the member that differs
  /// where the declarations look the same.
  case differentTypes(symbol: String, here: String, there: String, part: String, other: String)
  /// Both have the map, and the attribute (`max_entries`, `key`, ...) differs.
  case differentMaps(symbol: String, attribute: String, other: String)
  /// It is a map in one of them, and another variable in the other.
  case mapAndVariable(symbol: String, other: String)
  /// The kernel provides it, for one of them as a symbol (`.ksyms`) and for the other as a setting (`.kconfig`).
  case differentProviders(symbol: String, here: String, there: String, other: String)
  /// The kernel provides it for one of them (`.ksyms`, `.kconfig`), and the other defines it.
  case providedByKernel(symbol: String, section: String, other: String)
  /// Both have the section, and an attribute of it (type, flags, entry size) differs.
  case differentSections(section: String, attribute: String, other: String)
  /// Of all inputs together the section has 2 GiB or more.
  case sectionTooLarge(String)
  /// Both have the section, of which the linked object has one, and its bytes differ.
  case differentContent(section: String, other: String)
  /// The symbol is global, and the BTF does not describe it.
  case untypedSymbol(String)
  /// The BTF describes a variable that the symbol table does not have.
  case missingSymbol(variable: String, section: String)
  /// A section of a type that no BPF object has.
  case unsupportedSection(String, type: UInt32)
  /// A relocation of a type that cannot be moved.
  case unsupportedRelocation(section: String, type: UInt32)
  /// More variables in one section than BTF can list.
  case tooManyVariables(section: String)
  /// The objects' `.BTF.ext` records have different sizes.
  case recordSizes(other: String)
}

/// What a global symbol of an object is.
package enum SymbolKind: Hashable, Sendable {
  case function, variable
}

/// An error of linking, with the input that it is about.
package struct LinkError: Error, Hashable, Sendable {
  package let path: String
  package let error: ObjectError
}
