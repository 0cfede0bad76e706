/// Makes one thing wrong in an object that is sound: a field of the header, of a section, of a symbol or of a relocation, or a
/// word of a section's bytes.
struct ELFEditor {
  /// A field of a record: where it begins, and how many bytes it has.
  struct Field {
    let at: Int
    let size: Int
  }

  /// Of the ELF header. Source: elf.h.
  enum Header {
    static let elfClass = Field(at: 4, size: 1)
    static let byteOrder = Field(at: 5, size: 1)
    static let identVersion = Field(at: 6, size: 1)
    static let type = Field(at: 16, size: 2)
    static let machine = Field(at: 18, size: 2)
    static let version = Field(at: 20, size: 4)
    static let entry = Field(at: 24, size: 8)
    static let programHeaders = Field(at: 32, size: 8)
    static let sectionTable = Field(at: 40, size: 8)
    static let flags = Field(at: 48, size: 4)
    static let headerSize = Field(at: 52, size: 2)
    static let programHeaderCount = Field(at: 56, size: 2)
    static let sectionEntrySize = Field(at: 58, size: 2)
    static let sectionCount = Field(at: 60, size: 2)
    static let sectionNames = Field(at: 62, size: 2)
  }

  enum Section {
    static let name = Field(at: 0, size: 4)
    static let type = Field(at: 4, size: 4)
    static let flags = Field(at: 8, size: 8)
    static let address = Field(at: 16, size: 8)
    static let offset = Field(at: 24, size: 8)
    static let size = Field(at: 32, size: 8)
    static let link = Field(at: 40, size: 4)
    static let info = Field(at: 44, size: 4)
    static let alignment = Field(at: 48, size: 8)
    static let entrySize = Field(at: 56, size: 8)
  }

  enum Symbol {
    static let name = Field(at: 0, size: 4)
    static let info = Field(at: 4, size: 1)
    static let section = Field(at: 6, size: 2)
    static let value = Field(at: 8, size: 8)
    static let size = Field(at: 16, size: 8)
  }

  enum Relocation {
    static let offset = Field(at: 0, size: 8)
    static let type = Field(at: 8, size: 4)
    static let symbol = Field(at: 12, size: 4)
  }

  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(_ field: Field, at start: Int = 0) -> Int {
    bytes[start + field.at..<start + field.at + field.size].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func set(_ field: Field, at start: Int = 0, to value: UInt64) {
    for index in 0..<field.size { bytes[start + field.at + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  /// Where a section's header is.
  func header(_ section: Int) -> Int { number(Header.sectionTable) + 64 * section }

  /// The number of the section of a name.
  func section(_ name: String) -> Int {
    let names = number(Section.offset, at: header(number(Header.sectionNames)))
    return (0..<number(Header.sectionCount)).first { index in
      let start = names + number(Section.name, at: header(index))
      return bytes[start...].prefix { $0 != 0 }.elementsEqual(name.utf8)
    }!
  }

  /// Where a section's bytes are.
  func content(_ name: String) -> Int { number(Section.offset, at: header(section(name))) }

  mutating func section(_ name: String, _ field: Field, _ value: UInt64) {
    set(field, at: header(section(name)), to: value)
  }

  /// - Parameter name: of the symbol; the first of those that have it.
  func symbol(_ name: String) -> Int {
    let (table, names) = (content(".symtab"), content(".strtab"))
    return (1..<number(Section.size, at: header(section(".symtab"))) / 24).first { index in
      let start = names + number(Symbol.name, at: table + 24 * index)
      return bytes[start...].prefix { $0 != 0 }.elementsEqual(name.utf8)
    }!
  }

  mutating func symbol(_ name: String, _ field: Field, _ value: UInt64) {
    set(field, at: content(".symtab") + 24 * symbol(name), to: value)
  }

  mutating func relocation(_ number: Int, in section: String, _ field: Field, _ value: UInt64) {
    set(field, at: content(section) + 16 * number, to: value)
  }

  /// Sets a 32-bit word of a section's bytes.
  mutating func word(_ section: String, at offset: Int, _ value: UInt32) {
    set(Field(at: offset, size: 4), at: content(section), to: UInt64(value))
  }

  mutating func byte(_ section: String, at offset: Int, _ value: UInt8) { bytes[content(section) + offset] = value }

  mutating func cut(to length: Int) { bytes = Array(bytes.prefix(length)) }
}
