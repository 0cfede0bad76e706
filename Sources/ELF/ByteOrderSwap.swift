internal import Bytes

/// Converts an object of the other byte order to this machine's, for libbpf.
///
/// libbpf before 1.5 refuses objects of the other byte order, but no header depends on it. Everything that libbpf reads
/// as numbers is swapped: ELF structures, BTF and instructions. The initial values of variables and debug information
/// are unchanged. Swapping twice gives the original bytes.
///
/// Source: the layouts of elf.h, linux/btf.h and linux/bpf.h; libbpf 1.5 has the same in `btf_bswap_type_rest` and
/// `bpf_insn_bswap`.
package struct ByteOrderSwap {
  private let elf: ELFFile
  private var bytes: [UInt8]

  /// The object in the other byte order. Its BTF must be valid.
  package static func swapped(_ elf: ELFFile) -> [UInt8] {
    var swap = ByteOrderSwap(elf: elf, bytes: elf.reader.bytes)
    swap.swapHeaders()
    for section in elf.sections { swap.swapContent(of: section) }
    return swap.bytes
  }

  // MARK: ELF

  private mutating func swapHeaders() {
    bytes.set(FileHeader.byteOrder, to: ELFFormat.number(of: elf.byteOrder == .little ? .big : .little))
    swap(FileHeader.self, in: 0..<FileHeader.size)
    let table = Int(elf.reader.load(FileHeader.sectionTable)!)
    swap(SectionHeader.self, in: table..<table + elf.sections.count * SectionHeader.size)
  }

  /// Swaps each field of the structures in a range.
  private mutating func swap(_ structure: (some ELFStructure).Type, in range: Range<Int>) {
    swap(structure.fields.map(\.wide), every: structure.size, in: range)
  }

  private mutating func swapContent(of section: ELFFile.Section) {
    let range = section.offset..<section.offset + elf.bytes(of: section).count
    switch section.type {
    case _ where section.name == ".BTF": swapTypes(range)
    case _ where section.name == ".BTF.ext": swapExtension(range)
    case ELFFormat.symbolTable: swap(SymbolEntry.self, in: range)
    case ELFFormat.relocations: swap(RelocationEntry.self, in: range)
    case ELFFormat.relocationsWithAddend: swap(RelocationWithAddendEntry.self, in: range)
    case ELFFormat.programBits where section.flags & ELFFormat.executable != 0: swapInstructions(range)
    default: break
    }
  }

  // MARK: BPF

  /// The magic number at the beginning of BTF and `.BTF.ext`, followed by version and flags.
  private static let magic = [0..<2]
  private static let word = [0..<4]
  /// The offset and the immediate value of an instruction.
  private static let instruction = [2..<4, 4..<8]

  /// Swaps a header of 32-bit words after the magic number, version and flags, then types, which are all 32-bit words.
  /// Strings are unchanged.
  private mutating func swapTypes(_ range: Range<Int>) {
    func field(_ field: ELFField<UInt32>) -> Int { Int(elf.reader.load(field, at: range.lowerBound)!) }
    let headerEnd = range.lowerBound + field(BTFHeader.headerLength)
    let types = headerEnd + field(BTFHeader.typeOffset)
    let end = types + field(BTFHeader.typeLength)
    swap(ByteOrderSwap.magic, every: 4, in: range.prefix(4))
    swap(ByteOrderSwap.word, every: 4, in: range.lowerBound + 4..<headerEnd)
    swap(ByteOrderSwap.word, every: 4, in: types..<end)
  }

  private mutating func swapExtension(_ range: Range<Int>) {
    swap(ByteOrderSwap.magic, every: 4, in: range.prefix(4))
    swap(ByteOrderSwap.word, every: 4, in: range.dropFirst(4))
  }

  /// Swaps instructions: the operation, two 4-bit registers, an offset and an immediate value.
  private mutating func swapInstructions(_ range: Range<Int>) {
    swap(ByteOrderSwap.instruction, every: ELFFormat.instructionSize, in: range)
    for at in stride(from: range.lowerBound + 1, to: range.upperBound, by: ELFFormat.instructionSize) {
      bytes[at] = bytes[at] << 4 | bytes[at] >> 4
    }
  }

  /// Swaps each field of the records of one size in a range.
  private mutating func swap(_ fields: [Range<Int>], every size: Int, in range: Range<Int>) {
    for start in stride(from: range.lowerBound, through: range.upperBound - size, by: size) {
      for field in fields { bytes[start + field.lowerBound..<start + field.upperBound].reverse() }
    }
  }
}
