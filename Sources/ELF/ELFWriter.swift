internal import Bytes

/// Writes a relocatable ELF file: the header, the sections one after the other, each aligned, and the section table.
///
/// It uses libelf's layout, so that its output is byte for byte what libbpf's linker would write.
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

    var headerSize: Int { FileHeader.size(is64Bit: is64Bit) }
    var sectionHeaderSize: Int { SectionHeader.size(is64Bit: is64Bit) }
    package var symbolSize: Int { SymbolEntry.size(is64Bit: is64Bit) }
    fileprivate var order: ByteOrder { isBigEndian ? .big : .little }

    /// Sets a field of the structure at an offset.
    fileprivate func set<Value>(
      _ field: ELFField<Value>, at start: Int = 0, to value: Value, in bytes: inout [UInt8]
    ) {
      bytes.set(field, at: start, to: value, order: order, is64Bit: is64Bit)
    }
  }

  package struct Section {
    /// The offset of the name in the string table for section names.
    let name: Int
    let type: UInt32
    var flags: UInt64 = 0
    /// The bytes, in the file's byte order; empty for a section without bytes in the file.
    var bytes: [UInt8] = []
    /// The size of a section without bytes in the file. For the section at the end of the file: how many bytes the
    /// caller appends to it.
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
  /// The sections in order; the first one has number 1.
  package var sections: [Section] = []
  /// The number of the section that contains the section names.
  package var names = 1
  /// The number of the section at the end of the file, after the section table; `nil` for none.
  package var last: Int?

  package init(_ form: Form) { self.form = form }

  /// The offset of each part.
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
    file.append(header(table: layout.table))
    for (index, section) in sections.enumerated() where index + 1 != last {
      file.pad(to: layout.offsets[index])
      file.append(section.bytes)
    }
    file.pad(to: layout.table)
    file.append(sectionTable(layout.offsets))
    if let last {
      file.pad(to: layout.offsets[last - 1])
      file.append(sections[last - 1].bytes)
    }
    return file.bytes
  }

  private func header(table: Int) -> [UInt8] {
    var header = FileHeader.magic + [UInt8](repeating: 0, count: form.headerSize - FileHeader.magic.count)
    form.set(FileHeader.elfClass, to: form.is64Bit ? ELFFormat.class64 : ELFFormat.class32, in: &header)
    form.set(FileHeader.byteOrder, to: ELFFormat.number(of: form.order), in: &header)
    form.set(FileHeader.identVersion, to: ELFFormat.currentVersion, in: &header)
    form.set(FileHeader.type, to: ELFFormat.relocatable, in: &header)
    form.set(FileHeader.machine, to: form.machine, in: &header)
    form.set(FileHeader.version, to: UInt32(ELFFormat.currentVersion), in: &header)
    form.set(FileHeader.sectionTable, to: UInt64(table), in: &header)
    form.set(FileHeader.flags, to: form.flags, in: &header)
    form.set(FileHeader.headerSize, to: UInt16(form.headerSize), in: &header)
    form.set(FileHeader.sectionHeaderSize, to: UInt16(form.sectionHeaderSize), in: &header)
    form.set(FileHeader.sectionCount, to: UInt16(sections.count + 1), in: &header)
    form.set(FileHeader.sectionNames, to: UInt16(names), in: &header)
    return header
  }

  /// The headers of all sections, preceded by an empty one.
  private func sectionTable(_ offsets: [Int]) -> [UInt8] {
    var table = [UInt8](repeating: 0, count: (sections.count + 1) * form.sectionHeaderSize)
    for (index, section) in sections.enumerated() {
      let start = (index + 1) * form.sectionHeaderSize
      form.set(SectionHeader.name, at: start, to: UInt32(section.name), in: &table)
      form.set(SectionHeader.type, at: start, to: section.type, in: &table)
      form.set(SectionHeader.flags, at: start, to: section.flags, in: &table)
      form.set(SectionHeader.offset, at: start, to: UInt64(offsets[index]), in: &table)
      form.set(SectionHeader.byteCount, at: start, to: UInt64(section.bytes.count + section.moreBytes), in: &table)
      form.set(SectionHeader.link, at: start, to: section.link, in: &table)
      form.set(SectionHeader.info, at: start, to: section.info, in: &table)
      form.set(SectionHeader.alignment, at: start, to: section.alignment, in: &table)
      form.set(SectionHeader.entrySize, at: start, to: section.entrySize, in: &table)
    }
    return table
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

    /// The empty symbol at the start of every table.
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

  /// A symbol table under construction.
  package struct SymbolTable {
    private let form: Form
    package private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: how many symbols are expected.
    package init(_ form: Form, capacity: Int) {
      self.form = form
      bytes.reserveCapacity(capacity * form.symbolSize)
    }

    package mutating func append(_ symbol: Symbol) {
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: form.symbolSize))
      form.set(SymbolEntry.name, at: start, to: symbol.name, in: &bytes)
      form.set(SymbolEntry.info, at: start, to: symbol.info, in: &bytes)
      form.set(SymbolEntry.other, at: start, to: symbol.other, in: &bytes)
      form.set(SymbolEntry.section, at: start, to: symbol.section, in: &bytes)
      form.set(SymbolEntry.value, at: start, to: symbol.value, in: &bytes)
      form.set(SymbolEntry.byteCount, at: start, to: symbol.size, in: &bytes)
    }
  }
}
