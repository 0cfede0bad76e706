internal import Bytes

/// Checks for compiler output that is valid but cannot be turned into a header or linked. The errors have what their
/// messages need to suggest a change of the source.
///
/// libbpf takes a variable's address from the first global symbol with its name, and finds sections by the first match
/// of the name. Source: `find_elf_var_sym`, `find_elf_sec_sz`.
extension ELFFile {
  /// Refuses symbols without a section that other objects could use.
  ///
  /// - Parameter absoluteToo: whether symbols with an absolute value are refused too: a link cannot define them for
  ///   another object, and headers do not show them.
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

  /// Refuses two sections with the same name if libbpf looks up the name.
  ///
  /// Compilers write two if some of the variables in a SEC() are constant. Source: `bpf_object__elf_collect`.
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
