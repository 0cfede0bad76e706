package import Bytes

/// The structure of an ELF file, checked: every range is inside the file, and every index is valid.
///
/// libelf and libbpf do not check much of this (libbpf's maintainers consider malformed objects out of scope), so no
/// object is passed to them before this type has read all of it.
///
/// Source: the ELF-64 object file format; the checks follow what libbpf 1.1's `bpf_object__elf_collect`,
/// `bpf_object__add_programs` and `linker_sanity_check_elf` use.
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

    /// Whether it contains DWARF or relocations of DWARF.
    package let isDebug: Bool

    /// Whether a name, up to its NUL, is that of a section with DWARF or its relocations; GNU tools once used
    /// `.zdebug_` for compressed DWARF.
    package static func isDebug(_ name: ArraySlice<UInt8>) -> Bool {
      debugNames.contains { name.starts(with: $0) }
    }

    private static let debugNames = [".debug_", ".zdebug_"].flatMap { target in
      ["", ".rel", ".rela"].map { Array(($0 + target).utf8) }
    }
  }

  package let reader: ByteReader
  package let sections: [Section]
  /// The index of the symbol table, if there is one.
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
    let type = reader.load(FileHeader.type)!
    let machine = reader.load(FileHeader.machine)!
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

  /// The bytes of a section of any 64-bit ELF file, a kernel or a module; `nil` if there is none.
  ///
  /// Checks the section table only, for callers that need nothing but this section. O(sections).
  package static func section(named name: String, ofAny bytes: [UInt8]) throws(ELFError) -> ([UInt8], ByteOrder)? {
    let reader = try checkedReader(bytes)
    guard let section = try readSections(reader).first(where: { $0.name == name }) else { return nil }
    guard section.type != ELFFormat.noBits else { throw .damaged(.noBytes(section: name)) }
    return (Array(bytes[section.offset..<section.offset + section.size]), reader.order)
  }

  /// A reader of the bytes, after checking the file header.
  package static func checkedReader(_ bytes: [UInt8]) throws(ELFError) -> ByteReader {
    guard !bytes.isEmpty else { throw .empty }
    guard bytes.starts(with: FileHeader.magic) else { throw .notELF }
    guard bytes.count >= FileHeader.size else { throw .damaged(.truncatedHeader(fileBytes: bytes.count)) }
    let elfClass = bytes.load(FileHeader.elfClass)
    guard elfClass == ELFFormat.class64 else { throw .notBPF(.elfClass(elfClass)) }
    let number = bytes.load(FileHeader.byteOrder)
    guard let order = ELFFormat.byteOrder(number) else { throw .notBPF(.byteOrder(number)) }
    let version = bytes.load(FileHeader.identVersion)
    guard version == ELFFormat.currentVersion else { throw .notBPF(.version(version)) }
    return ByteReader(bytes: bytes, order: order)
  }

  private static func readSections(_ reader: ByteReader) throws(ELFError) -> [Section] {
    let fileBytes = reader.bytes.count
    let tableOffset = reader.load(FileHeader.sectionTable)!
    let entrySize = reader.load(FileHeader.sectionHeaderSize)!
    let count = Int(reader.load(FileHeader.sectionCount)!)
    let namesIndex = Int(reader.load(FileHeader.sectionNames)!)
    guard tableOffset != 0 || count != 0 else { throw .damaged(.noSections) }
    guard count > 0, entrySize == SectionHeader.size, tableOffset <= fileBytes,
      count * SectionHeader.size <= fileBytes - Int(tableOffset)
    else {
      throw .damaged(
        .sectionTable(offset: tableOffset, count: count, entrySize: entrySize, fileBytes: fileBytes))
    }
    guard namesIndex > 0, namesIndex < count else { throw .damaged(.sectionNames(index: namesIndex)) }

    func header(_ index: Int) -> Int { Int(tableOffset) + index * SectionHeader.size }
    let namesAt = Int(truncatingIfNeeded: reader.load(SectionHeader.offset, at: header(namesIndex))!)
    let namesSize = Int(truncatingIfNeeded: reader.load(SectionHeader.byteCount, at: header(namesIndex))!)
    guard reader.load(SectionHeader.type, at: header(namesIndex))! == ELFFormat.stringTable, namesAt >= 0,
      namesSize > 0,
      namesAt <= fileBytes, namesSize <= fileBytes - namesAt
    else { throw .damaged(.sectionNames(index: namesIndex)) }

    var sections: [Section] = []
    sections.reserveCapacity(count)
    var nameBytes = 0
    for index in 0..<count {
      let at = header(index)
      let nameOffset = reader.load(SectionHeader.name, at: at)!
      guard nameOffset < namesSize, let name = reader.text(at: namesAt + Int(nameOffset), end: namesAt + namesSize)
      else { throw .damaged(.sectionName(section: index, nameOffset: nameOffset)) }
      nameBytes += name.utf8.count
      guard nameBytes <= NameLengths.limit(fileBytes) else { throw .damaged(.nameBytes(section: namesIndex)) }
      let type = reader.load(SectionHeader.type, at: at)!
      let offset = reader.load(SectionHeader.offset, at: at)!
      let size = reader.load(SectionHeader.byteCount, at: at)!
      let hasFileBytes = type != ELFFormat.noBits && type != 0
      // libbpf allocates sections without bytes (.bss) too, as maps. The limit is BTF's own, 4 GB.
      guard hasFileBytes ? offset <= fileBytes && size <= fileBytes - Int(offset) : size <= UInt32.max else {
        throw .damaged(.sectionRange(section: index, offset: offset, size: size, fileBytes: fileBytes))
      }
      let alignment = reader.load(SectionHeader.alignment, at: at)!
      guard alignment & (alignment &- 1) == 0, alignment <= 1 << 31 else {
        throw .damaged(.sectionAlignment(section: index, alignment: alignment))
      }
      let isDebug = Section.isDebug(reader.bytes[(namesAt + Int(nameOffset))...])
      sections.append(
        Section(
          name: name, type: type, flags: reader.load(SectionHeader.flags, at: at)!,
          offset: hasFileBytes ? Int(offset) : 0, size: type == 0 ? 0 : Int(size),
          link: reader.load(SectionHeader.link, at: at)!, info: reader.load(SectionHeader.info, at: at)!,
          alignment: alignment, entrySize: reader.load(SectionHeader.entrySize, at: at)!, isDebug: isDebug))
    }
    return sections
  }
}
