package import Bytes

/// The header of a `.BTF` section, shared by the reader of types, the writers, and `ByteOrderSwap`.
///
/// Offsets count from the header's end. Source: `struct btf_header` of linux/btf.h.
package enum BTFHeader {
  package static var size: Int { 24 }

  package static var magic: ELFField<UInt16> { .init(0) }
  package static var version: ELFField<UInt8> { .init(2) }
  static var flags: ELFField<UInt8> { .init(3) }
  package static var headerLength: ELFField<UInt32> { .init(4) }
  package static var typeOffset: ELFField<UInt32> { .init(8) }
  package static var typeLength: ELFField<UInt32> { .init(12) }
  package static var stringOffset: ELFField<UInt32> { .init(16) }
  package static var stringLength: ELFField<UInt32> { .init(20) }

  package static let magicNumber: UInt16 = 0xeb9f
  package static let currentVersion: UInt8 = 1

  /// A header for a section in which the types follow immediately, and then the strings.
  package static func bytes(typeBytes: Int, stringBytes: Int, order: ByteOrder) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: size)
    header.set(magic, to: magicNumber, order: order)
    header.set(version, to: currentVersion, order: order)
    header.set(headerLength, to: UInt32(size), order: order)
    header.set(typeLength, to: UInt32(typeBytes), order: order)
    header.set(stringOffset, to: UInt32(typeBytes), order: order)
    header.set(stringLength, to: UInt32(stringBytes), order: order)
    return header
  }
}
