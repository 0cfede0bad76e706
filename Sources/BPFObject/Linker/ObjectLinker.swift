/// A link in progress: takes one input after the other.
///
/// Sections of one name are appended to one another, symbols are resolved (`LinkedSymbols`), types and `.BTF.ext` records
/// are collected, and at the end libbpf merges the types. What libbpf's linker links right comes out as libbpf's, byte for
/// byte: sections, symbols, names and types are in the order in which it would have them. What differs:
///
/// - A symbol that is only declared is undefined in the result, whatever section it is declared in. libbpf's linker defines
///   it at offset 0 of a section that the inputs have.
/// - Whether a definition is weak depends on the definition alone. libbpf's linker makes it strong when any input declares it
///   without `__weak`.
/// - A definition may be in another section than a weak one, or than a declaration says.
///
/// One pass over each input: O(bytes + symbols + types).
struct ObjectLinker {
  private var paths: [String] = []
  private var sections = LinkedSections()
  private var symbols = LinkedSymbols()
  private var names = StringTable()
  private var types = LinkedTypes()
  private var recordSizes = BTFRecordSizes()
  /// What the input that is being added defines, of variables and functions that are in the linked object's BTF already:
  /// their ids there, and in the input's BTF.
  private var redefined: [(kind: SymbolKind, type: UInt32, definition: UInt32)] = []

  init() {
    for name in [".strtab", ".symtab"] { _ = names.offset(of: ByteName(name)) }
  }

  /// - Parameters:
  ///   - elf: an object in this machine's byte order.
  ///   - path: its path, for messages about it and those that follow.
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

  private func fault(_ fault: LinkFault) -> ObjectError { .link(fault) }

  // MARK: Sections

  /// Where each of the input's sections came to be; `nil` for those that the linked object does not have.
  private mutating func placeSections(of input: LinkInput) throws(ObjectError) -> [LinkedSections.Placement?] {
    var placements = [LinkedSections.Placement?](repeating: nil, count: input.elf.sections.count)
    for (index, section) in input.elf.sections.enumerated() where section.isLinked {
      switch section.type {
      case ELF.programBits, ELF.noBits: placements[index] = try place(section, of: input)
      case ELF.relocations: continue
      default: throw fault(.unsupportedSection(section.name, type: section.type))
      }
    }
    // Sections of declarations are in the BTF alone.
    if let btf = input.btf {
      for id in btf.ids(of: .dataSection) where btf.name(id) != ELF.plainExterns {
        _ = sections.named(btf.name(id), from: input.number)
      }
    }
    return placements
  }

  private mutating func place(
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

  // MARK: Symbols

  /// The index in the linked object of each of the input's symbols; 0 for those that it does not have.
  private mutating func addSymbols(
    of input: LinkInput, _ placements: [LinkedSections.Placement?]
  ) throws(ObjectError) -> [Int] {
    var numbers = [Int](repeating: 0, count: input.elf.symbolCount)
    for index in 1..<max(1, input.elf.symbolCount) {
      numbers[index] = try add(input.elf.symbol(index)!, of: input, placements)
    }
    return numbers
  }

  private mutating func add(
    _ own: ELFFile.Symbol, of input: LinkInput, _ placements: [LinkedSections.Placement?]
  ) throws(ObjectError) -> Int {
    let name = input.elf.symbolName(own)
    var symbol = LinkedSymbols.Symbol(
      name: 0, info: own.info, other: own.other, place: .undefined, value: own.value, size: own.size)
    var isFileLocal = own.binding == ELF.localBinding
    if own.section >= ELF.reservedSections {
      symbol.place = .special(own.section)
    } else if own.section > 0 {
      guard let placement = placements[Int(own.section)] else { return 0 }
      if placement.isDuplicate { return numberOfShared(name, in: placement.section) }
      if own.type == ELF.sectionSymbol, let known = sections[placement.section].symbol { return known }
      symbol.place = .section(placement.section)
      symbol.value = own.type == ELF.sectionSymbol ? 0 : own.value + UInt64(placement.offset)
      isFileLocal = isFileLocal || sections[placement.section].name == ELF.jumpTables
    }
    if isFileLocal {
      let number = symbols.append(symbol.named(names.offset(of: name)))
      if own.type == ELF.sectionSymbol, case .section(let section) = symbol.place { sections[section].symbol = number }
      return number
    }
    return try addGlobal(name, symbol, own, of: input)
  }

  /// The symbol of a section of which the linked object keeps one copy, for another input's symbol of it.
  private func numberOfShared(_ name: ByteName, in section: Int) -> Int {
    symbols.global(named: name).map { symbols[global: $0].symbol } ?? sections[section].symbol ?? 0
  }

  private mutating func addGlobal(
    _ name: ByteName, _ symbol: LinkedSymbols.Symbol, _ own: ELFFile.Symbol, of input: LinkInput
  ) throws(ObjectError) -> Int {
    guard let btf = input.btf else { throw .noBTF(input.elf.missingBTF) }
    guard let declaration = input.declaration(of: name, own) else { throw fault(.untypedSymbol(name.text)) }
    var symbol = symbol
    // What libbpf's linker linked may have a symbol for what the object only declares.
    if btf.kind(declaration.type) == .variable, btf.linkage(of: declaration.type) == .extern { symbol.undefine() }
    let isWeak = own.binding == ELF.weakBinding
    let kind: SymbolKind = btf.kind(declaration.type) == .function ? .function : .variable
    guard let index = symbols.global(named: name) else {
      let number = symbols.append(symbol.named(names.offset(of: name)))
      _ = symbols.append(
        LinkedSymbols.Global(
          name: name.copy, symbol: number, kind: kind, origin: input.number,
          definition: symbol.isDefined ? isWeak ? .weak : .strong : nil, isNeeded: !symbol.isDefined && !isWeak,
          section: section(of: declaration, symbol, btf)))
      return number
    }
    try checkAgreement(index, kind, symbol, isWeak: isWeak, declaration, btf)
    symbols.restrict(index, to: own.other)
    if case .section(let section) = symbol.place {
      let isDefined = symbols[global: index].definition != nil
      if isDefined { leaveUnused(isWeak ? symbol : symbols.all[symbols[global: index].symbol]) }
      if !isDefined || !isWeak {
        symbols.define(index, as: symbol, isWeak ? .weak : .strong, from: input.number, in: section)
        redefined.append((kind, symbols[global: index].type!, declaration.type))
      }
    } else {
      if !isWeak { symbols[global: index].isNeeded = true }
      if symbols[global: index].section == nil {
        symbols[global: index].section = section(of: declaration, symbol, btf)
      }
    }
    return symbols[global: index].symbol
  }

  /// Notes that a definition's bytes have no symbol any more.
  private mutating func leaveUnused(_ definition: LinkedSymbols.Symbol) {
    guard case .section(let section) = definition.place, !sections[section].isCode else { return }
    sections[section].unused.append(definition.value..<definition.value + definition.size)
  }

  /// The section that has a symbol's definition, or in which it is declared.
  private func section(of declaration: LinkInput.Declaration, _ symbol: LinkedSymbols.Symbol, _ btf: BTF) -> Int? {
    if case .section(let section) = symbol.place { return section }
    return declaration.section.flatMap { sections.index(of: btf.name($0)) }
  }

  /// Refuses a symbol that is something else in an input before.
  private func checkAgreement(
    _ index: Int, _ kind: SymbolKind, _ symbol: LinkedSymbols.Symbol, isWeak: Bool,
    _ declaration: LinkInput.Declaration, _ btf: BTF
  ) throws(ObjectError) {
    let global = symbols[global: index]
    let (name, other) = (global.name.text, paths[global.origin])
    guard kind == global.kind else {
      throw fault(.differentKinds(symbol: name, kind: kind, other: other, otherKind: global.kind))
    }
    if symbol.isDefined, global.definition == .strong, !isWeak {
      throw fault(.duplicateDefinition(symbol: name, other: other))
    }
    let here = section(of: declaration, symbol, btf).map { sections[$0].name }
    let there = global.section.map { sections[$0].name }
    for section in [here, there].compactMap({ $0 }) where ELF.kernelSections.contains(section) {
      if symbol.isDefined || global.definition != nil {
        throw fault(.providedByKernel(symbol: name, section: section, other: other))
      }
    }
    guard let type = global.type else { throw fault(.duplicateDefinition(symbol: name, other: other)) }
    let types = types.view
    if here == ELF.maps || there == ELF.maps, kind == .variable {
      let mine = MapDefinition(of: declaration.type, in: btf)
      if let attribute = mine.difference(from: MapDefinition(of: type, in: types)) {
        throw fault(.differentMaps(symbol: name, attribute: attribute, other: other))
      }
    } else if let part = TypeAgreement(btf, types).difference(declaration.type, type) {
      throw fault(
        .differentTypes(
          symbol: name, here: btf.declarationText(declaration.type), there: types.declarationText(type), part: part,
          other: other))
    }
  }

  // MARK: Relocations

  private mutating func addRelocations(
    of input: LinkInput, _ placements: [LinkedSections.Placement?], _ numbers: [Int]
  ) throws(ObjectError) {
    for section in input.elf.sections where section.type == ELF.relocations && section.isLinked {
      guard let target = placements[Int(section.info)], !target.isDuplicate else { continue }
      guard section.name == ".rel" + input.elf.sections[Int(section.info)].name else {
        throw fault(.unsupportedSection(section.name, type: section.type))
      }
      let placed = try place(section, of: input)
      sections[placed.section].content!.target = target.section
      for number in 0..<section.size / ELF.relocationSize {
        try move(
          Relocation(input.elf, at: section.offset + number * ELF.relocationSize), to: target,
          at: placed.offset + number * ELF.relocationSize, in: placed.section, of: input, placements, numbers)
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
    guard symbol.type == ELF.sectionSymbol, let moved = placements[Int(symbol.section)] else { return }
    let isMoved = sections[target.section].content!.add(
      moved.offset, at: Int(at), relocation.type, isCode: sections[target.section].isCode)
    guard isMoved else {
      throw fault(.unsupportedRelocation(section: sections[target.section].name, type: relocation.type))
    }
  }

  // MARK: Types

  private mutating func addTypes(
    of btf: BTF, _ globals: [Int?], _ input: LinkInput, _ placements: [LinkedSections.Placement?]
  ) -> LinkedTypes.Placement {
    let shared = input.typesInSharedSections(placements)
    var ids: [UInt32?] = [0]
    ids.reserveCapacity(btf.count)
    var next = UInt32(types.count)
    for id in 1..<UInt32(max(1, btf.count)) {
      if let global = globals[Int(id)] {
        if let known = symbols[global: global].type {
          ids.append(known)
          continue
        }
        symbols[global: global].type = next
      } else if btf.kind(id) == .dataSection || shared.contains(id) {
        ids.append(nil)
        continue
      }
      ids.append(next)
      next += 1
    }
    var placement = LinkedTypes.Placement(btf, ids: ids)
    for redefinition in redefined where redefinition.kind == .function {
      types.nameParameters(of: redefinition.type, as: redefinition.definition, &placement)
    }
    types.append(&placement)
    for redefinition in redefined {
      if let target = ids[Int(btf.target(redefinition.definition))] { types.define(redefinition.type, as: target) }
    }
    redefined = []
    return placement
  }

  /// The global symbol that each type of an input's BTF describes; `nil` for all but variables and functions.
  private func globals(of btf: BTF) -> [Int?] {
    (0..<UInt32(btf.count)).map { id in
      guard btf.isGlobal(id), let index = symbols.global(named: btf.byteName(id)) else { return nil }
      return symbols[global: index].kind == (btf.kind(id) == .function ? .function : .variable) ? index : nil
    }
  }

  /// Lists the input's variables in the sections of the linked object.
  private mutating func addVariables(
    of btf: BTF, _ globals: [Int?], _ input: LinkInput, _ placements: [LinkedSections.Placement?], _ ids: [UInt32?]
  ) throws(ObjectError) {
    for id in btf.ids(of: .dataSection) where btf.name(id) != ELF.plainExterns {
      let name = btf.name(id)
      let section = sections.index(of: name)!
      let own = input.section(named: name)
      let placement = own.flatMap { placements[$0] }
      if placement?.isDuplicate ?? false { continue }
      sections[section].isTyped = true
      for index in 0..<btf.vlen(id) {
        let entry = btf.sectionVariable(id, index)
        guard let type = ids[Int(entry.variable)] else { continue }
        let base = UInt32(placement?.offset ?? 0)
        guard let global = globals[Int(entry.variable)] else {
          guard btf.linkage(of: entry.variable) != .global else {
            throw fault(.missingSymbol(variable: btf.name(entry.variable), section: name))
          }
          let offset = btf.isGlobal(entry.variable) ? 0 : base &+ entry.offset
          list(LinkedTypes.Entry(type: type, offset: offset, size: entry.size, global: nil), in: section)
          continue
        }
        guard let offset = offsetToList(global, in: section, input) else { continue }
        symbols[global: global].entry = (section, sections[section].variables.count)
        list(LinkedTypes.Entry(type: type, offset: offset, size: entry.size, global: global), in: section)
      }
    }
  }

  private mutating func list(_ entry: LinkedTypes.Entry, in section: Int) { sections[section].variables.append(entry) }

  /// The offset that a section lists a symbol at, for the input that defines it or declares it first; `nil` for all others.
  private func offsetToList(_ index: Int, in section: Int, _ input: LinkInput) -> UInt32? {
    let global = symbols[global: index]
    guard global.definition != nil else { return global.entry == nil ? 0 : nil }
    guard global.origin == input.number, global.section == section else { return nil }
    return UInt32(truncatingIfNeeded: symbols.all[global.symbol].value)
  }

  private mutating func addRecords(
    of input: LinkInput, _ placements: [LinkedSections.Placement?], _ placed: inout LinkedTypes.Placement
  ) throws(ObjectError) {
    guard let section = input.elf.section(named: ".BTF.ext") else { return }
    for group in BTFExtension.groups(of: section, in: input.elf) {
      if let origin = recordSizes.take(group.recordWords, of: group.part, from: input.number) {
        throw fault(.recordSizes(other: paths[origin]))
      }
      let name = input.btf!.string(at: group.sectionName)
      guard let own = input.section(named: name) else {
        throw .damagedBTF(.extensionRecord(part: group.part.name, offsetBytes: group.records.lowerBound))
      }
      guard let placement = placements[own] else { continue }
      append(group, of: input, placement, &placed)
    }
  }

  private mutating func append(
    _ group: BTFExtension.Group, of input: LinkInput, _ placement: LinkedSections.Placement,
    _ placed: inout LinkedTypes.Placement
  ) {
    var words = input.elf.reader.words(group.records)
    for record in stride(from: 0, to: words.count, by: group.recordWords) {
      words[record] &+= UInt32(placement.offset)
      if group.part == .lines {
        words[record + 1] = types.string(words[record + 1], &placed)
      } else {
        words[record + 1] = placed.ids[Int(words[record + 1])] ?? 0
      }
      if group.part != .functions { words[record + 2] = types.string(words[record + 2], &placed) }
    }
    sections[placement.section].records[group.part] += words
  }

  // MARK: The result

  /// The linked object's bytes, in this machine's byte order.
  consuming func finish() throws(ObjectError) -> [UInt8] {
    symbols.bindGlobals()
    for global in symbols.globals {
      if let type = global.type { types.setLinkage(type, global.definition == nil ? .extern : .global) }
    }
    let btf = try mergedTypes()
    var writer = ELFWriter()
    let table = symbols.table { sections[$0].content?.number ?? 0 }
    let others = sections.all.filter { $0.content != nil }.sorted { $0.content!.number < $1.content!.number }
    var added: [ELFWriter.Section] = []
    for (name, bytes) in [(".BTF", btf?.types), (".BTF.ext", btf?.records)] {
      guard let bytes else { continue }
      added.append(
        ELFWriter.Section(
          name: names.offset(of: ByteName(name)), type: ELF.programBits, bytes: bytes, alignment: 8))
    }
    writer.sections = [
      ELFWriter.Section(
        name: names.offset(of: ByteName(".strtab")), type: ELF.stringTable, flags: ELF.strings, bytes: names.bytes),
      ELFWriter.Section(
        name: names.offset(of: ByteName(".symtab")), type: ELF.symbolTable, bytes: table, link: 1, alignment: 8,
        entrySize: UInt64(ELF.symbolSize)),
    ]
    for section in others { writer.sections.append(written(section)) }
    writer.sections += added
    return writer.bytes()
  }

  private mutating func written(_ section: LinkedSections.Section) -> ELFWriter.Section {
    let content = section.content!
    let isRelocations = content.type == ELF.relocations
    let unused = content.target.map { sections[$0].unused } ?? []
    return ELFWriter.Section(
      name: names.offset(of: ByteName(section.name)), type: content.type, flags: content.flags,
      bytes: content.bytes.withoutRelocations(of: unused),
      zeroBytes: content.size, link: isRelocations ? 2 : 0,
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
      guard entries.count <= BTF.maximumParts else { throw fault(.tooManyVariables(section: section.name)) }
      types.appendSection(section.name, size: section.content?.size ?? 0, entries.map(\.element))
    }
    let records = sections.records(recordSizes, &types)
    return try types.merged(records: records)
  }
}
