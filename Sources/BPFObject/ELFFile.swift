/// The structure of an ELF file, checked: every range lies inside the file, every index names something.
///
/// libelf and libbpf trust much of what is checked here (libbpf's maintainers say that malformed objects are not their
/// aim), so no object reaches them before this has read it whole.
///
/// Source: the ELF-64 object file format; the checks follow what libbpf 1.1's `bpf_object__elf_collect`,
/// `bpf_object__add_programs` and `linker_sanity_check_elf` go on to use.
struct ELFFile {
  struct Section: Hashable {
    let name: String
    let type: UInt32
    let flags: UInt64
    let offset: Int
    let size: Int
    let link: UInt32
    let info: UInt32
    let alignment: UInt64
    let entrySize: UInt64

    /// DWARF or relocations of it; `.zdebug_` is how GNU tools once named it compressed.
    var isDebug: Bool {
      let target = name.dropFirst(name.hasPrefix(".rela.") ? 5 : name.hasPrefix(".rel.") ? 4 : 0)
      return target.hasPrefix(".debug_") || target.hasPrefix(".zdebug_")
    }

    /// Whether relocations count in what it was before. libbpf reads no such section.
    var isCompressedDebug: Bool {
      let isMarked = flags & ELF.compressed != 0 || name.hasPrefix(".zdebug_")
      return isDebug && isMarked && flags & ELF.executable == 0
    }
  }

  struct Symbol: Hashable {
    let nameOffset: UInt32
    let info: UInt8
    let section: UInt16
    let value: UInt64
    let size: UInt64

    var type: UInt8 { info & 15 }
    var binding: UInt8 { info >> 4 }
  }

  let reader: ByteReader
  let sections: [Section]
  /// The index of the symbol table, when there is one.
  let symbolTable: Int?

  var byteOrder: ByteOrder { reader.order }

  func section(named name: String) -> Section? { sections.first { $0.name == name } }

  func bytes(of section: Section) -> ArraySlice<UInt8> {
    section.type == ELF.noBits ? [] : reader.bytes[section.offset..<section.offset + section.size]
  }
}

/// The numbers of the ELF format that a BPF object uses. Source: elf.h.
enum ELF {
  static let headerSize = 64
  static let sectionHeaderSize = 64
  static let symbolSize = 24
  static let relocatable: UInt16 = 1
  static let bpf: UInt16 = 247
  static let programBits: UInt32 = 1
  static let symbolTable: UInt32 = 2
  static let stringTable: UInt32 = 3
  static let relocationsWithAddend: UInt32 = 4
  static let noBits: UInt32 = 8
  static let relocations: UInt32 = 9
  static let executable: UInt64 = 4
  static let compressed: UInt64 = 0x800
  static let reservedSections: UInt16 = 0xff00
  static let extendedSection: UInt16 = 0xffff
  static let instructionSize = 8
  static let sectionSymbol: UInt8 = 3
}

extension ELFFile {
  /// Reads and checks an object. O(sections + symbols + relocations).
  init(_ bytes: [UInt8]) throws(ObjectError) {
    let reader = try ELFFile.checkedReader(bytes)
    let type = reader.load(UInt16.self, at: 16)!
    let machine = reader.load(UInt16.self, at: 18)!
    guard machine == ELF.bpf || machine == 0 else { throw .notBPF(.machine(machine)) }
    guard type == ELF.relocatable else { throw .notBPF(.type(type)) }

    let sections = try ELFFile.readSections(reader)
    var symbolTable: Int?
    for (index, section) in sections.enumerated() where section.type == ELF.symbolTable {
      guard symbolTable == nil else { throw .damagedELF(.secondSymbolTable(section: index)) }
      symbolTable = index
    }
    self.init(reader: reader, sections: sections, symbolTable: symbolTable)
    try checkUniqueSections()
    for (index, section) in sections.enumerated()
    where section.flags & ELF.executable != 0 && section.size % ELF.instructionSize != 0 {
      throw .damagedELF(.programSize(section: index, size: UInt64(section.size)))
    }
    try checkSymbols()
    for (index, section) in sections.enumerated()
    where section.type == ELF.relocations || section.type == ELF.relocationsWithAddend {
      try checkRelocations(index, section)
    }
  }

  /// The bytes of a section of any 64-bit ELF file, the kernel or a module of it; `nil` when there is none.
  ///
  /// Only the section table is checked: this is for who hands on the section alone. O(sections).
  static func section(named name: String, ofAny bytes: [UInt8]) throws(ObjectError) -> ([UInt8], ByteOrder)? {
    let reader = try checkedReader(bytes)
    guard let section = try readSections(reader).first(where: { $0.name == name }) else { return nil }
    guard section.type != ELF.noBits else { throw .damagedELF(.noBytes(section: name)) }
    return (Array(bytes[section.offset..<section.offset + section.size]), reader.order)
  }

  private static func checkedReader(_ bytes: [UInt8]) throws(ObjectError) -> ByteReader {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
    guard bytes.count >= ELF.headerSize else { throw .damagedELF(.truncatedHeader(fileBytes: bytes.count)) }
    guard bytes[4] == 2 else { throw .notBPF(.elfClass(bytes[4])) }
    guard bytes[5] == 1 || bytes[5] == 2 else { throw .notBPF(.byteOrder(bytes[5])) }
    return ByteReader(bytes: bytes, order: bytes[5] == 1 ? .little : .big)
  }

  private static func readSections(_ reader: ByteReader) throws(ObjectError) -> [Section] {
    let fileBytes = reader.bytes.count
    let tableOffset = reader.load(UInt64.self, at: 40)!
    let entrySize = reader.load(UInt16.self, at: 58)!
    let count = Int(reader.load(UInt16.self, at: 60)!)
    let namesIndex = Int(reader.load(UInt16.self, at: 62)!)
    guard tableOffset != 0 || count != 0 else { throw .damagedELF(.noSections) }
    guard count > 0, entrySize == ELF.sectionHeaderSize, tableOffset <= fileBytes,
      count * ELF.sectionHeaderSize <= fileBytes - Int(tableOffset)
    else {
      throw .damagedELF(
        .sectionTable(offset: tableOffset, count: count, entrySize: entrySize, fileBytes: fileBytes))
    }
    guard namesIndex > 0, namesIndex < count else { throw .damagedELF(.sectionNames(index: namesIndex)) }

    func header(_ index: Int) -> Int { Int(tableOffset) + index * ELF.sectionHeaderSize }
    let namesAt = Int(truncatingIfNeeded: reader.load(UInt64.self, at: header(namesIndex) + 24)!)
    let namesSize = Int(truncatingIfNeeded: reader.load(UInt64.self, at: header(namesIndex) + 32)!)
    guard reader.load(UInt32.self, at: header(namesIndex) + 4)! == ELF.stringTable, namesAt >= 0, namesSize > 0,
      namesAt <= fileBytes, namesSize <= fileBytes - namesAt
    else { throw .damagedELF(.sectionNames(index: namesIndex)) }

    var sections: [Section] = []
    sections.reserveCapacity(count)
    for index in 0..<count {
      let at = header(index)
      let nameOffset = reader.load(UInt32.self, at: at)!
      guard nameOffset < namesSize, let name = reader.text(at: namesAt + Int(nameOffset), end: namesAt + namesSize)
      else { throw .damagedELF(.sectionName(section: index, nameOffset: nameOffset)) }
      let type = reader.load(UInt32.self, at: at + 4)!
      let offset = reader.load(UInt64.self, at: at + 24)!
      let size = reader.load(UInt64.self, at: at + 32)!
      let takesRoom = type != ELF.noBits && type != 0
      // A section without bytes in the file (.bss) is still allocated by libbpf, as a map: 4 GB is BTF's own limit.
      guard takesRoom ? offset <= fileBytes && size <= fileBytes - Int(offset) : size <= UInt32.max else {
        throw .damagedELF(.sectionRange(section: index, offset: offset, size: size, fileBytes: fileBytes))
      }
      let alignment = reader.load(UInt64.self, at: at + 48)!
      guard alignment & (alignment &- 1) == 0, alignment <= 1 << 31 else {
        throw .damagedELF(.sectionAlignment(section: index, alignment: alignment))
      }
      sections.append(
        Section(
          name: name, type: type, flags: reader.load(UInt64.self, at: at + 8)!,
          offset: takesRoom ? Int(offset) : 0, size: type == 0 ? 0 : Int(size),
          link: reader.load(UInt32.self, at: at + 40)!, info: reader.load(UInt32.self, at: at + 44)!,
          alignment: alignment, entrySize: reader.load(UInt64.self, at: at + 56)!))
    }
    return sections
  }

  /// Names by which libbpf finds a section must be found once.
  private func checkUniqueSections() throws(ObjectError) {
    for name in [".BTF", ".BTF.ext", ".maps", "license", "version"] {
      if section(named: name)?.type == ELF.noBits { throw .damagedELF(.noBytes(section: name)) }
      guard sections.count(where: { $0.name == name }) <= 1 else { throw .damagedELF(.duplicateSection(name: name)) }
    }
  }

  func symbol(_ index: Int) -> Symbol? {
    guard let symbolTable else { return nil }
    let at = sections[symbolTable].offset + index * ELF.symbolSize
    return Symbol(
      nameOffset: reader.load(UInt32.self, at: at)!, info: reader.load(UInt8.self, at: at + 4)!,
      section: reader.load(UInt16.self, at: at + 6)!, value: reader.load(UInt64.self, at: at + 8)!,
      size: reader.load(UInt64.self, at: at + 16)!)
  }

  var symbolCount: Int { symbolTable.map { sections[$0].size / ELF.symbolSize } ?? 0 }

  private func checkSymbols() throws(ObjectError) {
    guard let symbolTable else { return }
    let table = sections[symbolTable]
    guard table.entrySize == ELF.symbolSize, table.size % ELF.symbolSize == 0, table.size > 0 else {
      throw .damagedELF(.entrySize(section: symbolTable, entrySize: table.entrySize, size: UInt64(table.size)))
    }
    guard table.link < sections.count, sections[Int(table.link)].type == ELF.stringTable else {
      throw .damagedELF(.sectionLink(section: symbolTable, link: table.link))
    }
    let names = sections[Int(table.link)]
    guard names.size > 0, reader.bytes[names.offset + names.size - 1] == 0 else {
      throw .damagedELF(.stringTable(section: Int(table.link)))
    }
    for index in 0..<symbolCount {
      let symbol = symbol(index)!
      // libbpf 1.1's linker writes through a null pointer for a section's symbol that is in no section.
      guard symbol.type != ELF.sectionSymbol || (symbol.section > 0 && symbol.section < ELF.reservedSections) else {
        throw .damagedELF(.symbolSection(index: index, section: symbol.section))
      }
      guard symbol.nameOffset < names.size else {
        throw .damagedELF(.symbolName(index: index, nameOffset: symbol.nameOffset))
      }
      if symbol.section >= ELF.reservedSections {
        guard symbol.section != ELF.extendedSection else {
          throw .damagedELF(.symbolSection(index: index, section: symbol.section))
        }
        continue
      }
      guard symbol.section < sections.count else {
        throw .damagedELF(.symbolSection(index: index, section: symbol.section))
      }
      if symbol.section == 0 { continue }
      let (end, overflow) = symbol.value.addingReportingOverflow(symbol.size)
      guard !overflow, end <= UInt64(sections[Int(symbol.section)].size) else {
        throw .damagedELF(
          .symbolRange(index: index, value: symbol.value, size: symbol.size, section: Int(symbol.section)))
      }
    }
  }

  private func checkRelocations(_ index: Int, _ section: Section) throws(ObjectError) {
    let entry = section.type == ELF.relocations ? 16 : 24
    guard section.entrySize == entry, section.size % entry == 0 else {
      throw .damagedELF(.entrySize(section: index, entrySize: section.entrySize, size: UInt64(section.size)))
    }
    guard let symbolTable, section.link == symbolTable else {
      throw .damagedELF(.sectionLink(section: index, link: section.link))
    }
    guard section.info > 0, section.info < sections.count else {
      throw .damagedELF(.sectionInfo(section: index, info: section.info))
    }
    let target = sections[Int(section.info)]
    let symbols = UInt32(symbolCount)
    for number in 0..<section.size / entry {
      let at = section.offset + number * entry
      let offset = reader.load(UInt64.self, at: at)!
      let symbol = UInt32(truncatingIfNeeded: reader.load(UInt64.self, at: at + 8)! >> 32)
      guard symbol < symbols else {
        throw .damagedELF(.relocationSymbol(section: index, index: number, symbol: symbol))
      }
      // The smallest field that a BPF relocation changes has four bytes (R_BPF_64_NODYLD32).
      guard target.isCompressedDebug || offset <= UInt64(target.size) && UInt64(target.size) - offset >= 4 else {
        throw .damagedELF(.relocationOffset(section: index, index: number, offset: offset))
      }
    }
  }
}
