internal import Bytes

/// The constants of the ELF format that BPF objects use. Source: elf.h.
package enum ELFFormat {
  static let currentVersion: UInt8 = 1
  static let class32: UInt8 = 1
  static let class64: UInt8 = 2

  /// The byte order for a number in the file header; `nil` for an undefined number.
  static func byteOrder(_ number: UInt8) -> ByteOrder? {
    switch number {
    case 1: .little
    case 2: .big
    default: nil
    }
  }

  /// The number for a byte order in the file header.
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

  /// The entry size for the section types that libelf reads as tables; it does not read such a section with another
  /// entry size. Source: libelf, `elf_getdata`.
  ///
  /// A switch, because the first use of a dictionary type in a process costs 150,000 instructions.
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
  /// The section with map definitions.
  package static let maps = ".maps"
  /// clang's section, only in BTF, of variables that are declared without a section.
  package static let plainExterns = ".extern"
  /// Sections, only in BTF, for what the kernel provides.
  package static let kernelSections: Set<String> = [".ksyms", ".kconfig"]
  /// Jump tables, which are local to an object: no other object uses symbols in them.
  package static let jumpTables = ".jumptables"

  /// `.struct_ops`, `.struct_ops.link`, and both with the prefix `?`: their maps are created only when user code
  /// requests it.
  package static func isStructOps(_ section: String) -> Bool {
    section.hasPrefix(".struct_ops") || section.hasPrefix("?.struct_ops")
  }

  package static let globalBinding: UInt8 = 1
  package static let weakBinding: UInt8 = 2

  /// How restrictive a symbol's visibility is: default, protected, hidden, internal. Source: the ELF format,
  /// `st_other`.
  package static func strictness(_ other: UInt8) -> Int { [0, 3, 2, 1][Int(other & 3)] }
}
