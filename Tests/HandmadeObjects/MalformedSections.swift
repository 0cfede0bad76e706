import BPF
import ELF

extension MalformedObject {
  private typealias Section = ELFEditor.Section
  private static let bytes = sound.count

  private static func range(_ what: String, _ name: String, _ field: ELFEditor.Field, _ value: UInt64)
    -> MalformedObject
  {
    var editor = ELFEditor(sound)
    editor.section(name, field, value)
    let header = editor.header(editor.section(name))
    let fault = ELFFault.sectionRange(
      section: editor.section(name), offset: UInt64(bitPattern: Int64(editor.number(Section.offset, at: header))),
      size: UInt64(bitPattern: Int64(editor.number(Section.size, at: header))), fileBytes: bytes)
    return MalformedObject(what, fault) { $0.section(name, field, value) }
  }

  private static func changed(
    _ what: String, _ name: String, _ field: ELFEditor.Field, _ value: UInt64, _ fault: ELFFault
  ) -> MalformedObject { MalformedObject(what, fault) { $0.section(name, field, value) } }

  private static func harmless(_ what: String, _ name: String, _ field: ELFEditor.Field, _ value: UInt64)
    -> MalformedObject
  { MalformedObject(what, .read) { $0.section(name, field, value) } }

  static let sections: [MalformedObject] = [
    range("a program that begins behind the file", "raw_tp", Section.offset, 1 << 32),
    range("data at the largest offset", ".data", Section.offset, .max),
    range("data that ends behind the file", ".data", Section.size, UInt64(bytes)),
    range("data whose end is no number", ".data", Section.size, .max),
    range("a .bss beyond what BTF can describe", ".bss", Section.size, 1 << 32),
    range("a .bss of the largest size", ".bss", Section.size, .max),
    range("a symbol table behind the file", ".symtab", Section.offset, UInt64(bytes) + 8),
    range("a string table that ends behind the file", ".strtab", Section.size, UInt64(bytes)),
    changed("section names that begin behind the file", ".shstrtab", Section.offset, 1 << 40, .sectionNames(index: 17)),
    changed("section names at a negative offset", ".shstrtab", Section.offset, .max, .sectionNames(index: 17)),
    changed("no section names", ".shstrtab", Section.size, 0, .sectionNames(index: 17)),
    changed("section names without end", ".shstrtab", Section.size, .max, .sectionNames(index: 17)),
    changed("section names in a table of another type", ".shstrtab", Section.type, 1, .sectionNames(index: 17)),
    changed(
      "a name outside of the names", ".data", Section.name, 1 << 20, .sectionName(section: 5, nameOffset: 1 << 20)),
    changed("a name at the largest offset", ".data", Section.name, .max, .sectionName(section: 5, nameOffset: .max)),
    MalformedObject("a last name that does not end", .sectionName(section: 17, nameOffset: 140)) {
      let end = $0.number(Section.size, at: $0.header(17))
      $0.section(".shstrtab", Section.size, UInt64(end - 1))
    },
    changed("an alignment of 3", ".data", Section.alignment, 3, .sectionAlignment(section: 5, alignment: 3)),
    harmless("an alignment of 2 GB", ".data", Section.alignment, 1 << 31),
    changed(
      "the largest alignment", ".bss", Section.alignment, 1 << 63, .sectionAlignment(section: 7, alignment: 1 << 63)),
    changed("a compressed string table", ".strtab", Section.flags, 0x800, .compressed(section: ".strtab")),
    changed("compressed types", ".BTF", Section.flags, 0x800, .compressed(section: ".BTF")),
    changed("a program that takes no room", "raw_tp", Section.type, 8, .sectionType(section: "raw_tp", type: 8)),
    changed("a program of notes", "raw_tp", Section.type, 7, .sectionType(section: "raw_tp", type: 7)),
    changed("a symbol table with instructions", ".symtab", Section.flags, 4, .sectionType(section: ".symtab", type: 2)),
    changed("half an instruction", "raw_tp", Section.size, 60, .programSize(section: 2, size: 60)),
    changed(
      "data that are a table of symbols", ".data", Section.type, 11, .entrySize(section: 5, entrySize: 0, size: 4)),
    changed(
      "data that are a table of pointers", ".data", Section.type, 14, .entrySize(section: 5, entrySize: 0, size: 4)),
    changed("data that are a second symbol table", ".maps", Section.type, 2, .secondSymbolTable(section: 15)),
    changed("no symbol table", ".symtab", Section.type, 1, .sectionLink(section: 11, link: 15)),
    harmless("a license without an alignment", "license", Section.alignment, 0),
    harmless("an address", ".data", Section.address, .max),
    harmless("a size of entries", ".data", Section.entrySize, .max),
    harmless("flags that nobody has defined", ".rodata", Section.flags, 1 << 62 | 2),
    harmless("a link that leads nowhere", ".data", Section.link, .max),
    harmless("a first global symbol beyond all", ".symtab", Section.info, .max),
  ]

  /// Compilers write two of those that a source can name.
  private static func twice(_ name: String) -> ObjectError {
    name.hasPrefix(".BTF")
      ? .elf(.damaged(.duplicateSection(name: name)))
      : .elf(.twoSections(name, constant: ["rodata_v"], writable: name == ".maps" ? ["lru"] : []))
  }

  /// Sections that libbpf finds by their names.
  static let soughtSections: [MalformedObject] =
    [".BTF", ".BTF.ext", ".maps", "license", "version"].flatMap { name in
      [
        changed("\(name) takes no room", name, Section.type, 8, .noBytes(section: name)),
        changed("\(name) is nothing", name, Section.type, 0, .sectionType(section: name, type: 0)),
        changed("\(name) is a string table", name, Section.type, 3, .sectionType(section: name, type: 3)),
        MalformedObject("two sections \(name)", .refused(twice(name))) {
          let offset = $0.number(Section.name, at: $0.header($0.section(name)))
          $0.section(".rodata", Section.name, UInt64(offset))
        },
      ]
    }
}
