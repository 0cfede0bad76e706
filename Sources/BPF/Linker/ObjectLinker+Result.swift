internal import BTF
internal import Bytes
internal import ELF

extension ObjectLinker {
  /// The linked object's bytes, in this machine's byte order.
  consuming func finish() throws(ObjectError) -> [UInt8] {
    symbols.bindGlobals()
    for global in symbols.globals {
      if let type = global.type { types.setLinkage(type, global.definition == nil ? .extern : .global) }
    }
    let btf = try mergedTypes()
    var writer = ELFWriter(.bpf)
    let table = symbols.table { sections[$0].content?.number ?? 0 }
    let others = sections.all.filter { $0.content != nil }.sorted { $0.content!.number < $1.content!.number }
    var added: [ELFWriter.Section] = []
    for (name, bytes) in [(".BTF", btf?.types), (".BTF.ext", btf?.records)] {
      guard let bytes else { continue }
      added.append(
        ELFWriter.Section(
          name: names.offset(of: ByteName(name)), type: ELFFormat.programBits, bytes: bytes, alignment: 8))
    }
    writer.sections = [
      ELFWriter.Section(
        name: names.offset(of: ByteName(".strtab")), type: ELFFormat.stringTable, flags: ELFFormat.strings,
        bytes: names.bytes),
      ELFWriter.Section(
        name: names.offset(of: ByteName(".symtab")), type: ELFFormat.symbolTable, bytes: table, link: 1, alignment: 8,
        entrySize: UInt64(SymbolEntry.size)),
    ]
    for section in others { writer.sections.append(written(section)) }
    writer.sections += added
    return writer.bytes()
  }

  private mutating func written(_ section: LinkedSections.Section) -> ELFWriter.Section {
    let content = section.content!
    let isRelocations = content.type == ELFFormat.relocations
    let unused = content.target.map { sections[$0].unused } ?? []
    return ELFWriter.Section(
      name: names.offset(of: ByteName(section.name)), type: content.type, flags: content.flags,
      bytes: content.bytes.withoutRelocations(of: unused),
      moreBytes: content.type == ELFFormat.noBits ? content.size : 0, link: isRelocations ? 2 : 0,
      info: UInt32(content.target.map { sections[$0].content!.number } ?? 0), alignment: content.alignment,
      entrySize: content.entrySize)
  }

  private mutating func mergedTypes() throws(ObjectError) -> (types: [UInt8], records: [UInt8]?)? {
    guard types.count > 1 else { return nil }
    for (index, section) in sections.all.enumerated() where section.isTyped {
      let entries = section.variables.enumerated().filter { number, entry in
        entry.global.map { symbols[global: $0].entry.map { $0 == (index, number) } ?? false } ?? true
      }
      // All that was declared in the section is defined in others.
      if section.content == nil && entries.isEmpty { continue }
      guard entries.count <= BTFSpec.maximumParts else { throw fault(.tooManyVariables(section: section.name)) }
      types.appendSection(section.name, size: section.content?.size ?? 0, entries.map(\.element))
    }
    let records = sections.takeRecords(recordSizes, &types)
    return try exchange(&types, with: LinkedTypes()).merged(records: records)
  }
}
