package import Bytes

/// The structure of an ELF file, checked: every range lies inside the file, every index names something.
///
/// libelf and libbpf trust much of what is checked here (libbpf's maintainers say that malformed objects are not their
/// aim), so no object reaches them before this has read it whole.
///
/// Source: the ELF-64 object file format; the checks follow what libbpf 1.1's `bpf_object__elf_collect`,
/// `bpf_object__add_programs` and `linker_sanity_check_elf` go on to use.
package struct ELFFile {
  package struct Section: Hashable {
    package let name: String
    package let type: UInt32
    package let flags: UInt64
    package let offset: Int
    package let size: Int
    package let link: UInt32
    package let info: UInt32
    package let alignment: UInt64
    package let entrySize: UInt64

    /// Whether it is DWARF or relocations of it.
    package let isDebug: Bool

    /// Whether a name, up to its NUL, is that of a section of DWARF or of relocations of one; `.zdebug_` is how GNU tools once
    /// named it compressed.
    package static func isDebug(_ name: ArraySlice<UInt8>) -> Bool {
      debugNames.contains { name.starts(with: $0) }
    }

    private static let debugNames = [".debug_", ".zdebug_"].flatMap { target in
      ["", ".rel", ".rela"].map { Array(($0 + target).utf8) }
    }
  }

  package struct Symbol: Hashable {
    package let nameOffset: UInt32
    package let info: UInt8
    /// The visibility, in the lowest two bits.
    package let other: UInt8
    package let section: UInt16
    package let value: UInt64
    package let size: UInt64

    package var type: UInt8 { info & 15 }
    package var binding: UInt8 { info >> 4 }
    /// Whether other objects can use what it names.
    package var isOffered: Bool { binding != ELFFormat.localBinding && section != 0 }
  }

  package let reader: ByteReader
  package let sections: [Section]
  /// The index of the symbol table, when there is one.
  package let symbolTable: Int?

  package var byteOrder: ByteOrder { reader.order }

  package func section(named name: String) -> Section? { sections.first { $0.name == name } }

  package func bytes(of section: Section) -> ArraySlice<UInt8> {
    section.type == ELFFormat.noBits ? [] : reader.bytes[section.offset..<section.offset + section.size]
  }
}

extension ELFFile {
  /// Reads and checks an object. O(sections + symbols + relocations).
  package init(_ bytes: [UInt8]) throws(ELFError) {
    let reader = try ELFFile.checkedReader(bytes)
    let type = reader.load(UInt16.self, at: 16)!
    let machine = reader.load(UInt16.self, at: 18)!
    guard machine == ELFFormat.bpf || machine == 0 else { throw .notBPF(.machine(machine)) }
    guard type == ELFFormat.relocatable else { throw .notBPF(.type(type)) }

    let sections = try ELFFile.readSections(reader)
    var symbolTable: Int?
    for (index, section) in sections.enumerated() where section.type == ELFFormat.symbolTable {
      guard symbolTable == nil else { throw .damaged(.secondSymbolTable(section: index)) }
      symbolTable = index
    }
    self.init(reader: reader, sections: sections, symbolTable: symbolTable)
    try check()
  }

  /// The bytes of a section of any 64-bit ELF file, the kernel or a module of it; `nil` when there is none.
  ///
  /// Only the section table is checked: this is for who hands on the section alone. O(sections).
  package static func section(named name: String, ofAny bytes: [UInt8]) throws(ELFError) -> ([UInt8], ByteOrder)? {
    let reader = try checkedReader(bytes)
    guard let section = try readSections(reader).first(where: { $0.name == name }) else { return nil }
    guard section.type != ELFFormat.noBits else { throw .damaged(.noBytes(section: name)) }
    return (Array(bytes[section.offset..<section.offset + section.size]), reader.order)
  }

  /// A reader of the bytes after a look at the first of them, the file's header.
  package static func checkedReader(_ bytes: [UInt8]) throws(ELFError) -> ByteReader {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
    guard bytes.count >= ELFFormat.headerSize else { throw .damaged(.truncatedHeader(fileBytes: bytes.count)) }
    guard bytes[4] == 2 else { throw .notBPF(.elfClass(bytes[4])) }
    guard bytes[5] == 1 || bytes[5] == 2 else { throw .notBPF(.byteOrder(bytes[5])) }
    guard bytes[6] == ELFFormat.currentVersion else { throw .notBPF(.version(bytes[6])) }
    return ByteReader(bytes: bytes, order: bytes[5] == 1 ? .little : .big)
  }

  private static func readSections(_ reader: ByteReader) throws(ELFError) -> [Section] {
    let fileBytes = reader.bytes.count
    let tableOffset = reader.load(UInt64.self, at: 40)!
    let entrySize = reader.load(UInt16.self, at: 58)!
    let count = Int(reader.load(UInt16.self, at: 60)!)
    let namesIndex = Int(reader.load(UInt16.self, at: 62)!)
    guard tableOffset != 0 || count != 0 else { throw .damaged(.noSections) }
    guard count > 0, entrySize == ELFFormat.sectionHeaderSize, tableOffset <= fileBytes,
      count * ELFFormat.sectionHeaderSize <= fileBytes - Int(tableOffset)
    else {
      throw .damaged(
        .sectionTable(offset: tableOffset, count: count, entrySize: entrySize, fileBytes: fileBytes))
    }
    guard namesIndex > 0, namesIndex < count else { throw .damaged(.sectionNames(index: namesIndex)) }

    func header(_ index: Int) -> Int { Int(tableOffset) + index * ELFFormat.sectionHeaderSize }
    let namesAt = Int(truncatingIfNeeded: reader.load(UInt64.self, at: header(namesIndex) + 24)!)
    let namesSize = Int(truncatingIfNeeded: reader.load(UInt64.self, at: header(namesIndex) + 32)!)
    guard reader.load(UInt32.self, at: header(namesIndex) + 4)! == ELFFormat.stringTable, namesAt >= 0, namesSize > 0,
      namesAt <= fileBytes, namesSize <= fileBytes - namesAt
    else { throw .damaged(.sectionNames(index: namesIndex)) }

    var sections: [Section] = []
    sections.reserveCapacity(count)
    var nameBytes = 0
    for index in 0..<count {
      let at = header(index)
      let nameOffset = reader.load(UInt32.self, at: at)!
      guard nameOffset < namesSize, let name = reader.text(at: namesAt + Int(nameOffset), end: namesAt + namesSize)
      else { throw .damaged(.sectionName(section: index, nameOffset: nameOffset)) }
      nameBytes += name.utf8.count
      guard nameBytes <= NameLengths.limit(fileBytes) else { throw .damaged(.nameBytes(section: namesIndex)) }
      let type = reader.load(UInt32.self, at: at + 4)!
      let offset = reader.load(UInt64.self, at: at + 24)!
      let size = reader.load(UInt64.self, at: at + 32)!
      let takesRoom = type != ELFFormat.noBits && type != 0
      // A section without bytes in the file (.bss) is still allocated by libbpf, as a map: 4 GB is BTF's own limit.
      guard takesRoom ? offset <= fileBytes && size <= fileBytes - Int(offset) : size <= UInt32.max else {
        throw .damaged(.sectionRange(section: index, offset: offset, size: size, fileBytes: fileBytes))
      }
      let alignment = reader.load(UInt64.self, at: at + 48)!
      guard alignment & (alignment &- 1) == 0, alignment <= 1 << 31 else {
        throw .damaged(.sectionAlignment(section: index, alignment: alignment))
      }
      let isDebug = Section.isDebug(reader.bytes[(namesAt + Int(nameOffset))...])
      sections.append(
        Section(
          name: name, type: type, flags: reader.load(UInt64.self, at: at + 8)!,
          offset: takesRoom ? Int(offset) : 0, size: type == 0 ? 0 : Int(size),
          link: reader.load(UInt32.self, at: at + 40)!, info: reader.load(UInt32.self, at: at + 44)!,
          alignment: alignment, entrySize: reader.load(UInt64.self, at: at + 56)!, isDebug: isDebug))
    }
    return sections
  }

  package func symbol(_ index: Int) -> Symbol? {
    guard let symbolTable else { return nil }
    let at = sections[symbolTable].offset + index * ELFFormat.symbolSize
    return Symbol(
      nameOffset: reader.load(UInt32.self, at: at)!, info: reader.load(UInt8.self, at: at + 4)!,
      other: reader.load(UInt8.self, at: at + 5)!,
      section: reader.load(UInt16.self, at: at + 6)!, value: reader.load(UInt64.self, at: at + 8)!,
      size: reader.load(UInt64.self, at: at + 16)!)
  }

  package var functionCount: Int { (0..<symbolCount).count { symbol($0)!.type == ELFFormat.functionSymbol } }

  package var symbolCount: Int { symbolTable.map { sections[$0].size / ELFFormat.symbolSize } ?? 0 }

  /// The symbols' names, as bytes.
  package func symbolName(_ symbol: Symbol) -> ByteName {
    let names = sections[Int(sections[symbolTable!].link)]
    let start = names.offset + Int(symbol.nameOffset)
    let end = reader.bytes[start..<names.offset + names.size].firstIndex(of: 0)!
    return ByteName(reader.bytes[start..<end])
  }
}
