internal import Bytes
package import ELF

extension BTFSpec {
  /// Refuses variables outside of the ELF section that their data section describes.
  ///
  /// libbpf (all versions up to 1.7) adds offset and size in 32 bits before it compares, and copies struct_ops values
  /// by that sum. If a data section has no size, libbpf takes each variable's offset from the first symbol with its
  /// name. Source: `bpf_object__init_struct_ops_maps` and `find_elf_var_offset`. O(variables + symbols).
  package func checkDataSections(of elf: ELFFile) throws(BTFError) {
    var symbolValues: [String: [UInt64]]?
    let sections = Dictionary(elf.sections.map { ($0.name, $0) }) { first, _ in first }
    for id in ids(of: .dataSection) {
      guard let section = sections[name(id)] else { continue }
      if ELFFormat.isStructOps(section.name) { try checkOverlaps(id) }
      for index in 0..<vlen(id) {
        let entry = sectionVariable(id, index)
        guard kind(entry.variable) == .variable else { continue }
        let size = UInt64(max(entry.size, sizeBytes(entry.variable) ?? 0))
        var offsets = [UInt64(entry.offset)]
        if ELFFormat.isStructOps(section.name), statedSize(id) == 0 {
          if symbolValues == nil { symbolValues = elf.objectSymbolValues() }
          offsets += symbolValues![name(entry.variable)] ?? []
        }
        guard offsets.allSatisfy({ $0 + size <= UInt64(section.size) }) else {
          throw .damaged(.variableOutside(section: section.name, variable: name(entry.variable)))
        }
      }
    }
  }

  /// Refuses overlapping struct_ops variables: libbpf copies each of them.
  private func checkOverlaps(_ section: TypeID) throws(BTFError) {
    let entries = (0..<vlen(section)).map { sectionVariable(section, $0) }.sorted { $0.offset < $1.offset }
    guard statedSize(section) > 0 else { return }
    for (before, after) in zip(entries, entries.dropFirst()) {
      let size = max(before.size, sizeBytes(before.variable) ?? 0)
      guard UInt64(before.offset) + UInt64(size) <= UInt64(after.offset) else {
        throw .overlappingVariables(
          section: name(section), variable: name(after.variable), other: name(before.variable),
          offsetBytes: after.offset)
      }
    }
  }

  /// Refuses functions in sections that exist in the file: headers and links treat all entries as variables. The
  /// sections of externs, which have functions (.ksyms), exist only in the BTF.
  func checkFunctionsInSections(of elf: ELFFile) throws(BTFError) {
    for id in ids(of: .dataSection) {
      if (0..<vlen(id)).allSatisfy({ kind(sectionVariable(id, $0).variable) == .variable }) { continue }
      guard elf.section(named: name(id)) == nil else {
        throw .damaged(.wrongTarget(id: id, kind: .dataSection, target: .function))
      }
    }
  }
}

extension ELFFile {
  /// The values of all variable symbols by name, clamped to 32 bits so that sums do not overflow.
  fileprivate func objectSymbolValues() -> [String: [UInt64]] {
    var values: [String: [UInt64]] = [:]
    for symbol in symbols where symbol.type == ELFFormat.objectSymbol {
      values[name(of: symbol).text, default: []].append(min(symbol.value, 1 << 40))
    }
    return values
  }
}
