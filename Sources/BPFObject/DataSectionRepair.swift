/// Mends the offsets of variables in a linked object's BTF.
///
/// libbpf 1.1's linker leaves a variable that another object defines (a map, in the selftests' linked_maps) at offset 0 of
/// its section, where libbpf then looks for it in vain. Where it lies is in the symbol table.
enum DataSectionRepair {
  /// - Returns: the object with each global variable's offset as its symbol has it, and each section's variables in
  ///   ascending order, as the kernel wants them; the same bytes when all is right. O(symbols + variables).
  static func repaired(_ bytes: [UInt8]) throws(ObjectError) -> [UInt8] {
    let elf = try ELFFile(bytes)
    // With the records that libbpf's linker wrote of types: of hostile inputs it makes some that lead elsewhere.
    guard let section = elf.section(named: ".BTF"), let btf = try BTF(of: elf) else { return bytes }
    let offsets = globalOffsets(elf)
    var output = bytes
    let headerLength = Int(elf.reader.load(UInt32.self, at: section.offset + 4)!)
    let typesAt = section.offset + headerLength + Int(elf.reader.load(UInt32.self, at: section.offset + 8)!)
    for id in btf.ids(of: .dataSection) {
      let name = btf.name(id)
      let before = (0..<btf.vlen(id)).map { btf.sectionVariable(id, $0) }
      var after = before.map { entry in
        guard btf.kind(entry.variable) == .variable, btf.linkage(entry.variable) == 1,
          let offset = offsets[Place(section: name, symbol: btf.name(entry.variable))]
        else { return entry }
        return BTF.SectionVariable(variable: entry.variable, offset: offset, size: entry.size)
      }
      guard after != before else { continue }
      after.sort { $0.offset < $1.offset }
      var at = typesAt + 4 * (Int(btf.starts[Int(id)]) + 3)
      for entry in after {
        for word in [entry.variable, entry.offset, entry.size] {
          put(word, at: at, order: elf.byteOrder, in: &output)
          at += 4
        }
      }
    }
    return output
  }

  private struct Place: Hashable {
    let section: String
    let symbol: String
  }

  /// Where the symbol table has the global symbols of each section.
  private static func globalOffsets(_ elf: ELFFile) -> [Place: UInt32] {
    var offsets: [Place: UInt32] = [:]
    guard let table = elf.symbolTable else { return offsets }
    let names = elf.sections[Int(elf.sections[table].link)]
    for index in 0..<elf.symbolCount {
      let symbol = elf.symbol(index)!
      guard symbol.binding != 0, symbol.section > 0, symbol.section < ELF.reservedSections,
        let name = elf.reader.text(at: names.offset + Int(symbol.nameOffset), end: names.offset + names.size),
        let offset = UInt32(exactly: symbol.value)
      else { continue }
      offsets[Place(section: elf.sections[Int(symbol.section)].name, symbol: name)] = offset
    }
    return offsets
  }

  private static func put(_ word: UInt32, at offset: Int, order: ByteOrder, in bytes: inout [UInt8]) {
    withUnsafeBytes(of: order == .little ? word.littleEndian : word.bigEndian) { source in
      for (index, byte) in source.enumerated() { bytes[offset + index] = byte }
    }
  }
}
