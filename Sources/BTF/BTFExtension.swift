internal import Bytes
package import ELF

/// The `.BTF.ext` section: function, line and relocation records by program section.
///
/// Nothing in a header comes from it; it is read because libbpf takes its offsets on trust.
package enum BTFExtension {
  /// The parts in the order in which the section has them.
  package enum Part: Int, CaseIterable {
    case functions, lines, relocations

    /// The kernel's name for it.
    package var name: String { ["func_info", "line_info", "core_relo"][rawValue] }

    /// The byte offset in the section's header of the part's own offset and length.
    var headerOffset: Int { 8 + 8 * rawValue }
  }

  private static let parts: [(name: String, at: Int, minimum: Int)] = [
    ("func_info", 8, 8), ("line_info", 16, 16), ("core_relo", 24, 16),
  ]

  /// Checks the section against the BTF whose strings and types it refers to. O(bytes).
  static func check(_ section: ELFFile.Section, of elf: ELFFile, against btf: BTFSpec) throws(BTFError) {
    let reader = elf.reader
    let base = section.offset
    func header(_ field: String, _ value: some BinaryInteger) -> BTFError {
      .damaged(.header(section: ".BTF.ext", field: field, value: UInt64(truncatingIfNeeded: value)))
    }
    // libbpf 1.5 reads all of the newest header, even where the section says that it has an older one.
    guard section.size >= 32 else { throw header("length", section.size) }
    let magic = reader.load(UInt16.self, at: base)!
    guard magic == BTFSpec.magic else { throw header("magic", magic) }
    guard reader.bytes[base + 2] == 1 else { throw header("version", reader.bytes[base + 2]) }
    let headerLength = Int(reader.load(UInt32.self, at: base + 4)!)
    guard headerLength >= 24, headerLength <= section.size else { throw header("hdr_len", headerLength) }

    for part in parts where headerLength >= part.at + 8 {
      let offset = Int(reader.load(UInt32.self, at: base + part.at)!)
      let length = Int(reader.load(UInt32.self, at: base + part.at + 4)!)
      guard length > 0 else { continue }
      guard offset <= section.size - headerLength, length <= section.size - headerLength - offset, offset % 4 == 0
      else {
        throw header(part.name, offset)
      }
      let start = base + headerLength + offset
      try walk(part.name, reader, start..<start + length, minimum: part.minimum, btf) { at throws(BTFError) in
        guard isValid(part.name, reader, at, btf) else { throw fault(part.name, at) }
      }
      if part.name == "line_info" { try checkLines(reader, start..<start + length, btf) }
    }
  }

  /// Refuses lines of source that take much more together than the strings: a link stores each one of them.
  private static func checkLines(_ reader: ByteReader, _ range: Range<Int>, _ btf: BTFSpec) throws(BTFError) {
    var lengths = NameLengths(btf.strings[...], entryBytes: 16, fileBytes: range.count + btf.strings.count)
    guard !lengths.areBounded else { return }
    var seen: Set<UInt32> = []
    try walk("line_info", reader, range, minimum: 16, btf) { at throws(BTFError) in
      for field in [4, 8] {
        let line = reader.load(UInt32.self, at: at + field)!
        guard !seen.insert(line).inserted || lengths.take(line) else { throw .damaged(.lineBytes(offsetBytes: at)) }
      }
    }
  }

  /// Calls `body` with the place of each CO-RE relocation of a section that was checked.
  static func forEachRelocation(
    in section: ELFFile.Section, of elf: ELFFile, _ btf: BTFSpec, _ body: (Int) throws(BTFError) -> Void
  ) throws(BTFError) {
    let reader = elf.reader
    func word(_ at: Int) -> Int { Int(reader.load(UInt32.self, at: section.offset + at)!) }
    let (name, at, minimum) = parts.last!
    guard word(4) >= at + 8, word(at + 4) > 0 else { return }
    let start = section.offset + word(4) + word(at)
    try walk(name, reader, start..<start + word(at + 4), minimum: minimum, btf, body)
  }

  /// The records of one part about one program section.
  package struct Group {
    package let part: Part
    /// The section's name, an offset in the BTF's strings.
    package let sectionName: UInt32
    /// The size of a record in words of four bytes.
    package let recordWords: Int
    /// The records' bytes in the file.
    package let records: Range<Int>
  }

  /// All records of a section that was checked.
  package static func groups(of section: ELFFile.Section, in elf: ELFFile) -> [Group] {
    func word(_ at: Int) -> Int { Int(elf.reader.load(UInt32.self, at: at)!) }
    let headerLength = word(section.offset + 4)
    var groups: [Group] = []
    for part in Part.allCases where headerLength >= part.headerOffset + 8 {
      let length = word(section.offset + part.headerOffset + 4)
      guard length > 0 else { continue }
      let start = section.offset + headerLength + word(section.offset + part.headerOffset)
      let recordSize = word(start)
      var at = start + 4
      while at < start + length {
        let end = at + 8 + word(at + 4) * recordSize
        groups.append(
          Group(part: part, sectionName: UInt32(word(at)), recordWords: recordSize / 4, records: at + 8..<end))
        at = end
      }
    }
    return groups
  }

  private static func fault(_ part: String, _ at: Int) -> BTFError {
    .damaged(.extensionRecord(part: part, offsetBytes: at))
  }

  /// Goes from record to record: a part is the size of its records, and for each program section a name and a number of them.
  private static func walk(
    _ name: String, _ reader: ByteReader, _ range: Range<Int>, minimum: Int, _ btf: BTFSpec,
    _ body: (Int) throws(BTFError) -> Void
  ) throws(BTFError) {
    guard range.count >= 4 else { throw fault(name, range.lowerBound) }
    let recordSize = Int(reader.load(UInt32.self, at: range.lowerBound)!)
    guard recordSize >= minimum, recordSize % 4 == 0, recordSize <= range.count else {
      throw fault(name, range.lowerBound)
    }
    var at = range.lowerBound + 4
    while at < range.upperBound {
      guard range.upperBound - at >= 8 else { throw fault(name, at) }
      let section = reader.load(UInt32.self, at: at)!
      let records = Int(reader.load(UInt32.self, at: at + 4)!)
      guard section < btf.strings.count, records > 0, records <= (range.upperBound - at - 8) / recordSize else {
        throw fault(name, at)
      }
      at += 8
      for _ in 0..<records {
        try body(at)
        at += recordSize
      }
    }
  }

  /// {insn_off, type_id}, {insn_off, file_name_off, line_off, line_col}, {insn_off, type_id, access_str_off, kind}
  private static func isValid(_ part: String, _ reader: ByteReader, _ at: Int, _ btf: BTFSpec) -> Bool {
    let second = reader.load(UInt32.self, at: at + 4)!
    if part == "func_info" { return second < btf.count && btf.kind(second) == .function }
    let limit = part == "line_info" ? btf.strings.count : btf.count
    let third = reader.load(UInt32.self, at: at + 8)!
    guard second < limit, third < btf.strings.count else { return false }
    return part == "line_info" || isAccess(btf.strings[Int(third)...])
  }
}

extension BTFExtension {
  /// Whether the way to a field is made of numbers and colons, as far as anything reads it: kernels before 7.0 crash on
  /// negative ones. Source: `bpf_core_parse_spec`.
  private static func isAccess(_ text: ArraySlice<UInt8>) -> Bool {
    let way = text.prefix(CoreRelocation.maximumAccessBytes + 1).prefix { $0 != 0 }
    return way.count <= CoreRelocation.maximumAccessBytes && way.allSatisfy { 0x30...0x3a ~= $0 }
  }
}

extension BTFSpec {
  /// The BTF of an object, checked, and its `.BTF.ext` against it; `nil` when there is none.
  package init?(of elf: ELFFile) throws(BTFError) {
    guard let section = elf.section(named: ".BTF") else { return nil }
    try self.init(section: Array(elf.bytes(of: section)), order: elf.byteOrder)
    try checkWalks()
    try checkFunctionsInSections(of: elf)
    if let section = elf.section(named: ".BTF.ext") { try BTFExtension.check(section, of: elf, against: self) }
  }
}
