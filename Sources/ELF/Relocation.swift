internal import Bytes

/// An entry of a relocation section.
package struct Relocation {
  package let offset: UInt64
  package let symbol: Int
  package let type: UInt32

  package init(offset: UInt64, symbol: Int, type: UInt32) {
    self.offset = offset
    self.symbol = symbol
    self.type = type
  }

  /// Reads an entry that `ELFFile.check` has checked.
  package init(_ elf: borrowing ELFFile, at start: Int) {
    let info = elf.reader.load(RelocationEntry.info, at: start)!
    offset = elf.reader.load(RelocationEntry.offset, at: start)!
    symbol = Int(info >> 32)
    type = UInt32(truncatingIfNeeded: info)
  }

  /// Symbol and type, encoded as in `RelocationEntry.info`.
  var info: UInt64 { UInt64(symbol) << 32 | UInt64(type) }

  /// Writes the entry at an offset, in this machine's byte order.
  package func write(to entries: inout [UInt8], at start: Int) {
    entries.set(RelocationEntry.offset, at: start, to: offset)
    entries.set(RelocationEntry.info, at: start, to: info)
  }

  /// The offset field of the entry at an offset, in this machine's byte order.
  package static func offset(in entries: [UInt8], at start: Int) -> UInt64 {
    entries.load(RelocationEntry.offset, at: start)
  }

  /// Relocation types. Source: the kernel's Documentation/bpf/llvm_reloc.rst.
  package static let absolute64: UInt32 = 2
  package static let absolute32: UInt32 = 3
}
