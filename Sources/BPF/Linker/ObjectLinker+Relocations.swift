internal import Bytes
internal import ELF

extension ObjectLinker {
  mutating func addRelocations(
    of input: LinkInput, _ placements: [LinkedSections.Placement?], _ numbers: [Int]
  ) throws(ObjectError) {
    for section in input.elf.sections where section.type == ELFFormat.relocations && section.isLinked {
      guard let target = placements[Int(section.info)], !target.isDuplicate else { continue }
      guard section.name == ".rel" + input.elf.sections[Int(section.info)].name else {
        throw fault(.unsupportedSection(section.name, type: section.type))
      }
      let placed = try place(section, of: input)
      sections[placed.section].content!.target = target.section
      for number in 0..<section.size / ELFFormat.relocationSize {
        try move(
          Relocation(input.elf, at: section.offset + number * ELFFormat.relocationSize), to: target,
          at: placed.offset + number * ELFFormat.relocationSize, in: placed.section, of: input, placements, numbers)
      }
    }
  }

  /// Writes a relocation as it is in the linked object, and moves what it is relative to.
  private mutating func move(
    _ relocation: Relocation, to target: LinkedSections.Placement, at offset: Int, in section: Int, of input: LinkInput,
    _ placements: [LinkedSections.Placement?], _ numbers: [Int]
  ) throws(ObjectError) {
    let at = relocation.offset + UInt64(target.offset)
    sections[section].content!.bytes.store(at, at: offset)
    sections[section].content!.bytes.store(
      UInt64(numbers[relocation.symbol]) << 32 | UInt64(relocation.type), at: offset + 8)
    let symbol = input.elf.symbol(relocation.symbol)!
    guard symbol.type == ELFFormat.sectionSymbol, let moved = placements[Int(symbol.section)] else { return }
    let isMoved = sections[target.section].content!.add(
      moved.offset, at: Int(at), relocation.type, isCode: sections[target.section].isCode)
    guard isMoved else {
      throw fault(.unsupportedRelocation(section: sections[target.section].name, type: relocation.type))
    }
  }
}
