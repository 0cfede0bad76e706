internal import BTF
internal import Bytes
internal import ELF

/// A link in progress, to which inputs are added one after the other.
///
/// Sections with the same name are concatenated, symbols are resolved (`LinkedSymbols`), types and `.BTF.ext` records
/// are collected, and at the end libbpf merges the types. Where libbpf's linker is correct, the output is byte for byte
/// the same: sections, symbols, names and types are in libbpf's order. The differences:
///
/// - A symbol that is only declared is undefined in the result, whatever section it is declared in. libbpf's linker
///   defines it at offset 0 if the inputs have that section.
/// - Whether a definition is weak depends on the definition only. libbpf's linker makes it strong if any input declares
///   it without `__weak`.
/// - A definition may be in another section than a weak definition or a declaration.
///
/// One pass over each input: O(bytes + symbols + types). It is not copyable, because a copy would keep alive the memory
/// that `finish` releases piece by piece.
/// the link drops piece by piece would stay in memory.
struct ObjectLinker: ~Copyable {
  var paths: [String] = []
  var sections = LinkedSections()
  var symbols = LinkedSymbols()
  var names = StringTable()
  var types = LinkedTypes()
  var recordSizes = BTFRecordSizes()
  /// The variables and functions that the current input defines and that are already in the linked object's BTF, with
  /// their ids there and in the input's BTF.
  var redefined: [(kind: SymbolKind, type: TypeID, definition: TypeID)] = []

  init() {
    for name in [".strtab", ".symtab"] { _ = names.offset(of: ByteName(name)) }
  }

  /// - Parameters:
  ///   - elf: an object in this machine's byte order.
  ///   - path: its path, for messages about it and later inputs.
  mutating func add(_ elf: ELFFile, path: String) throws(ObjectError) {
    let input = try LinkInput(elf, number: paths.count)
    paths.append(path)
    let placements = try placeSections(of: input)
    let numbers = try addSymbols(of: input, placements)
    try addRelocations(of: input, placements, numbers)
    guard let btf = input.btf else { return }
    let globals = globals(of: btf)
    var types = addTypes(of: btf, globals, input, placements)
    try addVariables(of: btf, globals, input, placements, types.ids)
    try addRecords(of: input, placements, &types)
  }

  func fault(_ fault: LinkFault) -> ObjectError { .link(fault) }
}

// MARK: Sections

extension ObjectLinker {
  /// The position of each of the input's sections; `nil` for omitted ones.
  mutating func placeSections(of input: LinkInput) throws(ObjectError) -> [LinkedSections.Placement?] {
    var placements = [LinkedSections.Placement?](repeating: nil, count: input.elf.sections.count)
    for (index, section) in input.elf.sections.enumerated() where section.isLinked {
      switch section.type {
      case ELFFormat.programBits, ELFFormat.noBits: placements[index] = try append(section, of: input)
      case ELFFormat.relocations: continue
      default: throw fault(.unsupportedSection(section.name, type: section.type))
      }
    }
    // Sections of declarations exist only in the BTF.
    if let btf = input.btf {
      for id in btf.ids(of: .dataSection) where btf.name(id) != ELFFormat.plainExterns {
        _ = sections.named(btf.name(id), from: input.number)
      }
    }
    return placements
  }

  mutating func append(
    _ section: ELFFile.Section, of input: LinkInput
  ) throws(ObjectError) -> LinkedSections.Placement {
    do throws(SectionMismatch) {
      return try sections.append(section, of: input.elf, from: input.number, strings: &names)
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

// MARK: Relocations

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
      let placement = try append(section, of: input)
      sections[placement.section].content!.target = target.section
      for at in stride(from: 0, to: section.size, by: RelocationEntry.size) {
        let relocation = Relocation(input.elf, at: section.offset + at)
        try move(
          relocation, of: symbols[relocation.symbol], to: target, at: placement.offset + at, in: placement.section,
          placements, numbers)
      }
    }
  }

  /// Writes a relocation of the linked object, and adjusts the field that it applies to.
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

// MARK: The linked object

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
      // Everything that was declared in the section is defined in others.
      if section.content == nil && entries.isEmpty { continue }
      guard entries.count <= BTFSpec.maximumParts else { throw fault(.tooManyVariables(section: section.name)) }
      types.appendSection(section.name, size: section.content?.size ?? 0, entries.map(\.element))
    }
    let records = sections.takeRecords(recordSizes, &types)
    return try exchange(&types, with: LinkedTypes()).merged(records: records)
  }
}

extension [UInt8] {
  /// A relocation section without the relocations in unused definitions. libbpf looks up the map, or the struct_ops
  /// variable, that contains a relocation, and fails if there is none. O(relocations x log definitions).
  func withoutRelocations(of unused: [Range<UInt64>]) -> [UInt8] {
    if unused.isEmpty { return self }
    let ranges = unused.sorted { $0.lowerBound < $1.lowerBound }
    let kept = stride(from: 0, to: count, by: RelocationEntry.size).filter { at in
      let offset = Relocation.offset(in: self, at: at)
      var (low, high) = (0, ranges.count)
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
      }
      return low == 0 || !ranges[low - 1].contains(offset)
    }
    return kept.flatMap { self[$0..<$0 + RelocationEntry.size] }
  }
}
