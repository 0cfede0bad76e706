package import Bytes
internal import CLibELF
internal import ELF

/// The relocatable object that carries a BPF object's bytes into the user's program.
///
/// One read-only section, aligned to eight bytes: the size as a 64-bit number in the target's byte order, then the bytes,
/// each under a hidden or protected symbol whose name has the layout id in it. Beside it the notes that linkers read of
/// every object: that the stack is not executable, and the ``PropertyNote`` of the target.
package struct PayloadObject: Sendable {
  package let symbols: PayloadSymbols
  package let target: TargetMachine
  package let payload: [UInt8]

  package init(symbols: PayloadSymbols, target: TargetMachine, payload: [UInt8]) {
    self.symbols = symbols
    self.target = target
    self.payload = payload
  }

  /// The object file's bytes, the same for the same arguments; the payload's own are shared, not copied.
  ///
  /// The payload ends the file, behind the section table: megabytes of it are written as they are.
  package func bytes() -> ByteRope {
    var file = ELFWriter(
      .init(is64Bit: target.is64Bit, isBigEndian: target.isBigEndian, machine: target.machine, flags: target.flags))
    var sectionNames = NameTable()
    var symbolNames = NameTable()
    file.sections = [
      .init(
        name: sectionNames.add(".rodata.bpfgen"), type: UInt32(SHT_PROGBITS), flags: UInt64(SHF_ALLOC),
        bytes: payloadSize, moreBytes: payload.count, alignment: 8),
      // Without it linkers take the stack for executable.
      .init(name: sectionNames.add(".note.GNU-stack"), type: UInt32(SHT_PROGBITS)),
    ]
    file.last = 1
    if !target.properties.isEmpty {
      file.sections.append(
        .init(
          name: sectionNames.add(PropertyNote.sectionName), type: UInt32(SHT_NOTE), flags: UInt64(SHF_ALLOC),
          bytes: target.properties.bytes(for: target),
          alignment: UInt64(PropertyNote.alignment(is64Bit: target.is64Bit))))
    }
    let table = file.bytes(of: symbolTable(&symbolNames))
    file.sections.append(
      .init(
        name: sectionNames.add(".symtab"), type: UInt32(SHT_SYMTAB), bytes: table,
        // The names come next.
        link: UInt32(file.sections.count + 2), info: 1, alignment: 8, entrySize: UInt64(table.count / 3)))
    file.sections.append(
      .init(name: sectionNames.add(".strtab"), type: UInt32(SHT_STRTAB), bytes: symbolNames.bytes))
    let name = sectionNames.add(".shstrtab")
    file.sections.append(.init(name: name, type: UInt32(SHT_STRTAB), bytes: sectionNames.bytes))
    file.names = file.sections.count
    return ByteRope([file.bytes(), payload])
  }

  /// As a 64-bit number in the target's byte order.
  private var payloadSize: [UInt8] {
    let size = UInt64(payload.count)
    return withUnsafeBytes(of: target.isBigEndian ? size.bigEndian : size.littleEndian) { Array($0) }
  }

  private func symbolTable(_ names: inout NameTable) -> [ELFWriter.Symbol] {
    let info = UInt8(STB_GLOBAL << 4 | STT_OBJECT)
    let other = UInt8(symbols.isShared ? STV_PROTECTED : STV_HIDDEN)
    let size = ELFWriter.Symbol(
      name: names.add(symbols.size), info: info, other: other, section: 1, value: 0, size: 8)
    let start = ELFWriter.Symbol(
      name: names.add(symbols.start), info: info, other: other, section: 1, value: 8, size: UInt64(payload.count))
    return [ELFWriter.Symbol(), size, start]
  }
}

/// Names of sections or symbols, NUL-terminated, after the empty one that every table begins with.
private struct NameTable {
  private(set) var bytes: [UInt8] = [0]

  mutating func add(_ name: String) -> Int {
    let offset = bytes.count
    bytes += Array(name.utf8) + [0]
    return offset
  }
}
