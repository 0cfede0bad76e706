internal import Bytes

/// Turns an object of the other byte order into this machine's, for libbpf to read.
///
/// libbpf before 1.5 refuses objects of the other order, and no header depends on it. What libbpf reads as numbers changes
/// its order: the ELF structures, BTF, instructions. What a program's variables and debug information hold stays as it is.
/// Swapping twice gives the same bytes.
///
/// Source: the layouts of elf.h, linux/btf.h and linux/bpf.h; libbpf 1.5 has the same in `btf_bswap_type_rest` and
/// `bpf_insn_bswap`.
package struct ByteOrderSwap {
  private let elf: ELFFile
  private var bytes: [UInt8]

  /// The object in the order that it does not have; its BTF is sound.
  package static func swapped(_ elf: ELFFile) -> [UInt8] {
    var swap = ByteOrderSwap(elf: elf, bytes: elf.reader.bytes)
    swap.swapHeaders()
    for section in elf.sections { swap.swapContent(of: section) }
    return swap.bytes
  }

  // MARK: ELF

  /// The sizes of the fields behind `e_ident`, of a section header, a symbol and a relocation.
  private static let elfHeader = [2, 2, 4, 8, 8, 8, 4, 2, 2, 2, 2, 2, 2]
  private static let sectionHeader = [4, 4, 8, 8, 8, 8, 4, 4, 8, 8]
  private static let symbol = [4, 1, 1, 2, 8, 8]
  private static let relocation = [8, 8]
  private static let relocationWithAddend = [8, 8, 8]

  private mutating func swapHeaders() {
    bytes[5] = elf.byteOrder == .little ? 2 : 1
    swap(ByteOrderSwap.elfHeader, in: 16..<ELFFormat.headerSize)
    let table = Int(elf.reader.load(UInt64.self, at: 40)!)
    swap(ByteOrderSwap.sectionHeader, in: table..<table + elf.sections.count * ELFFormat.sectionHeaderSize)
  }

  private mutating func swapContent(of section: ELFFile.Section) {
    let range = section.offset..<section.offset + elf.bytes(of: section).count
    switch section.type {
    case _ where section.name == ".BTF": swapTypes(range)
    case _ where section.name == ".BTF.ext": swapExtension(range)
    case ELFFormat.symbolTable: swap(ByteOrderSwap.symbol, in: range)
    case ELFFormat.relocations: swap(ByteOrderSwap.relocation, in: range)
    case ELFFormat.relocationsWithAddend: swap(ByteOrderSwap.relocationWithAddend, in: range)
    case ELFFormat.programBits where section.flags & ELFFormat.executable != 0: swapInstructions(range)
    default: break
    }
  }

  // MARK: BPF

  /// A header of 32-bit words behind the magic number, version and flags; types that are 32-bit words throughout; strings.
  private mutating func swapTypes(_ range: Range<Int>) {
    func word(_ at: Int) -> Int { Int(elf.reader.load(UInt32.self, at: range.lowerBound + at)!) }
    let types = range.lowerBound + word(4) + word(8)
    let end = types + word(12)
    swap([2, 1, 1], in: range.prefix(4))
    swap([4], in: range.lowerBound + 4..<range.lowerBound + word(4))
    swap([4], in: types..<end)
  }

  private mutating func swapExtension(_ range: Range<Int>) {
    swap([2, 1, 1], in: range.prefix(4))
    swap([4], in: range.dropFirst(4))
  }

  /// The operation, two registers of four bits, an offset and an immediate value.
  private mutating func swapInstructions(_ range: Range<Int>) {
    swap([1, 1, 2, 4], in: range)
    for at in stride(from: range.lowerBound + 1, to: range.upperBound, by: ELFFormat.instructionSize) {
      bytes[at] = bytes[at] << 4 | bytes[at] >> 4
    }
  }

  /// Turns around each field of the records that a range is full of.
  private mutating func swap(_ fields: [Int], in range: Range<Int>) {
    let record = fields.reduce(0, +)
    for start in stride(from: range.lowerBound, through: range.upperBound - record, by: record) {
      var at = start
      for size in fields {
        bytes[at..<at + size].reverse()
        at += size
      }
    }
  }
}
