import BTF

extension MalformedObject {
  private typealias Section = ELFEditor.Section

  private static func outside(_ what: String, _ section: String, _ variable: String, _ offset: UInt32)
    -> MalformedObject
  {
    changed(what, section, 1, offset, .variableOutside(section: section, variable: variable))
  }

  /// Changes a word of a data section's first entry: {type, offset, size}.
  private static func changed(_ what: String, _ section: String, _ word: Int, _ value: UInt32, _ fault: BTFFault)
    -> MalformedObject
  { MalformedObject(what, fault) { $0.entry(of: section, word, value) } }

  static let dataSections: [MalformedObject] = [
    outside("a map outside of .maps", ".maps", "lru", 4),
    outside("a map at the largest offset", ".maps", "lru", .max),
    outside("a variable outside of .data", ".data", "data_v", 4),
    outside("a constant outside of .rodata", ".rodata", "rodata_v", 1 << 31),
    outside("a variable outside of .bss", ".bss", "bss_v", 8),
    outside("a struct_ops value outside of .struct_ops", ".struct_ops", "ops", 8),
    outside("a struct_ops value whose end is no number", ".struct_ops", "ops", 0xffff_fff8),
    changed(
      "a map that is too large for .maps", ".maps", 2, 33, .variableOutside(section: ".maps", variable: "lru")),
    changed(
      "a variable of the largest size", ".data", 2, .max, .variableOutside(section: ".data", variable: "data_v")),
    changed("a map that does not exist", ".maps", 0, 9999, .typeReference(id: 23, to: 9999)),
    changed("a map that is a type", ".maps", 0, 1, .wrongTarget(id: 23, kind: .dataSection, target: .int)),
    changed("a map that is nothing", ".maps", 0, 0, .wrongTarget(id: 23, kind: .dataSection, target: .void)),
    changed("a map that is a function", ".maps", 0, 15, .wrongTarget(id: 23, kind: .dataSection, target: .function)),
    changed(
      "a variable that is a function", ".data", 0, 15, .wrongTarget(id: 24, kind: .dataSection, target: .function)),
    changed("a configuration value that does not exist", ".kconfig", 0, .max, .typeReference(id: 28, to: 0xffff_ffff)),
    changed(
      "a configuration value that is a type", ".kconfig", 0, 5,
      .wrongTarget(id: 28, kind: .dataSection, target: .structure)),
    MalformedObject("a license that does not end", .read) { $0.byte("license", at: 3, 0x21) },
    MalformedObject("an empty license", .read) { $0.section("license", Section.size, 1) },
  ]
}

extension ELFEditor {
  /// Sets a word of the first entry of a data section in the BTF.
  mutating func entry(of section: String, _ word: Int, _ value: UInt32) {
    let types = number(Field(at: 12, size: 4), at: content(".BTF"))
    let strings = content(".BTF") + 24 + types
    var at = 24
    while true {
      let start = content(".BTF") + at
      let info = number(Field(at: 4, size: 4), at: start)
      let name = strings + number(Field(at: 0, size: 4), at: start)
      let isSought = bytes[name...].prefix { $0 != 0 }.elementsEqual(section.utf8)
      if info >> 24 & 31 == 15, isSought { return self.word(".BTF", at: at + 12 + 4 * word, value) }
      at += 12 + ELFEditor.moreBytes(kind: info >> 24 & 31, vlen: info & 0xffff)
    }
  }

  private static func moreBytes(kind: Int, vlen: Int) -> Int {
    switch kind {
    case 1, 14, 17: 4
    case 3: 12
    case 4, 5, 15, 19: 12 * vlen
    case 6, 13: 8 * vlen
    default: 0
    }
  }
}
