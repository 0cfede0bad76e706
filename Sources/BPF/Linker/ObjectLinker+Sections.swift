internal import BTF
internal import ELF

extension ObjectLinker {
  /// Where each of the input's sections came to be; `nil` for those that the linked object does not have.
  mutating func placeSections(of input: LinkInput) throws(ObjectError) -> [LinkedSections.Placement?] {
    var placements = [LinkedSections.Placement?](repeating: nil, count: input.elf.sections.count)
    for (index, section) in input.elf.sections.enumerated() where section.isLinked {
      switch section.type {
      case ELFFormat.programBits, ELFFormat.noBits: placements[index] = try place(section, of: input)
      case ELFFormat.relocations: continue
      default: throw fault(.unsupportedSection(section.name, type: section.type))
      }
    }
    // Sections of declarations are in the BTF alone.
    if let btf = input.btf {
      for id in btf.ids(of: .dataSection) where btf.name(id) != ELFFormat.plainExterns {
        _ = sections.named(btf.name(id), from: input.number)
      }
    }
    return placements
  }

  mutating func place(
    _ section: ELFFile.Section, of input: LinkInput
  ) throws(ObjectError) -> LinkedSections.Placement {
    do throws(SectionMismatch) {
      return try sections.place(section, of: input.elf, from: input.number, strings: &names)
    } catch {
      let other = paths[error.origin]
      switch error.difference {
      case .content: throw fault(.differentContent(section: section.name, other: other))
      case .size: throw fault(.sectionTooLarge(section.name))
      case .attribute(let attribute):
        throw fault(.differentSections(section: section.name, attribute: attribute, other: other))
      }
    }
  }
}
