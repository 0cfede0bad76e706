import Bytes
import Testing

@testable import ELF

/// `ELFFields` is shared by readers, writers and the byte-order swap.
@Suite("Structures of the ELF format")
struct ELFFieldsTests {
  static let structures: [(structure: any ELFStructure.Type, start: Int)] = [
    // `e_ident` has no numbers.
    (FileHeader.self, 16), (SectionHeader.self, 0), (SymbolEntry.self, 0), (RelocationEntry.self, 0),
    (RelocationWithAddendEntry.self, 0),
  ]

  @Test("fields fill their structure without gaps, in both classes", arguments: structures.indices)
  func tiles(_ index: Int) {
    let (structure, start) = Self.structures[index]
    #expect(Self.end(of: structure.fields.map(\.wide), from: start) == structure.size, "\(structure)")
    let narrow = structure.fields.map(\.narrow).sorted { $0.lowerBound < $1.lowerBound }
    #expect(Self.end(of: narrow, from: start) == structure.narrowSize, "\(structure)")
  }

  /// The end of adjacent ranges; `nil` if there is a gap or an overlap.
  private static func end(of ranges: [Range<Int>], from start: Int) -> Int? {
    var end = start
    for range in ranges {
      guard range.lowerBound == end else { return nil }
      end = range.upperBound
    }
    return end
  }

  @Test("a number is read as it was written, in either class and byte order", arguments: [false, true], [false, true])
  func written(is64Bit: Bool, isLittle: Bool) {
    let order: ByteOrder = isLittle ? .little : .big
    var bytes = [UInt8](repeating: 0, count: SectionHeader.size(is64Bit: is64Bit))
    bytes.set(SectionHeader.byteCount, to: 0x1234_5678, order: order, is64Bit: is64Bit)
    bytes.set(SectionHeader.link, to: 7, order: order, is64Bit: is64Bit)
    let reader = ByteReader(bytes: bytes, order: order)
    #expect(reader.load(SectionHeader.byteCount, is64Bit: is64Bit) == 0x1234_5678)
    #expect(reader.load(SectionHeader.link, is64Bit: is64Bit) == 7)
    #expect(reader.load(SectionHeader.link, at: 1 << 20, is64Bit: is64Bit) == nil)
  }
}
