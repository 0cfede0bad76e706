internal import Bytes

/// Checks what libbpf and libelf assume about an ELF file.
extension ELFFile {
  /// Sections that libbpf looks up by name.
  private static let soughtSections = [".BTF", ".BTF.ext", ".maps", "license", "version"]

  /// O(sections + symbols + relocations).
  func check() throws(ELFError) {
    try checkSoughtSections()
    for (index, section) in sections.enumerated() { try check(section, index) }
    try checkSymbols()
    try checkSoughtNames()
    try checkFunctions()
    for (index, section) in sections.enumerated()
    where section.type == ELFFormat.relocations || section.type == ELFFormat.relocationsWithAddend {
      try checkRelocations(index, section)
    }
  }

  private func checkSoughtSections() throws(ELFError) {
    for name in ELFFile.soughtSections {
      guard let section = section(named: name) else { continue }
      if section.type == ELFFormat.noBits { throw .damaged(.noBytes(section: name)) }
      guard section.type == ELFFormat.programBits else {
        throw .damaged(.sectionType(section: name, type: section.type))
      }
    }
  }

  private func checkSoughtNames() throws(ELFError) {
    for name in ELFFile.soughtSections where sections.count(where: { $0.name == name }) > 1 {
      // Variables in one SEC() make two sections if only some of them are const.
      try checkSectionNames()
      throw .damaged(.duplicateSection(name: name))
    }
  }

  private func check(_ section: Section, _ index: Int) throws(ELFError) {
    if section.flags & ELFFormat.executable != 0 {
      // A link changes instructions in these sections only; libbpf reads instructions from other sections too.
      guard section.type == ELFFormat.programBits else {
        throw .damaged(.sectionType(section: section.name, type: section.type))
      }
      guard section.size % ELFFormat.instructionSize == 0 else {
        throw .damaged(.programSize(section: index, size: UInt64(section.size)))
      }
    }
    if let entry = ELFFormat.tableEntrySize(of: section.type), section.size % entry != 0 {
      throw .damaged(.entrySize(section: index, entrySize: section.entrySize, size: UInt64(section.size)))
    }
    guard section.flags & ELFFormat.compressed == 0 || section.isDebug else {
      throw .damaged(.compressed(section: section.name))
    }
  }

  private func checkSymbols() throws(ELFError) {
    guard let symbolTable else { return }
    let table = sections[symbolTable]
    guard table.entrySize == SymbolEntry.size, table.size % SymbolEntry.size == 0, table.size > 0 else {
      throw .damaged(.entrySize(section: symbolTable, entrySize: table.entrySize, size: UInt64(table.size)))
    }
    guard table.link < sections.count, sections[Int(table.link)].type == ELFFormat.stringTable else {
      throw .damaged(.sectionLink(section: symbolTable, link: table.link))
    }
    let names = sections[Int(table.link)]
    guard names.size > 0, reader.bytes[names.offset + names.size - 1] == 0 else {
      throw .damaged(.stringTable(section: Int(table.link)))
    }
    var lengths = NameLengths(bytes(of: names), entryBytes: SymbolEntry.size, fileBytes: reader.bytes.count)
    for (index, symbol) in symbols.enumerated() {
      // The linker moves relocations that use the symbol of an input section.
      guard
        symbol.type != ELFFormat.sectionSymbol || (symbol.section > 0 && symbol.section < ELFFormat.reservedSections)
      else {
        throw .damaged(.symbolSection(index: index, section: symbol.section))
      }
      guard symbol.nameOffset < names.size else {
        throw .damaged(.symbolName(index: index, nameOffset: symbol.nameOffset))
      }
      guard lengths.areBounded || lengths.add(symbol.nameOffset) else {
        throw .damaged(.nameBytes(section: Int(table.link)))
      }
      if symbol.section >= ELFFormat.reservedSections {
        guard symbol.section != ELFFormat.extendedSection else {
          throw .damaged(.symbolSection(index: index, section: symbol.section))
        }
        continue
      }
      guard symbol.section < sections.count else {
        throw .damaged(.symbolSection(index: index, section: symbol.section))
      }
      if symbol.section == 0 { continue }
      let (end, overflow) = symbol.value.addingReportingOverflow(symbol.size)
      guard !overflow, end <= UInt64(sections[Int(symbol.section)].size) else {
        throw .damaged(
          .symbolRange(index: index, value: symbol.value, size: symbol.size, section: Int(symbol.section)))
      }
    }
  }

  /// Types of sections that a linker creates itself: relocations do not apply to them, and symbols are not defined in
  /// them.
  package static let notRelocated: [UInt32] = [
    0, ELFFormat.symbolTable, ELFFormat.stringTable, ELFFormat.relocations, ELFFormat.relocationsWithAddend,
  ]

  private func checkRelocations(_ index: Int, _ section: Section) throws(ELFError) {
    let entry = section.type == ELFFormat.relocations ? RelocationEntry.size : RelocationWithAddendEntry.size
    guard section.entrySize == entry, section.size % entry == 0 else {
      throw .damaged(.entrySize(section: index, entrySize: section.entrySize, size: UInt64(section.size)))
    }
    guard let symbolTable, section.link == symbolTable else {
      throw .damaged(.sectionLink(section: index, link: section.link))
    }
    guard section.info > 0, section.info < sections.count else {
      throw .damaged(.sectionInfo(section: index, info: section.info))
    }
    let target = sections[Int(section.info)]
    guard !ELFFile.notRelocated.contains(target.type) else {
      throw .damaged(.sectionInfo(section: index, info: section.info))
    }
    // Nothing reads the relocations of debug information, of which there are tens of thousands.
    if section.isDebug, target.flags & ELFFormat.executable == 0 { return }
    guard let number = firstWrongRelocation(section, entry: entry, target) else { return }
    let relocation = Relocation(self, at: section.offset + number * entry)
    guard relocation.symbol < symbols.count else {
      throw .damaged(
        .relocationSymbol(section: index, index: number, symbol: UInt32(truncatingIfNeeded: relocation.symbol)))
    }
    throw .damaged(.relocationOffset(section: index, index: number, offset: relocation.offset))
  }

  /// The number of the first relocation whose symbol or offset is invalid.
  private func firstWrongRelocation(_ section: Section, entry size: Int, _ target: Section) -> Int? {
    let (symbols, end) = (symbols.count, UInt64(target.size))
    return unsafe reader.bytes.withUnsafeBytes { file in
      (0..<section.size / size).first { number in
        let at = section.offset + number * size
        var offset = unsafe file.loadUnaligned(fromByteOffset: at + RelocationEntry.offset.offset, as: UInt64.self)
        var info = unsafe file.loadUnaligned(fromByteOffset: at + RelocationEntry.info.offset, as: UInt64.self)
        if reader.order != ByteOrder.host { (offset, info) = (offset.byteSwapped, info.byteSwapped) }
        // The smallest field that a BPF relocation changes is four bytes (R_BPF_64_NODYLD32).
        let isInside = offset <= end && end - offset >= 4
        return info >> 32 >= symbols || !isInside
      }
    }
  }
}

extension ELFFile {
  /// libbpf looks up the symbol table first, and crashed without one before 0.5. Readers that only need types do not
  /// need it.
  package func checkSymbolTable() throws(ELFError) {
    guard symbolTable != nil else { throw .noSymbolTable }
  }

  /// Checks that functions begin and end between instructions: libbpf writes to the second half of an instruction with
  /// a relocation. Source: `bpf_object__relocate_data`.
  private func checkFunctions() throws(ELFError) {
    for (index, symbol) in symbols.enumerated() {
      guard symbol.type == ELFFormat.functionSymbol, symbol.section > 0, symbol.section < ELFFormat.reservedSections
      else {
        continue
      }
      let section = sections[Int(symbol.section)]
      guard section.flags & ELFFormat.executable != 0 else { continue }
      let (at, size) = (Int(symbol.value), Int(symbol.size))
      guard size > 0 else { throw .unsizedFunction(name(of: symbol).text) }
      guard at % ELFFormat.instructionSize == 0, size % ELFFormat.instructionSize == 0 else {
        throw .damaged(.functionRange(symbol: index, value: symbol.value, size: symbol.size))
      }
      let last = section.offset + at + size - ELFFormat.instructionSize
      guard reader.bytes[last] != ELFFile.loadOf64Bits else { throw .damaged(.cutInstruction(symbol: index)) }
    }
  }

  /// The only operation that takes two instruction slots; the second slot has the operation 0. Source: linux/bpf.h.
  private static let loadOf64Bits: UInt8 = 0x18
}
