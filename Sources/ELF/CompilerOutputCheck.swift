/// Checks of what compilers write into sound objects and no header or link can be made of. Each error has what its message
/// needs to say what to write instead.
///
/// libbpf takes a variable's address from the first global symbol of its name, and a section from the first of its name,
/// wherever they are. Source: `find_elf_var_sym`, `find_elf_sec_sz`.
extension ELFFile {
  /// Refuses symbols that have no section, as far as other objects could use them.
  ///
  /// - Parameter absoluteToo: whether symbols with a value in place of an address are refused: a link cannot say what they are
  ///   in another object, and headers do not show them.
  func checkSectionlessSymbols(absoluteToo: Bool) throws(ObjectError) {
    for index in 0..<symbolCount {
      let symbol = symbol(index)!
      guard symbol.binding != ELF.localBinding else { continue }
      switch symbol.section {
      case ELF.commonSection: throw .commonSymbol(symbolName(symbol).text)
      case ELF.absoluteSection where absoluteToo: throw .absoluteSymbol(symbolName(symbol).text)
      default: continue
      }
    }
  }

  /// Refuses two sections of a name by which libbpf finds one of them.
  ///
  /// Compilers write two when variables in one SEC() differ in being constant. Source: `bpf_object__elf_collect`.
  func checkSectionNames() throws(ObjectError) {
    var seen: Set<String> = []
    for section in sections where section.size > 0 && section.flags & ELF.allocated != 0 {
      guard section.flags & ELF.executable == 0, !seen.insert(section.name).inserted else { continue }
      throw .twoSections(
        section.name, constant: variables(inSections: section.name) { $0.flags & ELF.writable == 0 },
        writable: variables(inSections: section.name) { $0.flags & ELF.writable != 0 })
    }
  }

  private func variables(inSections name: String, where matches: (Section) -> Bool) -> [String] {
    (0..<symbolCount).compactMap { index in
      let symbol = symbol(index)!
      guard symbol.type == ELF.objectSymbol, symbol.section > 0, symbol.section < ELF.reservedSections else {
        return nil
      }
      let section = sections[Int(symbol.section)]
      return section.name == name && matches(section) ? symbolName(symbol).text : nil
    }
  }

  /// The reason why the BTF is missing.
  var missingBTF: MissingBTF {
    if sections.contains(where: { $0.name.hasPrefix(".gnu.lto_") }) { return .linkTimeOptimization }
    let isEmpty = !sections.contains { $0.size > 0 && $0.flags & ELF.allocated != 0 && !$0.name.hasPrefix(".eh_frame") }
    if isEmpty { return .nothingToDescribe }
    return sections.contains { $0.name.hasPrefix(".debug_info") } ? .otherDebugInfo : .noDebugInfo
  }
}

extension BTF {
  /// Refuses global variables whose symbol is not in the section that the BTF has them in. O(symbols + variables).
  func checkPlaces(in elf: ELFFile) throws(ObjectError) {
    var symbols: [ByteName: ELFFile.Symbol] = [:]
    for index in 0..<elf.symbolCount {
      let symbol = elf.symbol(index)!
      guard symbol.binding != ELF.localBinding, ELF.variableSymbols.contains(symbol.type) else { continue }
      let name = elf.symbolName(symbol)
      if symbols[name] == nil { symbols[name] = symbol }
    }
    for id in ids(of: .dataSection) {
      let section = name(id)
      for index in 0..<vlen(id) {
        let variable = sectionVariable(id, index).variable
        guard kind(variable) == .variable, linkage(of: variable) == .global, let symbol = symbols[byteName(variable)]
        else {
          continue
        }
        if symbol.type == ELF.threadLocalSymbol { throw .threadLocal(name(variable)) }
        guard symbol.section > 0, symbol.section < ELF.reservedSections else { continue }
        let place = elf.sections[Int(symbol.section)].name
        guard place == section else { throw .misplacedVariable(name(variable), section: section, symbolSection: place) }
      }
    }
  }

  /// Refuses sections of variables that have no size, which a link may still fill. Source: `btf_fixup_datasec`.
  func checkEmptySections(of elf: ELFFile) throws(ObjectError) {
    for id in ids(of: .dataSection) where statedSize(id) == 0 && vlen(id) > 0 {
      guard let section = elf.section(named: name(id)), section.size == 0 else { continue }
      throw .emptySection(section.name, variable: name(sectionVariable(id, 0).variable))
    }
  }
}
