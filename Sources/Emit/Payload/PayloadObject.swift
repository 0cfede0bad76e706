package import Bytes
internal import CLibELF
internal import ELF

/// The relocatable object that puts a BPF object's bytes into the user's program.
///
/// One read-only section, aligned to eight bytes: the size as a 64-bit number in the target's byte order, then the
/// bytes, each with a hidden or protected symbol whose name contains the layout id. It also has the notes that linkers
/// expect in every object: that the stack is not executable, and the ``PropertyNote`` of the target.
package struct PayloadObject: Sendable {
  package let symbols: PayloadSymbols
  package let target: TargetMachine
  package let payload: [UInt8]

  package init(symbols: PayloadSymbols, target: TargetMachine, payload: [UInt8]) {
    self.symbols = symbols
    self.target = target
    self.payload = payload
  }

  /// The object file's bytes, the same for the same arguments. The payload's bytes are shared, not copied.
  ///
  /// To make that possible, the payload is at the end of the file, after the section table.
  package func bytes() -> ByteRope {
    let form = ELFWriter.Form(
      is64Bit: target.is64Bit, isBigEndian: target.isBigEndian, machine: target.machine, flags: target.flags)
    var file = ELFWriter(form)
    var sectionNames = StringTable()
    var symbolNames = StringTable()
    file.sections = [
      .init(
        name: sectionNames.offset(of: ByteName(".rodata.bpfgen")), type: UInt32(SHT_PROGBITS), flags: UInt64(SHF_ALLOC),
        bytes: payloadSize, moreBytes: payload.count, alignment: 8),
      // Without it linkers assume an executable stack.
      .init(name: sectionNames.offset(of: ByteName(".note.GNU-stack")), type: UInt32(SHT_PROGBITS)),
    ]
    file.last = 1
    if !target.properties.isEmpty {
      file.sections.append(
        .init(
          name: sectionNames.offset(of: ByteName(PropertyNote.sectionName)), type: UInt32(SHT_NOTE),
          flags: UInt64(SHF_ALLOC),
          bytes: target.properties.bytes(for: target),
          alignment: UInt64(PropertyNote.alignment(is64Bit: target.is64Bit))))
    }
    var table = ELFWriter.SymbolTable(form, capacity: 3)
    for symbol in payloadSymbols(&symbolNames) { table.append(symbol) }
    file.sections.append(
      .init(
        name: sectionNames.offset(of: ByteName(".symtab")), type: UInt32(SHT_SYMTAB), bytes: table.bytes,
        // The string table follows.
        link: UInt32(file.sections.count + 2), info: 1, alignment: 8, entrySize: UInt64(form.symbolSize)))
    file.sections.append(
      .init(name: sectionNames.offset(of: ByteName(".strtab")), type: UInt32(SHT_STRTAB), bytes: symbolNames.bytes))
    let name = sectionNames.offset(of: ByteName(".shstrtab"))
    file.sections.append(.init(name: name, type: UInt32(SHT_STRTAB), bytes: sectionNames.bytes))
    file.names = file.sections.count
    return ByteRope([file.bytes(), payload])
  }

  /// A 64-bit number in the target's byte order.
  private var payloadSize: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(UInt64(payload.count), in: target.order)
    return bytes
  }

  private func payloadSymbols(_ names: inout StringTable) -> [ELFWriter.Symbol] {
    let info = UInt8(STB_GLOBAL << 4 | STT_OBJECT)
    let other = UInt8(symbols.isShared ? STV_PROTECTED : STV_HIDDEN)
    let size = ELFWriter.Symbol(
      name: names.offset(of: ByteName(symbols.size)), info: info, other: other, section: 1, value: 0, size: 8)
    let start = ELFWriter.Symbol(
      name: names.offset(of: ByteName(symbols.start)), info: info, other: other, section: 1, value: 8,
      size: UInt64(payload.count))
    return [ELFWriter.Symbol(), size, start]
  }
}
