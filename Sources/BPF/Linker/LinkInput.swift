/// An object that is to be linked, checked and in this machine's byte order.
struct LinkInput {
  /// Its number among the inputs.
  let number: Int
  let elf: ELFFile
  let btf: BTF?
  /// The first section of each name.
  private let sections: [String: Int]
  private let declarations: [ByteName: Declarations]

  /// What the BTF says of a global symbol.
  struct Declaration {
    let type: UInt32
    /// The data section that lists it; `nil` for one that is in none.
    let section: UInt32?
  }

  /// The variable and the function of one name that are not the object's own. Of several, one that a data section lists.
  private struct Declarations {
    var variable: Declaration?
    var function: Declaration?

    mutating func take(_ declaration: Declaration, isFunction: Bool) {
      if isFunction { Declarations.take(declaration, &function) } else { Declarations.take(declaration, &variable) }
    }

    private static func take(_ declaration: Declaration, _ known: inout Declaration?) {
      if known?.section == nil { known = declaration }
    }
  }

  /// Reads and checks an object, as for a header.
  init(_ elf: ELFFile, number: Int) throws(ObjectError) {
    self.number = number
    self.elf = elf
    try elf.checkLinkable()
    btf = try BTF(of: elf)
    try btf?.checkPlaces(in: elf)
    try btf?.checkMerging()
    sections = Dictionary(elf.sections.enumerated().map { ($1.name, $0) }) { first, _ in first }
    declarations = btf.map(LinkInput.declarations) ?? [:]
  }

  private static func declarations(_ btf: BTF) -> [ByteName: Declarations] {
    var listed: [UInt32: UInt32] = [:]
    for section in btf.ids(of: .dataSection) {
      for index in 0..<btf.vlen(section) { listed[btf.sectionVariable(section, index).variable] = section }
    }
    var declarations: [ByteName: Declarations] = [:]
    for id in 1..<UInt32(max(1, btf.count)) where btf.isGlobal(id) {
      declarations[btf.byteName(id), default: Declarations()]
        .take(Declaration(type: id, section: listed[id]), isFunction: btf.kind(id) == .function)
    }
    return declarations
  }

  /// What the BTF says of a symbol.
  func declaration(of name: ByteName, _ symbol: ELFFile.Symbol) -> Declaration? {
    guard let named = declarations[name] else { return nil }
    if symbol.section > 0 { return symbol.type == ELF.functionSymbol ? named.function : named.variable }
    return named.variable ?? named.function
  }

  /// The first section of a name.
  func section(named name: String) -> Int? { sections[name] }
}

extension BTF {
  /// Whether a type is a variable or a function that other objects can name.
  func isGlobal(_ id: UInt32) -> Bool { linkage(of: id).map { $0 != .static } ?? false }

  func byteName(_ id: UInt32) -> ByteName { byteString(at: word(id, 0)) }

  func byteString(at offset: UInt32) -> ByteName {
    let start = Int(offset)
    return ByteName(strings[start..<strings[start...].firstIndex(of: 0)!])
  }
}

extension ELFFile {
  /// The symbols' names, as bytes.
  func symbolName(_ symbol: Symbol) -> ByteName {
    let names = sections[Int(sections[symbolTable!].link)]
    let start = names.offset + Int(symbol.nameOffset)
    let end = reader.bytes[start..<names.offset + names.size].firstIndex(of: 0)!
    return ByteName(reader.bytes[start..<end])
  }
}
