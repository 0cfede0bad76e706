import BTF

extension MalformedObject {
  private static func header(_ what: String, _ field: String, at offset: Int, _ value: UInt32, shown: UInt64? = nil)
    -> MalformedObject
  {
    MalformedObject(what, .header(section: ".BTF.ext", field: field, value: shown ?? UInt64(value))) {
      $0.word(".BTF.ext", at: offset, value)
    }
  }

  /// - Parameter offset: of the word, and by default of the record that it is in, in the section.
  private static func record(_ what: String, _ part: String, at offset: Int, _ value: UInt32, in record: Int)
    -> MalformedObject
  {
    let recordOffset = ELFEditor(sound).content(".BTF.ext") + record
    return MalformedObject(what, .extensionRecord(part: part, offsetBytes: recordOffset)) {
      $0.word(".BTF.ext", at: offset, value)
    }
  }

  /// `.BTF.ext`: a header of 32 bytes, {magic, version, flags, hdr_len} and {offset, length} of three parts; functions from 32
  /// on, lines from 52, relocations from 80: a record's size, then {section, number} and the records.
  static let extensions: [MalformedObject] = [
    header("another magic number of the extension", "magic", at: 0, 0x0001_eb9e, shown: 0xeb9e),
    header("a version of the extension that nobody has defined", "version", at: 0, 0x0003_eb9f, shown: 3),
    header("an extension's header of 20 bytes", "hdr_len", at: 4, 20),
    header("an extension's header behind the section", "hdr_len", at: 4, .max),
    header("functions behind the section", "func_info", at: 8, 1 << 30),
    header("functions at an odd offset", "func_info", at: 8, 2),
    header("functions that end behind the section", "func_info", at: 12, .max, shown: 0),
    header("lines behind the section", "line_info", at: 16, .max - 3),
    header("lines that end behind the section", "line_info", at: 20, 1 << 20, shown: 20),
    header("relocations behind the section", "core_relo", at: 24, 1 << 31),
    header("relocations that end behind the section", "core_relo", at: 28, .max, shown: 48),
    record("functions of no bytes", "func_info", at: 32, 0, in: 32),
    record("functions of 4 bytes", "func_info", at: 32, 4, in: 32),
    record("functions of 10 bytes", "func_info", at: 32, 10, in: 32),
    record("functions of the largest size", "func_info", at: 32, .max - 3, in: 32),
    record("functions of a section without a name", "func_info", at: 36, 1 << 20, in: 36),
    record("no functions of a section", "func_info", at: 40, 0, in: 36),
    record("more functions than there are", "func_info", at: 40, 2, in: 36),
    record("the largest number of functions", "func_info", at: 40, .max, in: 36),
    record("a function that does not exist", "func_info", at: 48, 9999, in: 44),
    record("a function that is an integer", "func_info", at: 48, 1, in: 44),
    record("lines of 8 bytes", "line_info", at: 52, 8, in: 52),
    record("a line of a file without a name", "line_info", at: 68, 1 << 20, in: 64),
    record("a line outside of the strings", "line_info", at: 72, .max, in: 64),
    record("relocations of 12 bytes", "core_relo", at: 80, 12, in: 80),
    record("a relocation of a type that does not exist", "core_relo", at: 96, 9999, in: 92),
    record("a relocation with a way outside of the strings", "core_relo", at: 100, 1 << 31, in: 92),
  ]
}
