internal import Bytes
package import ELF

/// The `.BTF.ext` section: function, line and relocation records by program section.
///
/// Headers show nothing of it; it is checked because libbpf does not check its offsets.
package enum BTFExtension {
  /// The parts in the section's order.
  package enum Part: Int, CaseIterable {
    case functions, lines, relocations

    /// The kernel's name for it.
    package var name: String {
      switch self {
      case .functions: "func_info"
      case .lines: "line_info"
      case .relocations: "core_relo"
      }
    }

    /// The minimum size of a record.
    fileprivate var minimumBytes: Int {
      switch self {
      case .functions: FunctionRecord.size
      case .lines: LineRecord.size
      case .relocations: RelocationRecord.size
      }
    }

    /// The offset, in the section header, of the part's own offset, which counts from the end of the header.
    fileprivate var offsetField: Int { 8 + 8 * rawValue }
    /// The offset, in the section header, of the part's length.
    fileprivate var lengthField: Int { offsetField + 4 }
    /// The end of a header in which this part is the last.
    fileprivate var headerEnd: Int { offsetField + 8 }
  }

  /// Word offsets in `struct bpf_func_info`. The first word of every part's records is the offset of an instruction.
  package enum FunctionRecord {
    static let size = 8
    package static let type = 4
  }

  /// Word offsets in `struct bpf_line_info`.
  package enum LineRecord {
    static let size = 16
    package static let file = 4
    static let line = 8
    /// The line number, shifted left by ten bits, and the column number.
    package static let position = 12
  }

  /// Word offsets in `struct bpf_core_relo`.
  enum RelocationRecord {
    static let size = 16
    static let type = 4
    static let access = 8
    static let kind = 12
  }

  /// The size of a header with all parts.
  package static let headerSize = 8 + 8 * Part.allCases.count

  /// The header of a section whose parts follow one another.
  package static func header(partBytes: [Int]) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: headerSize)
    header.set(BTFHeader.magic, to: BTFHeader.magicNumber)
    header.set(BTFHeader.version, to: BTFHeader.currentVersion)
    header.set(BTFHeader.headerLength, to: UInt32(headerSize))
    var offset = 0
    for (part, bytes) in zip(Part.allCases, partBytes) {
      header.store(UInt32(offset), at: part.offsetField)
      header.store(UInt32(bytes), at: part.lengthField)
      offset += bytes
    }
    return header
  }

  /// Checks the section against the BTF whose strings and types it refers to. O(bytes).
  static func check(_ section: ELFFile.Section, of elf: ELFFile, against btf: BTFSpec) throws(BTFError) {
    let reader = elf.reader
    let base = section.offset
    func header(_ field: String, _ value: some BinaryInteger) -> BTFError {
      .damaged(.header(section: ".BTF.ext", field: field, value: UInt64(truncatingIfNeeded: value)))
    }
    // libbpf 1.5 reads all of the newest header, even if the section declares an older one.
    guard section.size >= 32 else { throw header("length", section.size) }
    let magic = reader.load(BTFHeader.magic, at: base)!
    guard magic == BTFHeader.magicNumber else { throw header("magic", magic) }
    let version = reader.load(BTFHeader.version, at: base)!
    guard version == BTFHeader.currentVersion else { throw header("version", version) }
    let headerLength = Int(reader.load(BTFHeader.headerLength, at: base)!)
    guard headerLength >= 24, headerLength <= section.size else { throw header("hdr_len", headerLength) }

    for part in Part.allCases where headerLength >= part.headerEnd {
      let offset = Int(reader.load(UInt32.self, at: base + part.offsetField)!)
      let length = Int(reader.load(UInt32.self, at: base + part.lengthField)!)
      guard length > 0 else { continue }
      guard offset <= section.size - headerLength, length <= section.size - headerLength - offset, offset % 4 == 0
      else {
        throw header(part.name, offset)
      }
      let start = base + headerLength + offset
      try walk(part, reader, start..<start + length, btf) { at throws(BTFError) in
        guard isValid(part, reader, at, btf) else { throw fault(part, at) }
      }
      if part == .lines { try checkLines(reader, start..<start + length, btf) }
    }
  }

  /// Refuses source lines whose total length is much larger than the strings: a link stores each of them.
  private static func checkLines(_ reader: ByteReader, _ range: Range<Int>, _ btf: BTFSpec) throws(BTFError) {
    var lengths = NameLengths(btf.strings[...], entryBytes: LineRecord.size, fileBytes: range.count + btf.strings.count)
    guard !lengths.areBounded else { return }
    var seen: Set<UInt32> = []
    try walk(.lines, reader, range, btf) { at throws(BTFError) in
      for field in [LineRecord.file, LineRecord.line] {
        let line = reader.load(UInt32.self, at: at + field)!
        guard !seen.insert(line).inserted || lengths.add(line) else { throw .damaged(.lineBytes(offsetBytes: at)) }
      }
    }
  }

  /// Calls `body` with the offset of each CO-RE relocation of a checked section.
  static func forEachRelocation(
    in section: ELFFile.Section, of elf: ELFFile, _ btf: BTFSpec, _ body: (Int) throws(BTFError) -> Void
  ) throws(BTFError) {
    let reader = elf.reader
    func word(_ at: Int) -> Int { Int(reader.load(UInt32.self, at: section.offset + at)!) }
    let part = Part.relocations
    let headerLength = Int(reader.load(BTFHeader.headerLength, at: section.offset)!)
    guard headerLength >= part.headerEnd, word(part.lengthField) > 0 else { return }
    let start = section.offset + headerLength + word(part.offsetField)
    try walk(part, reader, start..<start + word(part.lengthField), btf, body)
  }

  /// The records of one part about one program section.
  package struct Group {
    package let part: Part
    /// The section's name, an offset in the BTF's strings.
    package let sectionName: StringOffset
    /// The size of a record in 32-bit words.
    package let recordWords: Int
    /// The records' bytes in the file.
    package let records: Range<Int>
  }

  /// All groups of records of a checked section.
  package static func groups(of section: ELFFile.Section, in elf: ELFFile) -> [Group] {
    func word(_ at: Int) -> Int { Int(elf.reader.load(UInt32.self, at: at)!) }
    let headerLength = Int(elf.reader.load(BTFHeader.headerLength, at: section.offset)!)
    var groups: [Group] = []
    for part in Part.allCases where headerLength >= part.headerEnd {
      let length = word(section.offset + part.lengthField)
      guard length > 0 else { continue }
      let start = section.offset + headerLength + word(section.offset + part.offsetField)
      let recordSize = word(start)
      var at = start + 4
      while at < start + length {
        let end = at + 8 + word(at + 4) * recordSize
        groups.append(
          Group(
            part: part, sectionName: StringOffset(UInt32(word(at))), recordWords: recordSize / 4, records: at + 8..<end)
        )
        at = end
      }
    }
    return groups
  }

  private static func fault(_ part: Part, _ at: Int) -> BTFError {
    .damaged(.extensionRecord(part: part.name, offsetBytes: at))
  }

  /// Walks the records: a part consists of the size of its records and, for each program section, a name and a number
  /// of records.
  private static func walk(
    _ part: Part, _ reader: ByteReader, _ range: Range<Int>, _ btf: BTFSpec,
    _ body: (Int) throws(BTFError) -> Void
  ) throws(BTFError) {
    guard range.count >= 4 else { throw fault(part, range.lowerBound) }
    let recordSize = Int(reader.load(UInt32.self, at: range.lowerBound)!)
    guard recordSize >= part.minimumBytes, recordSize % 4 == 0, recordSize <= range.count else {
      throw fault(part, range.lowerBound)
    }
    var at = range.lowerBound + 4
    while at < range.upperBound {
      guard range.upperBound - at >= 8 else { throw fault(part, at) }
      let section = reader.load(UInt32.self, at: at)!
      let records = Int(reader.load(UInt32.self, at: at + 4)!)
      guard section < btf.strings.count, records > 0, records <= (range.upperBound - at - 8) / recordSize else {
        throw fault(part, at)
      }
      at += 8
      for _ in 0..<records {
        try body(at)
        at += recordSize
      }
    }
  }

  /// Whether the types and strings of a record exist.
  private static func isValid(_ part: Part, _ reader: ByteReader, _ at: Int, _ btf: BTFSpec) -> Bool {
    func type(_ field: Int) -> TypeID { TypeID(reader.load(UInt32.self, at: at + field)!) }
    func string(_ field: Int) -> StringOffset { StringOffset(reader.load(UInt32.self, at: at + field)!) }
    switch part {
    case .functions:
      let function = type(FunctionRecord.type)
      return btf.contains(function) && btf.kind(function) == .function
    case .lines: return btf.contains(string(LineRecord.file)) && btf.contains(string(LineRecord.line))
    case .relocations:
      let access = string(RelocationRecord.access)
      return btf.contains(type(RelocationRecord.type)) && btf.contains(access) && isAccess(btf.strings[access.index...])
    }
  }
}

extension BTFExtension {
  /// Whether an access string consists of numbers and colons, up to the length that is used: kernels before 7.0 crash
  /// on negative numbers. Source: `bpf_core_parse_spec`.
  private static func isAccess(_ text: ArraySlice<UInt8>) -> Bool {
    let access = text.prefix(CoreRelocation.maximumAccessBytes + 1).prefix { $0 != 0 }
    return access.count <= CoreRelocation.maximumAccessBytes && access.allSatisfy { 0x30...0x3a ~= $0 }
  }
}

extension BTFSpec {
  /// The BTF of an object, checked, including its `.BTF.ext`; `nil` if there is none.
  package init?(of elf: ELFFile) throws(BTFError) {
    guard let section = elf.section(named: ".BTF") else { return nil }
    try self.init(section: Array(elf.bytes(of: section)), order: elf.byteOrder)
    try checkWalks()
    try checkFunctionsInSections(of: elf)
    if let section = elf.section(named: ".BTF.ext") { try BTFExtension.check(section, of: elf, against: self) }
  }
}
