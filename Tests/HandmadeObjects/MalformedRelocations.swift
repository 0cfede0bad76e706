import ELF

extension MalformedObject {
  private typealias Section = ELFEditor.Section
  private typealias Relocation = ELFEditor.Relocation

  private static func table(_ what: String, _ field: ELFEditor.Field, _ value: UInt64, _ fault: ELFFault)
    -> MalformedObject
  {
    MalformedObject(what, fault) { $0.section(".relraw_tp", field, value) }
  }

  private static func changed(_ what: String, _ field: ELFEditor.Field, _ value: UInt64, _ fault: ELFFault)
    -> MalformedObject
  { MalformedObject(what, fault) { $0.relocation(1, in: ".relraw_tp", field, value) } }

  static let relocations: [MalformedObject] = [
    table("relocations of no bytes", Section.entrySize, 0, .entrySize(section: 11, entrySize: 0, size: 64)),
    table("relocations of 24 bytes", Section.entrySize, 24, .entrySize(section: 11, entrySize: 24, size: 64)),
    table("half a relocation", Section.size, 56, .entrySize(section: 11, entrySize: 16, size: 56)),
    table("relocations with addends", Section.type, 4, .entrySize(section: 11, entrySize: 16, size: 64)),
    table("no symbols for them", Section.link, 0, .sectionLink(section: 11, link: 0)),
    table("symbols in a string table", Section.link, 16, .sectionLink(section: 11, link: 16)),
    table("relocations of nothing", Section.info, 0, .sectionInfo(section: 11, info: 0)),
    table("relocations of a section that does not exist", Section.info, 18, .sectionInfo(section: 11, info: 18)),
    table("relocations of the largest section", Section.info, .max, .sectionInfo(section: 11, info: .max)),
    table("relocations of themselves", Section.info, 11, .sectionInfo(section: 11, info: 11)),
    table("relocations of the symbol table", Section.info, 15, .sectionInfo(section: 11, info: 15)),
    table("relocations of a string table", Section.info, 16, .sectionInfo(section: 11, info: 16)),
    changed(
      "a symbol that does not exist", Relocation.symbol, 10, .relocationSymbol(section: 11, index: 1, symbol: 10)),
    changed("the largest symbol", Relocation.symbol, .max, .relocationSymbol(section: 11, index: 1, symbol: .max)),
    changed(
      "an offset behind the program", Relocation.offset, 64, .relocationOffset(section: 11, index: 1, offset: 64)),
    changed(
      "an offset at the program's end", Relocation.offset, 62, .relocationOffset(section: 11, index: 1, offset: 62)),
    changed("the largest offset", Relocation.offset, .max, .relocationOffset(section: 11, index: 1, offset: .max)),
    MalformedObject("a type that nobody has defined", .read) {
      $0.relocation(0, in: ".relraw_tp", Relocation.type, 99)
    },
  ]
}
