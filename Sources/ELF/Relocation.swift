internal import Bytes

/// One entry of a section of relocations.
package struct Relocation {
  package let offset: UInt64
  package let symbol: Int
  package let type: UInt32

  package init(offset: UInt64, symbol: Int, type: UInt32) {
    self.offset = offset
    self.symbol = symbol
    self.type = type
  }

  /// Reads one that `ELFFile.check` has checked.
  package init(_ elf: borrowing ELFFile, at start: Int) {
    let info = elf.reader.load(RelocationEntry.info, at: start)!
    offset = elf.reader.load(RelocationEntry.offset, at: start)!
    symbol = Int(info >> 32)
    type = UInt32(truncatingIfNeeded: info)
  }

  /// Symbol and type, as `RelocationEntry.info` has them.
  var info: UInt64 { UInt64(symbol) << 32 | UInt64(type) }

  /// Writes it, in this machine's byte order, over the entry at an offset.
  package func write(to entries: inout [UInt8], at start: Int) {
    entries.set(RelocationEntry.offset, at: start, to: offset)
    entries.set(RelocationEntry.info, at: start, to: info)
  }

  /// What the entry at an offset changes, in this machine's byte order.
  package static func offset(in entries: [UInt8], at start: Int) -> UInt64 {
    entries.load(RelocationEntry.offset, at: start)
  }

  /// What relocations change. Source: the kernel's Documentation/bpf/llvm_reloc.rst.
  package static let absolute64: UInt32 = 2
  package static let absolute32: UInt32 = 3
}
