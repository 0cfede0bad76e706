/// Writes a relocatable BPF object around hand-made BTF: sections, and a symbol for each that is asked for.
struct ObjectBuilder {
  private struct Section {
    var name: String
    var type: UInt32
    var flags: UInt64
    var content: [UInt8]
    /// The size in the section header; larger than the content only if the section takes no space in the file.
    var size: Int
    var link: UInt32 = 0
    var info: UInt32 = 0
    var entrySize: UInt64 = 0
  }

  private var sections = [Section(name: "", type: 0, flags: 0, content: [], size: 0)]
  private(set) var symbolCount = 1
  private var symbols = [UInt8](repeating: 0, count: 24)
  private var symbolNames: [UInt8] = [0]

  /// Adds a section with bytes; its index.
  @discardableResult
  mutating func section(_ name: String, _ content: [UInt8], type: UInt32 = 1, flags: UInt64 = 0) -> Int {
    sections.append(Section(name: name, type: type, flags: flags, content: content, size: content.count))
    return sections.count - 1
  }

  /// Adds a section that is zero at the start and takes no room in the file (`.bss`); its index.
  @discardableResult
  mutating func zeroSection(_ name: String, bytes: Int) -> Int {
    sections.append(Section(name: name, type: 8, flags: 3, content: [], size: bytes))
    return sections.count - 1
  }

  /// Adds a relocation section; each relocation changes what is at an offset of its target.
  /// - Parameter entries: the offset, the symbol's number, and the type: 1 for a 64-bit load, 10 for a call.
  mutating func relocations(_ name: String, of target: Int, _ entries: [(offset: Int, symbol: Int, type: Int)]) {
    let content = entries.flatMap { littleEndian(UInt64($0.offset)) + littleEndian(UInt64($0.symbol << 32 | $0.type)) }
    let index = section(name, content, type: 9, flags: 0x40)
    sections[index].info = UInt32(target)
    sections[index].entrySize = 16
  }

  /// Adds a symbol; its number.
  /// - Parameters:
  ///   - type: 0 for an extern, 1 for data, 2 for a function, 3 for a section.
  ///   - binding: 0 local, 1 global, 2 weak.
  @discardableResult
  mutating func symbol(_ name: String, type: UInt8, section: Int, at offset: Int, size: Int, binding: UInt8 = 1) -> Int
  {
    symbol(
      nameOffset: UInt32(symbolNames.count), type: type, section: section, at: offset, size: size, binding: binding)
    symbolNames += Array(name.utf8) + [0]
    return symbolCount - 1
  }

  mutating func symbol(
    nameOffset: UInt32, type: UInt8, section: Int, at offset: Int, size: Int, binding: UInt8 = 1
  ) {
    symbols += littleEndian(nameOffset) + [binding << 4 | type, 0] + littleEndian(UInt16(section))
    symbols += littleEndian(UInt64(offset)) + littleEndian(UInt64(size))
    symbolCount += 1
  }

  /// Adds a program of two instructions, `r0 = 0; exit`.
  mutating func program(_ name: String, section: String, binding: UInt8 = 1) {
    let index = self.section(section, ObjectBuilder.code, flags: 6)
    symbol(name, type: 2, section: index, at: 0, size: ObjectBuilder.code.count, binding: binding)
  }

  static let code: [UInt8] = [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]

  /// The file.
  var bytes: [UInt8] {
    var sections = sections
    let stringTable = UInt32(sections.count + 1)
    for index in sections.indices where sections[index].type == 9 { sections[index].link = stringTable - 1 }
    sections.append(
      Section(
        name: ".symtab", type: 2, flags: 0, content: symbols, size: symbols.count, link: stringTable, info: 1,
        entrySize: 24))
    sections.append(Section(name: ".strtab", type: 3, flags: 0, content: symbolNames, size: symbolNames.count))
    let names = ObjectBuilder.names(of: sections)
    sections.append(Section(name: ".shstrtab", type: 3, flags: 0, content: names.table, size: names.table.count))

    var body = [UInt8](repeating: 0, count: 64)
    var headers: [UInt8] = []
    for (index, section) in sections.enumerated() {
      body += [UInt8](repeating: 0, count: (8 - body.count % 8) % 8)
      headers += littleEndian(names.offsets[index]) + littleEndian(section.type) + littleEndian(section.flags)
      headers += littleEndian(UInt64(0)) + littleEndian(UInt64(index == 0 ? 0 : body.count))
      headers += littleEndian(UInt64(section.size)) + littleEndian(section.link) + littleEndian(section.info)
      headers += littleEndian(UInt64(index == 0 ? 0 : 8)) + littleEndian(section.entrySize)
      body += section.content
    }
    body += [UInt8](repeating: 0, count: (8 - body.count % 8) % 8)
    body.replaceSubrange(0..<64, with: ObjectBuilder.header(sectionTable: body.count, sections: sections.count))
    return body + headers
  }

  private static func names(of sections: [Section]) -> (table: [UInt8], offsets: [UInt32]) {
    var table: [UInt8] = []
    var offsets: [UInt32] = []
    for name in sections.map(\.name) + [".shstrtab"] {
      offsets.append(UInt32(table.count))
      table += Array(name.utf8) + [0]
    }
    return (table, offsets)
  }

  private static func header(sectionTable: Int, sections: Int) -> [UInt8] {
    let ident: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    let kind = littleEndian(UInt16(1)) + littleEndian(UInt16(247)) + littleEndian(UInt32(1))
    let offsets = littleEndian(UInt64(0)) + littleEndian(UInt64(0)) + littleEndian(UInt64(sectionTable))
    let sizes: [UInt16] = [64, 0, 0, 64, UInt16(sections), UInt16(sections - 1)]
    return ident + kind + offsets + littleEndian(UInt32(0)) + sizes.flatMap(littleEndian)
  }
}

extension ObjectBuilder {
  /// An object with `.bss` variables, one a type, laid out one after the other, and one program.
  ///
  /// - Parameters:
  ///   - variables: their types and sizes in bytes.
  ///   - binding: of all symbols; weak ones can be linked with those of another object.
  static func object(
    _ btf: BTFBuilder, variables: [(name: String, type: UInt32, size: UInt32)], binding: UInt8 = 1
  ) -> [UInt8] {
    var btf = btf
    var entries: [(id: UInt32, offset: UInt32, size: UInt32)] = []
    var end: UInt32 = 0
    for variable in variables {
      let offset = (end + 7) / 8 * 8
      entries.append((btf.variable(variable.name, variable.type), offset, variable.size))
      end = offset + variable.size
    }
    btf.section(".bss", bytes: max(end, 1), entries)
    var object = ObjectBuilder()
    let section = object.zeroSection(".bss", bytes: Int(max(end, 1)))
    for (variable, entry) in zip(variables, entries) {
      object.symbol(
        variable.name, type: 1, section: section, at: Int(entry.offset), size: Int(entry.size), binding: binding)
    }
    btf.function("prog")
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp", binding: binding)
    return object.bytes
  }
}
