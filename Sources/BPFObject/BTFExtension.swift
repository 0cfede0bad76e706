/// The `.BTF.ext` section: function, line and relocation records by program section.
///
/// Nothing in a header comes from it; it is read because libbpf takes its offsets on trust.
enum BTFExtension {
  /// Checks the section against the BTF whose strings and types it refers to. O(bytes).
  static func check(_ bytes: [UInt8], against btf: BTF) throws(ObjectError) {
    let reader = ByteReader(bytes: bytes, order: btf.byteOrder)
    func header(_ field: String, _ value: some BinaryInteger) -> ObjectError {
      .damagedBTF(.header(section: ".BTF.ext", field: field, value: UInt64(truncatingIfNeeded: value)))
    }
    guard bytes.count >= 24 else { throw header("length", bytes.count) }
    let magic = reader.load(UInt16.self, at: 0)!
    guard magic == BTF.magic else { throw header("magic", magic) }
    guard bytes[2] == 1 else { throw header("version", bytes[2]) }
    let headerLength = Int(reader.load(UInt32.self, at: 4)!)
    guard headerLength >= 24, headerLength <= bytes.count else { throw header("hdr_len", headerLength) }

    let parts: [(name: String, at: Int, minimum: Int)] = [
      ("func_info", 8, 8), ("line_info", 16, 16), ("core_relo", 24, 16),
    ]
    for part in parts where headerLength >= part.at + 8 {
      let offset = Int(reader.load(UInt32.self, at: part.at)!)
      let length = Int(reader.load(UInt32.self, at: part.at + 4)!)
      guard length > 0 else { continue }
      guard offset <= bytes.count - headerLength, length <= bytes.count - headerLength - offset, offset % 4 == 0 else {
        throw header(part.name, offset)
      }
      let start = headerLength + offset
      try checkPart(part.name, reader, start..<start + length, minimum: part.minimum, btf)
    }
  }

  private static func checkPart(
    _ name: String, _ reader: ByteReader, _ range: Range<Int>, minimum: Int, _ btf: BTF
  ) throws(ObjectError) {
    func fault(_ at: Int) -> ObjectError { .damagedBTF(.extensionRecord(part: name, offsetBytes: at)) }
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
        // {insn_off, type_id}, {insn_off, file_name_off, line_off, line_col}, {insn_off, type_id, access_str_off, kind}
        let second = reader.load(UInt32.self, at: at + 4)!
        let valid =
          switch name {
          case "func_info": second < btf.count && btf.kind(second) == .function
          case "line_info":
            second < btf.strings.count && reader.load(UInt32.self, at: at + 8)! < btf.strings.count
          default: second < btf.count && reader.load(UInt32.self, at: at + 8)! < btf.strings.count
          }
        guard valid else { throw fault(at) }
        at += recordSize
      }
    }
  }
}
