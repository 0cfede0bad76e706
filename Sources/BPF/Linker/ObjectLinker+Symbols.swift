internal import BTF
internal import Bytes
internal import ELF

extension ObjectLinker {
  /// The index in the linked object of each of the input's symbols; 0 for omitted ones.
  mutating func addSymbols(
    of input: LinkInput, _ placements: [LinkedSections.Placement?]
  ) throws(ObjectError) -> [Int] {
    var numbers = [Int](repeating: 0, count: input.elf.symbols.count)
    for (index, symbol) in input.elf.symbols.enumerated().dropFirst() {
      numbers[index] = try add(symbol, of: input, placements)
    }
    return numbers
  }

  private mutating func add(
    _ own: ELFFile.Symbol, of input: LinkInput, _ placements: [LinkedSections.Placement?]
  ) throws(ObjectError) -> Int {
    let name = input.elf.name(of: own)
    var symbol = LinkedSymbols.Symbol(
      name: 0, info: own.info, other: own.other, location: .undefined, value: own.value, size: own.size)
    var isFileLocal = own.binding == ELFFormat.localBinding
    if own.section >= ELFFormat.reservedSections {
      symbol.location = .special(own.section)
    } else if own.section > 0 {
      guard let placement = placements[Int(own.section)] else { return 0 }
      if placement.isDuplicate { return numberOfShared(name, in: placement.section) }
      if own.type == ELFFormat.sectionSymbol, let known = sections[placement.section].symbol { return known }
      symbol.location = .section(placement.section)
      symbol.value = own.type == ELFFormat.sectionSymbol ? 0 : own.value + UInt64(placement.offset)
      isFileLocal = isFileLocal || sections[placement.section].name == ELFFormat.jumpTables
    }
    if isFileLocal {
      let number = symbols.append(symbol.named(names.offset(of: name)))
      if own.type == ELFFormat.sectionSymbol, case .section(let section) = symbol.location {
        sections[section].symbol = number
      }
      return number
    }
    return try addGlobal(name, symbol, own, of: input)
  }

  /// The symbol in a section of which the linked object keeps one copy, for the same symbol of another input.
  private func numberOfShared(_ name: ByteName, in section: Int) -> Int {
    symbols.global(named: name).map { symbols[global: $0].symbol } ?? sections[section].symbol ?? 0
  }

  private mutating func addGlobal(
    _ name: ByteName, _ symbol: LinkedSymbols.Symbol, _ own: ELFFile.Symbol, of input: LinkInput
  ) throws(ObjectError) -> Int {
    guard let btf = input.btf else { throw .btf(.missing(input.elf.missingBTF)) }
    guard let declaration = input.declaration(of: name, own) else { throw fault(.untypedSymbol(name.text)) }
    var symbol = symbol
    // libbpf's linker may have defined a symbol that the object only declares.
    if btf.kind(declaration.type) == .variable, btf.linkage(of: declaration.type) == .extern { symbol.undefine() }
    let isWeak = own.binding == ELFFormat.weakBinding
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
    if case .section(let section) = symbol.location {
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

  /// Records that no symbol refers to a definition's bytes any more.
  private mutating func leaveUnused(_ definition: LinkedSymbols.Symbol) {
    guard case .section(let section) = definition.location, !sections[section].isCode else { return }
    sections[section].unused.append(definition.value..<definition.value + definition.size)
  }

  /// The section with a symbol's definition or declaration.
  private func section(of declaration: LinkInput.Declaration, _ symbol: LinkedSymbols.Symbol, _ btf: BTFSpec) -> Int? {
    if case .section(let section) = symbol.location { return section }
    return declaration.section.flatMap { sections.index(of: btf.name($0)) }
  }

  /// Refuses a symbol that conflicts with an earlier input.
  private func checkAgreement(
    _ index: Int, _ kind: SymbolKind, _ symbol: LinkedSymbols.Symbol, isWeak: Bool,
    _ declaration: LinkInput.Declaration, _ btf: BTFSpec
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
    for section in [here, there].compactMap({ $0 }) where ELFFormat.kernelSections.contains(section) {
      if symbol.isDefined || global.definition != nil {
        throw fault(.providedByKernel(symbol: name, section: section, other: other))
      }
    }
    if let here, let there, here != there, ELFFormat.kernelSections.isSuperset(of: [here, there]) {
      throw fault(.differentProviders(symbol: name, here: here, there: there, other: other))
    }
    guard let type = global.type else { throw fault(.duplicateDefinition(symbol: name, other: other)) }
    let types = types.view
    if here == ELFFormat.maps || there == ELFFormat.maps, kind == .variable {
      let (mine, others) = (MapDefinition(of: declaration.type, in: btf), MapDefinition(of: type, in: types))
      guard mine.isMap, others.isMap else { throw fault(.mapAndVariable(symbol: name, other: other)) }
      if let attribute = mine.difference(from: others) {
        throw fault(.differentMaps(symbol: name, attribute: attribute, other: other))
      }
    } else if let part = TypeAgreement(btf, types).difference(declaration.type, type) {
      var (mine, others) = (btf.declarationText(declaration.type), types.declarationText(type))
      if part.isEmpty, mine == others, let size = btf.sizeBytes(declaration.type), let otherSize = types.sizeBytes(type)
      {
        mine += " of \(size) bytes"
        others += " of \(otherSize) bytes"
      }
      throw fault(.differentTypes(symbol: name, here: mine, there: others, part: part, other: other))
    }
  }
}
