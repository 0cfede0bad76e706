/// The `.BTF.ext` section: function, line and relocation records by program section.
///
/// Nothing in a header comes from it; it is read because libbpf takes its offsets on trust.
enum BTFExtension {
  /// Checks the section against the BTF whose strings and types it refers to. O(bytes).
  static func check(_ section: ELFFile.Section, of elf: ELFFile, against btf: BTF) throws(ObjectError) {
    let reader = elf.reader
    let base = section.offset
    func header(_ field: String, _ value: some BinaryInteger) -> ObjectError {
      .damagedBTF(.header(section: ".BTF.ext", field: field, value: UInt64(truncatingIfNeeded: value)))
    }
    guard section.size >= 24 else { throw header("length", section.size) }
    let magic = reader.load(UInt16.self, at: base)!
    guard magic == BTF.magic else { throw header("magic", magic) }
    guard reader.bytes[base + 2] == 1 else { throw header("version", reader.bytes[base + 2]) }
    let headerLength = Int(reader.load(UInt32.self, at: base + 4)!)
    guard headerLength >= 24, headerLength <= section.size else { throw header("hdr_len", headerLength) }

    let parts: [(name: String, at: Int, minimum: Int)] = [
      ("func_info", 8, 8), ("line_info", 16, 16), ("core_relo", 24, 16),
    ]
    for part in parts where headerLength >= part.at + 8 {
      let offset = Int(reader.load(UInt32.self, at: base + part.at)!)
      let length = Int(reader.load(UInt32.self, at: base + part.at + 4)!)
      guard length > 0 else { continue }
      guard offset <= section.size - headerLength, length <= section.size - headerLength - offset, offset % 4 == 0
      else {
        throw header(part.name, offset)
      }
      let start = base + headerLength + offset
      try checkPart(part.name, reader, start..<start + length, minimum: part.minimum, btf)
    }
  }

  private static func checkPart(
    _ name: String, _ reader: ByteReader, _ range: Range<Int>, minimum: Int, _ btf: BTF
  ) throws(ObjectError) {
    func fault(_ at: Int) -> ObjectError { .damagedBTF(.extensionRecord(part: name, offsetBytes: at)) }
    // {insn_off, type_id}, {insn_off, file_name_off, line_off, line_col}, {insn_off, type_id, access_str_off, kind}
    let isFunction = name == "func_info"
    let isLine = name == "line_info"
    guard range.count >= 4 else { throw fault(range.lowerBound) }
    let recordSize = Int(reader.load(UInt32.self, at: range.lowerBound)!)
    guard recordSize >= minimum, recordSize % 4 == 0, recordSize <= range.count else { throw fault(range.lowerBound) }
    var at = range.lowerBound + 4
    while at < range.upperBound {
      guard range.upperBound - at >= 8 else { throw fault(at) }
      let section = reader.load(UInt32.self, at: at)!
      let records = Int(reader.load(UInt32.self, at: at + 4)!)
      guard section < btf.strings.count, records > 0, records <= (range.upperBound - at - 8) / recordSize else {
        throw fault(at)
      }
      at += 8
      for _ in 0..<records {
        let second = reader.load(UInt32.self, at: at + 4)!
        var valid: Bool
        if isFunction {
          valid = second < btf.count && btf.kind(second) == .function
        } else {
          valid = second < (isLine ? btf.strings.count : btf.count)
          valid = valid && reader.load(UInt32.self, at: at + 8)! < btf.strings.count
        }
        guard valid else { throw fault(at) }
        at += recordSize
      }
    }
  }
}
