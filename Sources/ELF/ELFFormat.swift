/// The numbers of the ELF format that a BPF object uses. Source: elf.h.
enum ELF {
  static let currentVersion: UInt8 = 1
  static let headerSize = 64
  static let sectionHeaderSize = 64
  static let symbolSize = 24
  static let relocatable: UInt16 = 1
  static let bpf: UInt16 = 247
  static let programBits: UInt32 = 1
  static let symbolTable: UInt32 = 2
  static let stringTable: UInt32 = 3
  static let relocationsWithAddend: UInt32 = 4
  static let noBits: UInt32 = 8
  static let relocations: UInt32 = 9
  /// `SHT_LLVM_ADDRSIG`.
  static let addressSignificance: UInt32 = 0x6fff_4c03
  static let writable: UInt64 = 1
  static let allocated: UInt64 = 2
  static let executable: UInt64 = 4
  static let compressed: UInt64 = 0x800
  static let reservedSections: UInt16 = 0xff00
  static let absoluteSection: UInt16 = 0xfff1
  static let commonSection: UInt16 = 0xfff2
  static let extendedSection: UInt16 = 0xffff
  static let instructionSize = 8
  static let objectSymbol: UInt8 = 1
  static let functionSymbol: UInt8 = 2
  static let sectionSymbol: UInt8 = 3
  static let threadLocalSymbol: UInt8 = 6
  static let variableSymbols: [UInt8] = [objectSymbol, threadLocalSymbol]
  static let localBinding: UInt8 = 0

  /// The size of an entry of those types of sections that libelf reads as tables; a section of another size it does not
  /// read at all. Source: libelf, `elf_getdata`.
  static let tableEntrySizes: [UInt32: Int] = [
    5: 4, 6: 16, 11: 24, 14: 8, 15: 8, 16: 8, 17: 4, 18: 4, 19: 8, 0x6fff_fff7: 20, 0x6fff_ffff: 2,
  ]
}
