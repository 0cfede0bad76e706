import BPF
import ELF

extension MalformedObject {
  private typealias Section = ELFEditor.Section
  private typealias Symbol = ELFEditor.Symbol

  private static func table(_ what: String, _ field: ELFEditor.Field, _ value: UInt64, _ fault: ELFFault)
    -> MalformedObject
  {
    MalformedObject(what, fault) { $0.section(".symtab", field, value) }
  }

  private static func changed(
    _ what: String, _ symbol: String, _ field: ELFEditor.Field, _ value: UInt64, _ fault: ELFFault
  ) -> MalformedObject { MalformedObject(what, fault) { $0.symbol(symbol, field, value) } }

  static let symbols: [MalformedObject] = [
    table("symbols of no bytes", Section.entrySize, 0, .entrySize(section: 15, entrySize: 0, size: 240)),
    table("symbols of 16 bytes", Section.entrySize, 16, .entrySize(section: 15, entrySize: 16, size: 240)),
    table("half a symbol", Section.size, 228, .entrySize(section: 15, entrySize: 24, size: 228)),
    table("no symbols", Section.size, 0, .entrySize(section: 15, entrySize: 24, size: 0)),
    table("symbol names in no section", Section.link, 0, .sectionLink(section: 15, link: 0)),
    table("symbol names in a section that does not exist", Section.link, 18, .sectionLink(section: 15, link: 18)),
    table("symbol names in the largest section", Section.link, .max, .sectionLink(section: 15, link: .max)),
    table("symbol names in a program", Section.link, 2, .sectionLink(section: 15, link: 2)),
    table("symbol names in the symbol table", Section.link, 15, .sectionLink(section: 15, link: 15)),
    MalformedObject("symbol names that do not end", .stringTable(section: 16)) {
      let size = $0.number(Section.size, at: $0.header(16))
      $0.byte(".strtab", at: size - 1, 0x61)
    },
    MalformedObject("no symbol names", .stringTable(section: 16)) { $0.section(".strtab", Section.size, 0) },
    changed("a symbol name outside of the names", "prog", Symbol.name, 999, .symbolName(index: 2, nameOffset: 999)),
    changed("a symbol name at the largest offset", "lru", Symbol.name, .max, .symbolName(index: 4, nameOffset: .max)),
    changed(
      "a symbol of a section that does not exist", "prog", Symbol.section, 18, .symbolSection(index: 2, section: 18)),
    changed("a symbol of the last section", "prog", Symbol.section, 0xfeff, .symbolSection(index: 2, section: 0xfeff)),
    changed("a symbol of an escape", "prog", Symbol.section, 0xffff, .symbolSection(index: 2, section: 0xffff)),
    changed("a section's symbol of no section", "CONFIG_HZ", Symbol.info, 3, .symbolSection(index: 9, section: 0)),
    changed(
      "a program that begins behind its section", "prog", Symbol.value, 64,
      .symbolRange(index: 2, value: 64, size: 64, section: 2)),
    changed(
      "a program that ends behind its section", "prog", Symbol.size, 72,
      .symbolRange(index: 2, value: 0, size: 72, section: 2)),
    changed(
      "a program before its section", "prog", Symbol.value, .max - 7,
      .symbolRange(index: 2, value: .max - 7, size: 64, section: 2)),
    changed(
      "a variable whose end is no number", "data_v", Symbol.size, .max,
      .symbolRange(index: 5, value: 0, size: .max, section: 5)),
    changed(
      "a program between two instructions", "helper", Symbol.size, 12, .functionRange(symbol: 1, value: 0, size: 12)),
    MalformedObject("a program of nothing", .refused(.elf(.unsizedFunction("prog")))) {
      $0.symbol("prog", Symbol.size, 0)
    },
    changed("a program that ends within an instruction", "prog", Symbol.size, 40, .cutInstruction(symbol: 2)),
  ]
}
