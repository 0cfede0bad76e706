/// Why a file cannot be read as an ELF object.
package enum ELFError: Error, Hashable, Sendable {
  /// The file is empty.
  case empty
  /// The file has no ELF magic number.
  case notELF
  /// An ELF file, but not a relocatable 64-bit BPF object: what differs.
  case notBPF(ForeignELF)
  /// A structure of the ELF file reaches outside the file, or is inconsistent.
  case damaged(ELFFault)
  /// The object was stripped of its symbols.
  case noSymbolTable
  /// A variable without a value that the compiler left for a linker to allocate (`SHN_COMMON`).
  case commonSymbol(String)
  /// A global symbol with a value and without a section (`SHN_ABS`).
  case absoluteSymbol(String)
  /// Two sections of one name, with the names of the variables in each.
  case twoSections(String, constant: [String], writable: [String])
  /// A function symbol of size 0, as assembly without `.size` has.
  case unsizedFunction(String)
}

/// How an ELF file differs from a BPF object.
package enum ForeignELF: Hashable, Sendable {
  case elfClass(UInt8)
  case byteOrder(UInt8)
  /// The version of the ELF format.
  case version(UInt8)
  case type(UInt16)
  case machine(UInt16)
}

/// A defect of an ELF file, with its position.
package enum ELFFault: Hashable, Sendable {
  case truncatedHeader(fileBytes: Int)
  case sectionTable(offset: UInt64, count: Int, entrySize: UInt16, fileBytes: Int)
  case noSections
  case sectionNames(index: Int)
  case sectionName(section: Int, nameOffset: UInt32)
  case sectionRange(section: Int, offset: UInt64, size: UInt64, fileBytes: Int)
  case sectionAlignment(section: Int, alignment: UInt64)
  case entrySize(section: Int, entrySize: UInt64, size: UInt64)
  case sectionLink(section: Int, link: UInt32)
  case sectionInfo(section: Int, info: UInt32)
  case stringTable(section: Int)
  case secondSymbolTable(section: Int)
  case symbolName(index: Int, nameOffset: UInt32)
  case symbolSection(index: Int, section: UInt16)
  case symbolRange(index: Int, value: UInt64, size: UInt64, section: Int)
  case relocationSymbol(section: Int, index: Int, symbol: UInt32)
  case relocationOffset(section: Int, index: Int, offset: UInt64)
  case duplicateSection(name: String)
  /// A section that libbpf reads has no bytes in the file.
  case noBytes(section: String)
  case programSize(section: Int, size: UInt64)
  /// A section that libbpf reads, or one with instructions, is not of type SHT_PROGBITS.
  case sectionType(section: String, type: UInt32)
  case compressed(section: String)
  /// A function begins or ends within an instruction.
  case functionRange(symbol: Int, value: UInt64, size: UInt64)
  /// A function ends within an instruction of 16 bytes.
  case cutInstruction(symbol: Int)
  /// Names overlap so much that reading all of them would take too much memory.
  case nameBytes(section: Int)
}
