/// An object that is to be linked, checked and in this machine's byte order.
struct LinkInput {
  /// Its number among the inputs.
  let number: Int
  let elf: ELFFile
  let btf: BTF?
  /// The variables and functions that are not the object's own, by name.
  let declarations: [ByteName: [Declaration]]

  /// What the BTF says of a global symbol.
  struct Declaration {
    let type: UInt32
    /// The data section that lists it; `nil` for a function that is in none.
    var section: UInt32?
    /// Where that section lists it.
    var index: Int?
  }

  /// Reads and checks an object, as for a header.
  init(_ elf: ELFFile, number: Int) throws(ObjectError) {
    self.number = number
    self.elf = elf
    try elf.checkLinkable()
    btf = try BTF(of: elf)
    try btf?.checkSharedSections(of: elf)
    try btf?.checkMerging()
    declarations = btf.map(LinkInput.declarations) ?? [:]
  }

  private static func declarations(_ btf: BTF) -> [ByteName: [Declaration]] {
    var listed: [UInt32: (section: UInt32, index: Int)] = [:]
    for section in btf.ids(of: .dataSection) {
      for index in 0..<btf.vlen(section) { listed[btf.sectionVariable(section, index).variable] = (section, index) }
    }
    var declarations: [ByteName: [Declaration]] = [:]
    for id in 1..<UInt32(max(1, btf.count)) where btf.isGlobal(id) {
      let place = listed[id]
      declarations[btf.byteName(id), default: []]
        .append(Declaration(type: id, section: place?.section, index: place?.index))
    }
    return declarations
  }

  /// What the BTF says of a symbol. Of several declarations of one name, one that a data section lists, of the symbol's kind.
  func declaration(of name: ByteName, _ symbol: ELFFile.Symbol) -> Declaration? {
    guard let all = declarations[name], let btf else { return nil }
    let suited = all.filter {
      symbol.section == 0 || (btf.kind($0.type) == .function) == (symbol.type == ELF.functionSymbol)
    }
    return suited.first { $0.section != nil } ?? suited.first
  }
}

extension BTF {
  /// The linkage of a variable or function. Source: `enum btf_var_linkage` and `btf_func_linkage`.
  enum Linkage: UInt32 {
    case `static` = 0
    case global, extern
  }

  /// Of a variable or a function.
  func linkage(of id: UInt32) -> Linkage? {
    switch kind(id) {
    case .variable: Linkage(rawValue: linkage(id))
    case .function: Linkage(rawValue: UInt32(vlen(id)))
    default: nil
    }
  }

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
