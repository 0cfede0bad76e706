/// Writes a `.BTF.ext` section: for each part the records of some program sections.
struct BTFExtensionBuilder {
  /// A section's name in the BTF's strings, and its records' words.
  typealias Part = [(section: UInt32, records: [[UInt32]])]

  /// {insn_off, type_id}
  var functions: Part = []
  /// {insn_off, file_name_off, line_off, line_col}
  var lines: Part = []
  /// {insn_off, type_id, access_str_off, kind}
  var relocations: Part = []

  var bytes: [UInt8] {
    let parts = [(functions, 8), (lines, 16), (relocations, 16)].map {
      BTFExtensionBuilder.words($0.0, recordBytes: $0.1)
    }
    var header: [UInt32] = [0x0001_eb9f, 32]
    var offset: UInt32 = 0
    for part in parts {
      let length = UInt32(4 * part.count)
      header += [offset, length]
      offset += length
    }
    return (header + parts.flatMap(\.self)).flatMap(littleEndian)
  }

  private static func words(_ part: Part, recordBytes: UInt32) -> [UInt32] {
    part.isEmpty
      ? [] : [recordBytes] + part.flatMap { [$0.section, UInt32($0.records.count)] + $0.records.flatMap(\.self) }
  }
}
