import BPF
import BTF

extension MalformedObject {
  private typealias Section = ELFEditor.Section

  private static func word(_ what: String, at offset: Int, _ value: UInt32, _ fault: BTFFault) -> MalformedObject {
    MalformedObject(what, fault) { $0.word(".BTF", at: offset, value) }
  }

  private static func header(_ what: String, _ field: String, at offset: Int, _ value: UInt32, shown: UInt64? = nil)
    -> MalformedObject
  { word(what, at: offset, value, .header(section: ".BTF", field: field, value: shown ?? UInt64(value))) }

  /// The header of `.BTF`: {magic, version, flags, hdr_len, type_off, type_len, str_off, str_len}. What types are wrong in
  /// themselves, `HostileBTFTests` has.
  static let typeHeaders: [MalformedObject] = [
    header("another magic number of types", "magic", at: 0, 0x0001_eb9e, shown: 0xeb9e),
    header("types of the other byte order", "magic", at: 0, 0x0001_9feb, shown: 0x9feb),
    header("a version of types that nobody has defined", "version", at: 0, 0x0002_eb9f, shown: 2),
    header("a header of no bytes", "hdr_len", at: 4, 0),
    header("a header of 23 bytes", "hdr_len", at: 4, 23),
    header("a header of 25 bytes", "hdr_len", at: 4, 25),
    header("a header that is all of the section", "type_off", at: 8, 1 << 30),
    header("a header behind the section", "hdr_len", at: 4, .max - 3),
    header("types behind the section", "type_off", at: 8, .max - 3),
    header("types at an odd offset", "type_off", at: 8, 2),
    header("types that end behind the section", "type_len", at: 12, .max - 3),
    header("types of an odd length", "type_len", at: 12, 42),
    header("strings behind the section", "str_off", at: 16, .max),
    header("strings among the types", "str_off", at: 16, 0),
    header("strings that end behind the section", "str_len", at: 20, .max),
    header("no strings", "str_len", at: 20, 0),
    word("strings that do not end", at: 20, 20, .stringsNotTerminated),
    MalformedObject("no types at all", .header(section: ".BTF", field: "length", value: 0)) {
      $0.section(".BTF", Section.size, 0)
    },
    MalformedObject("half a header", .header(section: ".BTF", field: "length", value: 12)) {
      $0.section(".BTF", Section.size, 12)
    },
    MalformedObject("types that are a program's", .header(section: ".BTF", field: "magic", value: 0x118)) {
      $0.section(".BTF", Section.offset, UInt64($0.content("raw_tp")))
      $0.section(".BTF", Section.size, 64)
    },
    word("strings that go on from another's", at: 20, 0, .header(section: ".BTF", field: "str_len", value: 0)),
    word("a first type that is cut", at: 12, 8, .truncatedType(id: 1, offsetBytes: 0)),
    MalformedObject("a kind that nobody has defined", .refused(.btf(.newer(kind: 31, typeID: 1)))) {
      $0.word(".BTF", at: 28, 31 << 24)
    },
    word("65,535 members", at: 28, 4 << 24 | 0xffff, .truncatedType(id: 1, offsetBytes: 0)),
  ]
}
