public import Bytes

/// A field of an ELF structure: its offset in a file of either class.
///
/// `Value` is its type in a 64-bit file. 64-bit values there (addresses, offsets and sizes) are 32-bit values in a
/// 32-bit file.
///
/// Public and inlinable, like the functions that read and write it, because Swift does not specialize `package`
/// generics in other modules.
@frozen public struct ELFField<Value: FixedWidthInteger & UnsignedInteger>: Sendable {
  /// In a 64-bit file.
  public let offset: Int
  /// In a 32-bit file.
  public let narrowOffset: Int

  init(_ offset: Int, narrow narrowOffset: Int) {
    self.offset = offset
    self.narrowOffset = narrowOffset
  }

  /// A field that has the same offset in both classes.
  init(_ offset: Int) { self.init(offset, narrow: offset) }

  /// The offset in a file of either class.
  @inlinable public func offset(is64Bit: Bool) -> Int { is64Bit ? offset : narrowOffset }

  /// The bytes of the field in its structure.
  var bytes: ELFFieldBytes {
    let size = MemoryLayout<Value>.size
    return ELFFieldBytes(wide: offset..<offset + size, narrow: narrowOffset..<narrowOffset + min(size, 4))
  }
}

/// The bytes of a field in its structure, in a 64-bit and in a 32-bit file.
package struct ELFFieldBytes: Sendable {
  let wide: Range<Int>
  let narrow: Range<Int>
}

/// The description of a structure, shared by its readers and writers. Source: elf.h.
package protocol ELFStructure: Sendable {
  /// In bytes, in a 64-bit file.
  static var size: Int { get }
  /// In bytes, in a 32-bit file.
  static var narrowSize: Int { get }
  /// In the order of a 64-bit file.
  static var fields: [ELFFieldBytes] { get }
}

extension ELFStructure {
  package static func size(is64Bit: Bool) -> Int { is64Bit ? size : narrowSize }
}

/// `Elf64_Ehdr` and `Elf32_Ehdr`.
package enum FileHeader: ELFStructure {
  package static var size: Int { 64 }
  package static var narrowSize: Int { 52 }
  static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]

  static var elfClass: ELFField<UInt8> { .init(4, narrow: 4) }
  static var byteOrder: ELFField<UInt8> { .init(5, narrow: 5) }
  static var identVersion: ELFField<UInt8> { .init(6, narrow: 6) }
  static var type: ELFField<UInt16> { .init(16, narrow: 16) }
  package static var machine: ELFField<UInt16> { .init(18, narrow: 18) }
  static var version: ELFField<UInt32> { .init(20, narrow: 20) }
  static var entryPoint: ELFField<UInt64> { .init(24, narrow: 24) }
  static var programHeaders: ELFField<UInt64> { .init(32, narrow: 28) }
  package static var sectionTable: ELFField<UInt64> { .init(40, narrow: 32) }
  package static var flags: ELFField<UInt32> { .init(48, narrow: 36) }
  static var headerSize: ELFField<UInt16> { .init(52, narrow: 40) }
  static var programHeaderSize: ELFField<UInt16> { .init(54, narrow: 42) }
  static var programHeaderCount: ELFField<UInt16> { .init(56, narrow: 44) }
  package static var sectionHeaderSize: ELFField<UInt16> { .init(58, narrow: 46) }
  package static var sectionCount: ELFField<UInt16> { .init(60, narrow: 48) }
  /// The number of the section that contains the section names.
  package static var sectionNames: ELFField<UInt16> { .init(62, narrow: 50) }

  /// The byte order and the class of an ELF file; `nil` if it is not one.
  package static func form(of file: [UInt8]) -> (order: ByteOrder, is64Bit: Bool)? {
    guard file.count >= narrowSize, file.starts(with: magic) else { return nil }
    let (elfClass, number) = (file.load(FileHeader.elfClass), file.load(FileHeader.byteOrder))
    guard let order = ELFFormat.byteOrder(number), elfClass == ELFFormat.class32 || elfClass == ELFFormat.class64 else {
      return nil
    }
    return (order, elfClass == ELFFormat.class64)
  }

  /// The fields after `e_ident`.
  package static var fields: [ELFFieldBytes] {
    [
      type.bytes, machine.bytes, version.bytes,
      entryPoint.bytes, programHeaders.bytes, sectionTable.bytes,
      flags.bytes, headerSize.bytes, programHeaderSize.bytes,
      programHeaderCount.bytes, sectionHeaderSize.bytes,
      sectionCount.bytes, sectionNames.bytes,
    ]
  }
}

/// `Elf64_Shdr` and `Elf32_Shdr`.
package enum SectionHeader: ELFStructure {
  package static var size: Int { 64 }
  package static var narrowSize: Int { 40 }

  package static var name: ELFField<UInt32> { .init(0, narrow: 0) }
  package static var type: ELFField<UInt32> { .init(4, narrow: 4) }
  package static var flags: ELFField<UInt64> { .init(8, narrow: 8) }
  static var address: ELFField<UInt64> { .init(16, narrow: 12) }
  package static var offset: ELFField<UInt64> { .init(24, narrow: 16) }
  /// The size of the section; the size of the structure is `size(is64Bit:)`.
  package static var byteCount: ELFField<UInt64> { .init(32, narrow: 20) }
  package static var link: ELFField<UInt32> { .init(40, narrow: 24) }
  static var info: ELFField<UInt32> { .init(44, narrow: 28) }
  package static var alignment: ELFField<UInt64> { .init(48, narrow: 32) }
  static var entrySize: ELFField<UInt64> { .init(56, narrow: 36) }

  package static var fields: [ELFFieldBytes] {
    [
      name.bytes, type.bytes, flags.bytes, address.bytes,
      offset.bytes, byteCount.bytes, link.bytes,
      info.bytes, alignment.bytes, entrySize.bytes,
    ]
  }
}

/// `Elf64_Sym` and `Elf32_Sym`, which order their fields differently.
package enum SymbolEntry: ELFStructure {
  package static var size: Int { 24 }
  package static var narrowSize: Int { 16 }

  static var name: ELFField<UInt32> { .init(0, narrow: 0) }
  /// The upper four bits are the binding, the lower four the type.
  static var info: ELFField<UInt8> { .init(4, narrow: 12) }
  static var other: ELFField<UInt8> { .init(5, narrow: 13) }
  static var section: ELFField<UInt16> { .init(6, narrow: 14) }
  static var value: ELFField<UInt64> { .init(8, narrow: 4) }
  /// The size of the named entity.
  static var byteCount: ELFField<UInt64> { .init(16, narrow: 8) }

  package static var fields: [ELFFieldBytes] {
    [
      name.bytes, info.bytes, other.bytes, section.bytes,
      value.bytes, byteCount.bytes,
    ]
  }
}

/// `Elf64_Rel` and `Elf32_Rel`.
package enum RelocationEntry: ELFStructure {
  package static var size: Int { 16 }
  package static var narrowSize: Int { 8 }

  static var offset: ELFField<UInt64> { .init(0, narrow: 0) }
  /// In a 64-bit file the upper 32 bits are the symbol, the lower the type.
  static var info: ELFField<UInt64> { .init(8, narrow: 4) }

  package static var fields: [ELFFieldBytes] {
    [offset.bytes, info.bytes]
  }
}

/// `Elf64_Rela` and `Elf32_Rela`: a `RelocationEntry` with an addend.
package enum RelocationWithAddendEntry: ELFStructure {
  package static var size: Int { 24 }
  package static var narrowSize: Int { 12 }

  static var addend: ELFField<UInt64> { .init(16, narrow: 8) }

  package static var fields: [ELFFieldBytes] {
    RelocationEntry.fields + [addend.bytes]
  }
}

extension ByteReader {
  /// A field of the structure at an offset in a 64-bit file; `nil` if it is not inside the bytes.
  @inlinable public func load<Value>(_ field: ELFField<Value>, at start: Int = 0) -> Value? {
    load(Value.self, at: start + field.offset)
  }

  /// A field of the structure at an offset in a file of either class; `nil` if it is not inside the bytes.
  @inlinable public func load<Value>(_ field: ELFField<Value>, at start: Int = 0, is64Bit: Bool) -> Value? {
    if is64Bit { return load(field, at: start) }
    let offset = start + field.narrowOffset
    return MemoryLayout<Value>.size == 8
      ? load(UInt32.self, at: offset).map { Value(truncatingIfNeeded: $0) } : load(Value.self, at: offset)
  }
}

extension [UInt8] {
  /// A field of the structure at an offset in a 64-bit file of this machine's byte order.
  @inlinable public func load<Value>(_ field: ELFField<Value>, at start: Int = 0) -> Value {
    load(Value.self, at: start + field.offset)
  }

  /// Sets a field of the structure at an offset. In a 32-bit file the value must fit into the field.
  @inlinable public mutating func set<Value>(
    _ field: ELFField<Value>, at start: Int = 0, to value: Value, order: ByteOrder = .host, is64Bit: Bool = true
  ) {
    let isSwapped = order != .host
    if is64Bit || MemoryLayout<Value>.size < 8 {
      store(isSwapped ? value.byteSwapped : value, at: start + field.offset(is64Bit: is64Bit))
    } else {
      let value = UInt32(value)
      store(isSwapped ? value.byteSwapped : value, at: start + field.narrowOffset)
    }
  }
}
