internal import Bytes
package import ELF

extension BTFSpec {
  /// Refuses global variables whose symbol is in another section than in the BTF. O(symbols + variables).
  package func checkSymbolSections(in elf: ELFFile) throws(BTFError) {
    var symbols: [ByteName: ELFFile.Symbol] = [:]
    for symbol in elf.symbols {
      guard symbol.binding != ELFFormat.localBinding, ELFFormat.variableSymbols.contains(symbol.type) else { continue }
      let name = elf.name(of: symbol)
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
        if symbol.type == ELFFormat.threadLocalSymbol { throw .threadLocal(name(variable)) }
        guard symbol.section > 0, symbol.section < ELFFormat.reservedSections else { continue }
        let symbolSection = elf.sections[Int(symbol.section)].name
        guard symbolSection == section else {
          throw .misplacedVariable(name(variable), section: section, symbolSection: symbolSection)
        }
      }
    }
  }

  /// Refuses sections whose variables all have size 0; a link may still define them. Source: `btf_fixup_datasec`.
  package func checkEmptySections(of elf: ELFFile) throws(BTFError) {
    for id in ids(of: .dataSection) where statedSize(id) == 0 && vlen(id) > 0 {
      guard let section = elf.section(named: name(id)), section.size == 0 else { continue }
      throw .emptySection(section.name, variable: name(sectionVariable(id, 0).variable))
    }
  }
}
