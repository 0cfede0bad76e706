internal import Bytes

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
  package func checkSectionlessSymbols(absoluteToo: Bool) throws(ELFError) {
    for symbol in symbols {
      guard symbol.binding != ELFFormat.localBinding else { continue }
      switch symbol.section {
      case ELFFormat.commonSection: throw .commonSymbol(name(of: symbol).text)
      case ELFFormat.absoluteSection where absoluteToo: throw .absoluteSymbol(name(of: symbol).text)
      default: continue
      }
    }
  }

  /// Refuses two sections of a name by which libbpf finds one of them.
  ///
  /// Compilers write two when variables in one SEC() differ in being constant. Source: `bpf_object__elf_collect`.
  package func checkSectionNames() throws(ELFError) {
    var seen: Set<String> = []
    for section in sections where section.size > 0 && section.flags & ELFFormat.allocated != 0 {
      guard section.flags & ELFFormat.executable == 0, !seen.insert(section.name).inserted else { continue }
      throw .twoSections(
        section.name, constant: variables(inSections: section.name) { $0.flags & ELFFormat.writable == 0 },
        writable: variables(inSections: section.name) { $0.flags & ELFFormat.writable != 0 })
    }
  }

  private func variables(inSections name: String, where matches: (Section) -> Bool) -> [String] {
    symbols.compactMap { symbol -> String? in
      guard symbol.type == ELFFormat.objectSymbol, symbol.section > 0, symbol.section < ELFFormat.reservedSections
      else {
        return nil
      }
      let section = sections[Int(symbol.section)]
      return section.name == name && matches(section) ? self.name(of: symbol).text : nil
    }
  }
}
