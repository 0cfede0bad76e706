/// Writes a relocatable 64-bit BPF object in this machine's byte order: the header, the sections one after the other, each at
/// its alignment, and the section table.
///
/// The layout is the one that libelf computes, so that what libbpf's linker would write is written byte for byte.
struct ELFWriter {
  struct Section {
    /// The offset of the name in the first section, which is the string table of all names.
    let name: Int
    let type: UInt32
    var flags: UInt64 = 0
    /// The bytes; empty in a section without bytes in the file.
    var bytes: [UInt8] = []
    /// The size of a section without bytes in the file.
    var zeroBytes = 0
    var link: UInt32 = 0
    var info: UInt32 = 0
    var alignment: UInt64 = 1
    var entrySize: UInt64 = 0
  }

  /// The sections in their order; the first of them is number 1.
  var sections: [Section] = []

  /// The file. O(bytes).
  func bytes() -> [UInt8] {
    var offsets: [Int] = []
    var end = ELF.headerSize
    for section in sections {
      let alignment = Int(max(1, section.alignment))
      end = (end + alignment - 1) / alignment * alignment
      offsets.append(end)
      end += section.bytes.count
    }
    let table = (end + 7) / 8 * 8
    var file = FieldWriter(capacity: table + (sections.count + 1) * ELF.sectionHeaderSize)
    appendHeader(to: &file, table: table)
    for (section, offset) in zip(sections, offsets) {
      file.pad(to: offset)
      file.append(section.bytes)
    }
    file.pad(to: table + ELF.sectionHeaderSize)
    for (section, offset) in zip(sections, offsets) {
      file.append(UInt32(section.name))
      file.append(section.type)
      file.append(section.flags)
      file.append(UInt64(0))
      file.append(UInt64(offset))
      file.append(UInt64(section.type == ELF.noBits ? section.zeroBytes : section.bytes.count))
      file.append(section.link)
      file.append(section.info)
      file.append(section.alignment)
      file.append(section.entrySize)
    }
    return file.bytes
  }

  private func appendHeader(to file: inout FieldWriter, table: Int) {
    let order: UInt8 = ByteOrderSwap.host == .little ? 1 : 2
    file.append([0x7f, 0x45, 0x4c, 0x46, 2, order, ELF.currentVersion])
    file.pad(to: 16)
    file.append(ELF.relocatable)
    file.append(ELF.bpf)
    file.append(UInt32(ELF.currentVersion))
    file.append(UInt64(0))  // entry point
    file.append(UInt64(0))  // program headers
    file.append(UInt64(table))
    file.append(UInt32(0))  // flags
    file.append(UInt16(ELF.headerSize))
    file.append(UInt16(0))
    file.append(UInt16(0))
    file.append(UInt16(ELF.sectionHeaderSize))
    file.append(UInt16(sections.count + 1))
    file.append(UInt16(1))  // the section of the sections' names
  }
}

/// Appends integers in this machine's byte order.
struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ more: [UInt8]) { bytes += more }

  mutating func append(_ words: [UInt32]) {
    words.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// Appends zeros up to an offset.
  mutating func pad(to offset: Int) {
    bytes.append(contentsOf: repeatElement(0, count: max(0, offset - bytes.count)))
  }
}
