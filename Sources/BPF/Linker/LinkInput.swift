internal import BTF
internal import Bytes
internal import ELF

/// An input of the linker, checked and in this machine's byte order.
struct LinkInput {
  /// Its index among the inputs.
  let number: Int
  let elf: ELFFile
  let btf: BTFSpec?
  /// The first section with each name.
  private let sections: [String: Int]
  private let declarations: [ByteName: Declarations]

  /// A global symbol's declaration in the BTF.
  struct Declaration {
    let type: TypeID
    /// The data section that lists it; `nil` if none does.
    let section: TypeID?
  }

  /// The variable and the function with one name that are not static. If there are several, one that a data section
  /// lists.
  private struct Declarations {
    var variable: Declaration?
    var function: Declaration?

    mutating func add(_ declaration: Declaration, isFunction: Bool) {
      if isFunction { Declarations.add(declaration, &function) } else { Declarations.add(declaration, &variable) }
    }

    private static func add(_ declaration: Declaration, _ known: inout Declaration?) {
      if known?.section == nil { known = declaration }
    }
  }

  /// Reads and checks an object, as for a header.
  init(_ elf: ELFFile, number: Int) throws(ObjectError) {
    self.number = number
    self.elf = elf
    try elf.checkLinkable()
    btf = try ObjectError.ofBTF(try BTFSpec(of: elf))
    try ObjectError.ofBTF(try btf?.checkSymbolSections(in: elf))
    try ObjectError.ofBTF(try btf?.checkMerging())
    sections = Dictionary(elf.sections.enumerated().map { ($1.name, $0) }) { first, _ in first }
    declarations = btf.map(LinkInput.declarations) ?? [:]
  }

  private static func declarations(_ btf: BTFSpec) -> [ByteName: Declarations] {
    var listed = [TypeID?](repeating: nil, count: btf.count)
    for section in btf.ids(of: .dataSection) {
      for index in 0..<btf.vlen(section) { listed[btf.sectionVariable(section, index).variable.index] = section }
    }
    var declarations: [ByteName: Declarations] = [:]
    for id in btf.ids where btf.isGlobal(id) {
      declarations[btf.byteName(id), default: Declarations()]
        .add(Declaration(type: id, section: listed[id.index]), isFunction: btf.kind(id) == .function)
    }
    return declarations
  }

  /// A symbol's declaration in the BTF.
  func declaration(of name: ByteName, _ symbol: ELFFile.Symbol) -> Declaration? {
    guard let named = declarations[name] else { return nil }
    if symbol.section > 0 { return symbol.type == ELFFormat.functionSymbol ? named.function : named.variable }
    return named.variable ?? named.function
  }

  /// The first section with a name.
  func section(named name: String) -> Int? { sections[name] }
}

extension ELFFile {
  /// Refuses symbols defined in something other than bytes that the linker moves: they would be undefined, or at a
  /// wrong offset, in the linked object.
  func checkLinkable() throws(ObjectError) {
    try ObjectError.ofELF(try checkSymbolTable())
    // Checked before the symbols: gcc's intermediate code has common symbols, and -fno-common would not help.
    if section(named: ".BTF") == nil, symbols.contains(where: \.isOffered) {
      throw .btf(.missing(missingBTF))
    }
    try ObjectError.ofELF(try checkSectionlessSymbols(absoluteToo: true))
    try ObjectError.ofELF(try checkSectionNames())
    for (index, symbol) in symbols.enumerated().dropFirst() {
      let isSpecial = symbol.section >= ELFFormat.reservedSections
      guard symbol.section > 0, symbol.binding != ELFFormat.localBinding || !isSpecial else { continue }
      guard !isSpecial, !ELFFile.notRelocated.contains(sections[Int(symbol.section)].type) else {
        throw .elf(.damaged(.symbolSection(index: index, section: symbol.section)))
      }
    }
  }
}

extension ELFFile.Section {
  /// Whether the section is copied to the linked object. Debug information, which libbpf does not load, is omitted;
  /// tables of names and symbols, and BTF, are written for the whole object.
  var isLinked: Bool {
    switch type {
    case 0, ELFFormat.symbolTable, ELFFormat.stringTable, ELFFormat.addressSignificance: return false
    case ELFFormat.programBits where name == ".text" && size == 0: return false
    default: return !isDebug && ![".BTF", ".BTF.ext"].contains(relocated ?? name)
    }
  }

  /// The name of the section to which a relocation section applies.
  private var relocated: String? {
    guard type == ELFFormat.relocations || type == ELFFormat.relocationsWithAddend else { return nil }
    return String(name.dropFirst(type == ELFFormat.relocations ? ".rel".count : ".rela".count))
  }
}

extension LinkInput {
  /// The variables in sections for which the linked object has another input's copy.
  func typesInSharedSections(_ placements: [LinkedSections.Placement?]) -> TypeSet {
    guard let btf else { return TypeSet() }
    let shared = Set(zip(elf.sections, placements).filter { $0.1?.isDuplicate ?? false }.map(\.0.name))
    guard !shared.isEmpty else { return TypeSet() }
    var types = TypeSet()
    for section in btf.ids(of: .dataSection) where shared.contains(btf.name(section)) {
      for index in 0..<btf.vlen(section) { types.insert(btf.sectionVariable(section, index).variable) }
    }
    for tag in btf.ids(of: .declarationTag) where types.contains(btf.target(tag)) { types.insert(tag) }
    return types
  }
}
