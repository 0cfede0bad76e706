/// Why a file is not an ELF object that can be read.
package enum ELFError: Error, Hashable, Sendable {
  /// Nothing is in the file.
  case empty
  /// The file does not begin as an ELF file does.
  case notELF
  /// An ELF file, but not a relocatable 64-bit BPF object: what differs.
  case notBPF(ForeignELF)
  /// A structure of the ELF file reaches outside of it, or contradicts itself.
  case damaged(ELFFault)
  /// The object was stripped of its symbols.
  case noSymbolTable
  /// A variable without a value that the compiler left to a linker to place (`SHN_COMMON`).
  case commonSymbol(String)
  /// A global symbol that has a value and no section (`SHN_ABS`).
  case absoluteSymbol(String)
  /// Two sections of one name, with the variables in each kind of them.
  case twoSections(String, constant: [String], writable: [String])
  /// A function symbol of size 0, as assembly has without `.size`.
  case unsizedFunction(String)
}

/// How an ELF file differs from a BPF object.
package enum ForeignELF: Hashable, Sendable {
  case elfClass(UInt8)
  case byteOrder(UInt8)
  /// Of the ELF format.
  case version(UInt8)
  case type(UInt16)
  case machine(UInt16)
}

/// One thing that is wrong in an ELF file, with where it is.
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
  /// A section that libbpf reads, or one with instructions, has no plain bytes.
  case sectionType(section: String, type: UInt32)
  case compressed(section: String)
  /// A function that begins or ends within an instruction.
  case functionRange(symbol: Int, value: UInt64, size: UInt64)
  /// A function ends within an instruction of 16 bytes.
  case cutInstruction(symbol: Int)
  /// Names that share their bytes so often that no reader could bear them all.
  case nameBytes(section: Int)
}
