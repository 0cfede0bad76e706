extension BTF {
  /// Refuses variables that lie outside of the ELF section that their data section describes.
  ///
  /// libbpf (all versions to 1.7) adds offset and size in 32 bits before it compares, and copies struct_ops values by the
  /// sum. Where a data section states no size, libbpf takes each variable's place from the first symbol of its name.
  /// Source: `bpf_object__init_struct_ops_maps` and `find_elf_var_offset`. O(variables + symbols).
  func checkDataSections(of elf: ELFFile) throws(ObjectError) {
    var places: [String: [UInt64]]?
    for id in ids(of: .dataSection) {
      guard let section = elf.section(named: name(id)) else { continue }
      for index in 0..<vlen(id) {
        let entry = sectionVariable(id, index)
        guard kind(entry.variable) == .variable else { continue }
        let size = UInt64(max(entry.size, sizeBytes(entry.variable) ?? 0))
        var offsets = [UInt64(entry.offset)]
        if SectionSupport.isStructOps(section.name), statedSize(id) == 0 {
          if places == nil { places = elf.objectSymbolValues() }
          offsets += places![name(entry.variable)] ?? []
        }
        guard offsets.allSatisfy({ $0 + size <= UInt64(section.size) }) else {
          throw .damagedBTF(.variableOutside(section: section.name, variable: name(entry.variable)))
        }
      }
    }
  }
}

extension ELFFile {
  /// The values of all symbols of variables, by name; those that could not be added to anything are cut to 32 bits' worth.
  fileprivate func objectSymbolValues() -> [String: [UInt64]] {
    var values: [String: [UInt64]] = [:]
    guard let symbolTable else { return values }
    let names = sections[Int(sections[symbolTable].link)]
    for index in 0..<symbolCount {
      let symbol = symbol(index)!
      guard symbol.type == 1,
        let name = reader.text(at: names.offset + Int(symbol.nameOffset), end: names.offset + names.size)
      else { continue }
      values[name, default: []].append(min(symbol.value, 1 << 40))
    }
    return values
  }
}
