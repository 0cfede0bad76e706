internal import Bytes

/// Writes a relocatable ELF file: the header, the sections one after the other, each at its alignment, and the section table.
///
/// The layout is the one that libelf computes, so that what libbpf's linker would write is written byte for byte.
package struct ELFWriter {
  /// The class, byte order and machine of a file.
  package struct Form {
    let is64Bit: Bool
    let isBigEndian: Bool
    /// `e_machine`.
    let machine: UInt16
    /// `e_flags`.
    let flags: UInt32

    package init(is64Bit: Bool, isBigEndian: Bool, machine: UInt16, flags: UInt32) {
      self.is64Bit = is64Bit
      self.isBigEndian = isBigEndian
      self.machine = machine
      self.flags = flags
    }

    /// A BPF object in this machine's byte order.
    package static let bpf = Form(is64Bit: true, isBigEndian: ByteOrder.host == .big, machine: ELFFormat.bpf, flags: 0)

    var headerSize: Int { is64Bit ? 64 : 52 }
    var sectionHeaderSize: Int { is64Bit ? 64 : 40 }
    package var symbolSize: Int { is64Bit ? 24 : 16 }
  }

  package struct Section {
    /// The offset of the name in the section that is the string table of all names.
    let name: Int
    let type: UInt32
    var flags: UInt64 = 0
    /// The bytes, in the file's byte order; empty in a section without bytes in the file.
    var bytes: [UInt8] = []
    /// The size of a section that has no bytes in the file. For the section that ends the file: how many bytes the caller
    /// appends to it.
    var moreBytes = 0
    var link: UInt32 = 0
    var info: UInt32 = 0
    var alignment: UInt64 = 1
    var entrySize: UInt64 = 0

    package init(
      name: Int, type: UInt32, flags: UInt64 = 0, bytes: [UInt8] = [], moreBytes: Int = 0, link: UInt32 = 0,
      info: UInt32 = 0, alignment: UInt64 = 1, entrySize: UInt64 = 0
    ) {
      self.name = name
      self.type = type
      self.flags = flags
      self.bytes = bytes
      self.moreBytes = moreBytes
      self.link = link
      self.info = info
      self.alignment = alignment
      self.entrySize = entrySize
    }
  }

  let form: Form
  /// The sections in their order; the first of them is number 1.
  package var sections: [Section] = []
  /// The number of the section with the sections' names.
  package var names = 1
  /// The number of the section that comes last in the file, after the section table; `nil` for none.
  package var last: Int?

  package init(_ form: Form) { self.form = form }

  /// Where each part lies.
  private struct Layout {
    var offsets: [Int] = []
    var table: Int

    init(_ sections: [Section], _ form: Form, last: Int?) {
      var end = form.headerSize
      for (index, section) in sections.enumerated() {
        let isLast = index + 1 == last
        offsets.append(isLast ? 0 : Layout.aligned(end, Int(section.alignment)))
        if !isLast { end = offsets[index] + section.bytes.count }
      }
      table = Layout.aligned(end, 8)
      if let last {
        let end = table + (sections.count + 1) * form.sectionHeaderSize
        offsets[last - 1] = Layout.aligned(end, Int(sections[last - 1].alignment))
      }
    }

    private static func aligned(_ offset: Int, _ alignment: Int) -> Int {
      (offset + max(1, alignment) - 1) / max(1, alignment) * max(1, alignment)
    }
  }

  /// The file. O(bytes).
  package func bytes() -> [UInt8] {
    let layout = Layout(sections, form, last: last)
    let tableSize = (sections.count + 1) * form.sectionHeaderSize
    var file = ByteWriter(capacity: layout.table + tableSize + (last.map { sections[$0 - 1].bytes.count } ?? 0))
    appendHeader(to: &file, table: layout.table)
    for (index, section) in sections.enumerated() where index + 1 != last {
      file.pad(to: layout.offsets[index])
      file.append(section.bytes)
    }
    file.pad(to: layout.table + form.sectionHeaderSize)
    for (section, offset) in zip(sections, layout.offsets) { append(section, at: offset, to: &file) }
    if let last {
      file.pad(to: layout.offsets[last - 1])
      file.append(sections[last - 1].bytes)
    }
    return file.bytes
  }

  private func append(_ section: Section, at offset: Int, to file: inout ByteWriter) {
    append(UInt32(section.name), to: &file)
    append(section.type, to: &file)
    appendWord(section.flags, to: &file)
    appendWord(0, to: &file)  // address
    appendWord(UInt64(offset), to: &file)
    appendWord(UInt64(section.bytes.count + section.moreBytes), to: &file)
    append(section.link, to: &file)
    append(section.info, to: &file)
    appendWord(section.alignment, to: &file)
    appendWord(section.entrySize, to: &file)
  }

  private func appendHeader(to file: inout ByteWriter, table: Int) {
    file.append([0x7f, 0x45, 0x4c, 0x46, form.is64Bit ? 2 : 1, form.isBigEndian ? 2 : 1, ELFFormat.currentVersion])
    file.pad(to: 16)
    append(ELFFormat.relocatable, to: &file)
    append(form.machine, to: &file)
    append(UInt32(ELFFormat.currentVersion), to: &file)
    appendWord(0, to: &file)  // entry point
    appendWord(0, to: &file)  // program headers
    appendWord(UInt64(table), to: &file)
    append(form.flags, to: &file)
    append(UInt16(form.headerSize), to: &file)
    append(UInt16(0), to: &file)
    append(UInt16(0), to: &file)
    append(UInt16(form.sectionHeaderSize), to: &file)
    append(UInt16(sections.count + 1), to: &file)
    append(UInt16(names), to: &file)
  }

  /// Appends a number in the file's byte order.
  private func append<Value: FixedWidthInteger>(_ value: Value, to file: inout ByteWriter) {
    file.append(form.isBigEndian ? value.bigEndian : value.littleEndian)
  }

  /// Appends what has 64 bits in one class and 32 in the other.
  private func appendWord(_ value: UInt64, to file: inout ByteWriter) {
    if form.is64Bit { append(value, to: &file) } else { append(UInt32(value), to: &file) }
  }
}

extension ELFWriter {
  /// A symbol of a symbol table.
  package struct Symbol {
    var name: UInt32 = 0
    var info: UInt8 = 0
    var other: UInt8 = 0
    var section: UInt16 = 0
    var value: UInt64 = 0
    var size: UInt64 = 0

    /// The symbol that every table begins with.
    package init() {}

    package init(name: Int, info: UInt8, other: UInt8, section: UInt16, value: UInt64, size: UInt64) {
      self.name = UInt32(name)
      self.info = info
      self.other = other
      self.section = section
      self.value = value
      self.size = size
    }
  }

  /// The bytes of a symbol table: the two classes order a symbol's fields differently.
  package func bytes(of symbols: [Symbol]) -> [UInt8] {
    var table = ByteWriter(capacity: symbols.count * form.symbolSize)
    for symbol in symbols {
      append(symbol.name, to: &table)
      if form.is64Bit {
        table.append([symbol.info, symbol.other])
        append(symbol.section, to: &table)
      }
      appendWord(symbol.value, to: &table)
      appendWord(symbol.size, to: &table)
      if !form.is64Bit {
        table.append([symbol.info, symbol.other])
        append(symbol.section, to: &table)
      }
    }
    return table.bytes
  }
}
