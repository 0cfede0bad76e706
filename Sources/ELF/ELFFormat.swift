internal import Bytes

/// The numbers of the ELF format that a BPF object uses. Source: elf.h.
package enum ELFFormat {
  static let currentVersion: UInt8 = 1
  static let class32: UInt8 = 1
  static let class64: UInt8 = 2

  /// The byte order of a number in the file's header; `nil` for a number that the format does not define.
  static func byteOrder(_ number: UInt8) -> ByteOrder? {
    switch number {
    case 1: .little
    case 2: .big
    default: nil
    }
  }

  /// The number of a byte order in the file's header.
  static func number(of order: ByteOrder) -> UInt8 { order == .little ? 1 : 2 }

  package static let relocatable: UInt16 = 1
  static let bpf: UInt16 = 247
  package static let programBits: UInt32 = 1
  package static let symbolTable: UInt32 = 2
  package static let stringTable: UInt32 = 3
  package static let relocationsWithAddend: UInt32 = 4
  package static let noBits: UInt32 = 8
  package static let relocations: UInt32 = 9
  /// `SHT_LLVM_ADDRSIG`.
  package static let addressSignificance: UInt32 = 0x6fff_4c03
  package static let writable: UInt64 = 1
  package static let allocated: UInt64 = 2
  package static let executable: UInt64 = 4
  package static let compressed: UInt64 = 0x800
  package static let reservedSections: UInt16 = 0xff00
  static let absoluteSection: UInt16 = 0xfff1
  static let commonSection: UInt16 = 0xfff2
  static let extendedSection: UInt16 = 0xffff
  package static let instructionSize = 8
  package static let objectSymbol: UInt8 = 1
  package static let functionSymbol: UInt8 = 2
  package static let sectionSymbol: UInt8 = 3
  package static let threadLocalSymbol: UInt8 = 6
  package static let variableSymbols: [UInt8] = [objectSymbol, threadLocalSymbol]
  package static let localBinding: UInt8 = 0

  /// The size of an entry of those types of sections that libelf reads as tables; a section of another size it does not
  /// read at all. Source: libelf, `elf_getdata`.
  ///
  /// A switch: a dictionary's type costs 150,000 instructions when a process first needs it.
  static func tableEntrySize(of type: UInt32) -> Int? {
    switch type {
    case 0x6fff_ffff: 2
    case 5, 17, 18: 4
    case 14, 15, 16, 19: 8
    case 6: 16
    case 0x6fff_fff7: 20
    case 11: 24
    default: nil
    }
  }

  package static let strings: UInt64 = 0x20
  /// Where maps are defined.
  package static let maps = ".maps"
  /// clang's name, in BTF alone, for variables that are declared without a section.
  package static let plainExterns = ".extern"
  /// Sections, in BTF alone, of what the kernel provides.
  package static let kernelSections: Set<String> = [".ksyms", ".kconfig"]
  /// Tables of jumps within one object: of no symbol in it does another object know.
  package static let jumpTables = ".jumptables"

  /// `.struct_ops`, `.struct_ops.link`, and both with a `?` in front: their maps are made when user code asks for it.
  package static func isStructOps(_ section: String) -> Bool {
    section.hasPrefix(".struct_ops") || section.hasPrefix("?.struct_ops")
  }

  package static let globalBinding: UInt8 = 1
  package static let weakBinding: UInt8 = 2

  /// How much a symbol's visibility hides it: default, protected, hidden, internal. Source: the ELF format, `st_other`.
  package static func strictness(_ other: UInt8) -> Int { [0, 3, 2, 1][Int(other & 3)] }
}
