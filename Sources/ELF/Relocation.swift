internal import Bytes

/// One entry of a section of relocations.
package struct Relocation {
  package let offset: UInt64
  package let symbol: Int
  package let type: UInt32

  /// Reads one that `ELFFile.check` has checked.
  package init(_ elf: borrowing ELFFile, at: Int) {
    let info = elf.reader.load(UInt64.self, at: at + 8)!
    offset = elf.reader.load(UInt64.self, at: at)!
    symbol = Int(info >> 32)
    type = UInt32(truncatingIfNeeded: info)
  }

  /// What relocations change. Source: the kernel's Documentation/bpf/llvm_reloc.rst.
  package static let absolute64: UInt32 = 2
  package static let absolute32: UInt32 = 3
}
