internal import Bytes
internal import ELF

extension ObjectLinker {
  mutating func addRelocations(
    of input: LinkInput, _ placements: [LinkedSections.Placement?], _ numbers: [Int]
  ) throws(ObjectError) {
    let symbols = input.elf.symbols
    for section in input.elf.sections where section.type == ELFFormat.relocations && section.isLinked {
      guard let target = placements[Int(section.info)], !target.isDuplicate else { continue }
      guard section.name == ".rel" + input.elf.sections[Int(section.info)].name else {
        throw fault(.unsupportedSection(section.name, type: section.type))
      }
      let placed = try place(section, of: input)
      sections[placed.section].content!.target = target.section
      for at in stride(from: 0, to: section.size, by: RelocationEntry.size) {
        let relocation = Relocation(input.elf, at: section.offset + at)
        try move(
          relocation, of: symbols[relocation.symbol], to: target, at: placed.offset + at, in: placed.section,
          placements, numbers)
      }
    }
  }

  /// Writes a relocation as it is in the linked object, and moves what it is relative to.
  private mutating func move(
    _ relocation: Relocation, of symbol: ELFFile.Symbol, to target: LinkedSections.Placement, at offset: Int,
    in section: Int, _ placements: [LinkedSections.Placement?], _ numbers: [Int]
  ) throws(ObjectError) {
    let at = relocation.offset + UInt64(target.offset)
    Relocation(offset: at, symbol: numbers[relocation.symbol], type: relocation.type)
      .write(to: &sections[section].content!.bytes, at: offset)
    guard symbol.type == ELFFormat.sectionSymbol, let moved = placements[Int(symbol.section)] else { return }
    let isMoved = sections[target.section].content!.add(
      moved.offset, at: Int(at), relocation.type, isCode: sections[target.section].isCode)
    guard isMoved else {
      throw fault(.unsupportedRelocation(section: sections[target.section].name, type: relocation.type))
    }
  }
}
