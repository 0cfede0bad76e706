internal import Bytes

/// Removes debug information from an object: `.debug_*` sections, their relocations, and symbols that only those use.
///
/// libbpf loads the same: programs, maps, BTF and `.BTF.ext` keep their bytes.
package enum DebugStripper {
  /// - Returns: the object without debug sections; the same bytes if it has none. O(bytes).
  /// - Throws: the errors of reading the object.
  package static func strip(_ bytes: [UInt8]) throws(ELFError) -> [UInt8] {
    let elf = try ELFFile(bytes)
    guard elf.sections.contains(where: \.isDebug) else { return bytes }
    return Rewriter(elf).write()
  }

  /// Writes the remaining sections one after the other, and renumbers all references to sections and symbols.
  private struct Rewriter {
    let elf: ELFFile
    /// The new number of each section, `nil` for removed ones.
    var sectionNumbers: [Int?]
    var symbolNumbers: [UInt32?]

    init(_ elf: ELFFile) {
      self.elf = elf
      var next = 0
      sectionNumbers = elf.sections.map { section in
        if section.isDebug { return nil }
        defer { next += 1 }
        return next
      }
      var symbol: UInt32 = 0
      let kept = sectionNumbers
      symbolNumbers = elf.symbols.map { own in
        let section = own.section
        if section < ELFFormat.reservedSections, section > 0, kept[Int(section)] == nil { return nil }
        defer { symbol += 1 }
        return symbol
      }
    }

    func write() -> [UInt8] {
      var output = Array(elf.reader.bytes[..<FileHeader.size])
      var headers: [UInt8] = []
      for (index, section) in elf.sections.enumerated() where sectionNumbers[index] != nil {
        let content = content(section, index)
        let alignment = Int(max(1, min(section.alignment, 4096)))
        if !content.isEmpty {
          output += [UInt8](repeating: 0, count: (alignment - output.count % alignment) % alignment)
        }
        let old = headerOffset(index)
        var header = Array(elf.reader.bytes[old..<old + SectionHeader.size])
        set(SectionHeader.offset, to: UInt64(section.type == 0 ? 0 : output.count), in: &header)
        if section.type != ELFFormat.noBits { set(SectionHeader.byteCount, to: UInt64(content.count), in: &header) }
        set(SectionHeader.link, to: UInt32(renumbered(section.link)), in: &header)
        set(SectionHeader.info, to: info(section, index), in: &header)
        headers += header
        output += content
      }
      output += [UInt8](repeating: 0, count: (8 - output.count % 8) % 8)
      set(FileHeader.sectionTable, to: UInt64(output.count), in: &output)
      set(FileHeader.sectionCount, to: UInt16(headers.count / SectionHeader.size), in: &output)
      let names = Int(elf.reader.load(FileHeader.sectionNames)!)
      set(FileHeader.sectionNames, to: UInt16(sectionNumbers[names] ?? 0), in: &output)
      return output + headers
    }

    private func headerOffset(_ index: Int) -> Int {
      Int(elf.reader.load(FileHeader.sectionTable)!) + index * SectionHeader.size
    }

    private func renumbered(_ section: UInt32) -> Int {
      Int(section) < sectionNumbers.count ? sectionNumbers[Int(section)] ?? 0 : 0
    }

    private func info(_ section: ELFFile.Section, _ index: Int) -> UInt32 {
      switch section.type {
      case ELFFormat.relocations, ELFFormat.relocationsWithAddend: return UInt32(renumbered(section.info))
      // The number of local symbols, which come first.
      case ELFFormat.symbolTable: return UInt32(symbolNumbers.prefix(Int(section.info)).count { $0 != nil })
      default: return section.info
      }
    }

    private func content(_ section: ELFFile.Section, _ index: Int) -> [UInt8] {
      switch section.type {
      case 0: return []
      case ELFFormat.symbolTable: return symbols(section)
      case ELFFormat.relocations: return relocations(section, entry: RelocationEntry.size)
      case ELFFormat.relocationsWithAddend: return relocations(section, entry: RelocationWithAddendEntry.size)
      default: return Array(elf.bytes(of: section))
      }
    }

    private func symbols(_ section: ELFFile.Section) -> [UInt8] {
      var table: [UInt8] = []
      for (index, symbol) in elf.symbols.enumerated() where symbolNumbers[index] != nil {
        let at = section.offset + index * SymbolEntry.size
        var entry = Array(elf.reader.bytes[at..<at + SymbolEntry.size])
        if symbol.section < ELFFormat.reservedSections {
          set(SymbolEntry.section, to: UInt16(renumbered(UInt32(symbol.section))), in: &entry)
        }
        table += entry
      }
      return table
    }

    private func relocations(_ section: ELFFile.Section, entry size: Int) -> [UInt8] {
      var table = Array(elf.bytes(of: section))
      for at in stride(from: 0, to: table.count, by: size) {
        let old = Relocation(elf, at: section.offset + at)
        let new = Relocation(offset: old.offset, symbol: Int(symbolNumbers[old.symbol] ?? 0), type: old.type)
        set(RelocationEntry.info, at: at, to: new.info, in: &table)
      }
      return table
    }

    private func set<Value>(
      _ field: ELFField<Value>, at start: Int = 0, to value: Value, in bytes: inout [UInt8]
    ) {
      bytes.set(field, at: start, to: value, order: elf.byteOrder)
    }
  }
}
