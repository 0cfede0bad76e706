import BPF
import ELF

extension MalformedObject {
  private typealias Header = ELFEditor.Header
  private static let bytes = sound.count

  private static func foreign(
    _ what: String, _ field: ELFEditor.Field, _ value: UInt64, _ difference: ForeignELF
  ) -> MalformedObject {
    MalformedObject(what, .refused(.elf(.notBPF(difference)))) { $0.set(field, to: value) }
  }

  private static func table(
    _ what: String, _ field: ELFEditor.Field, _ value: UInt64, offset: UInt64? = nil, count: Int = 18,
    entrySize: UInt16 = 64
  ) -> MalformedObject {
    let actual = UInt64(ELFEditor(sound).number(Header.sectionTable))
    let fault = ELFFault.sectionTable(
      offset: offset ?? actual, count: count, entrySize: entrySize, fileBytes: bytes)
    return MalformedObject(what, fault) { $0.set(field, to: value) }
  }

  private static func harmless(_ what: String, _ field: ELFEditor.Field, _ value: UInt64) -> MalformedObject {
    MalformedObject(what, .read) { $0.set(field, to: value) }
  }

  static let headers: [MalformedObject] = [
    MalformedObject("an empty file", .refused(.elf(.empty))) { $0.cut(to: 0) },
    MalformedObject("half of the magic number", .refused(.elf(.notELF))) { $0.cut(to: 2) },
    MalformedObject("another magic number", .refused(.elf(.notELF))) { $0.set(.init(at: 0, size: 1), to: 0x7e) },
    MalformedObject("a header that ends early", .truncatedHeader(fileBytes: 63)) { $0.cut(to: 63) },
    table("nothing but a header", Header.sectionCount, 0, count: 0),
    foreign("no class", Header.elfClass, 0, .elfClass(0)),
    foreign("a class of 32 bits", Header.elfClass, 1, .elfClass(1)),
    foreign("a class beyond all", Header.elfClass, 255, .elfClass(255)),
    foreign("no byte order", Header.byteOrder, 0, .byteOrder(0)),
    foreign("a byte order beyond all", Header.byteOrder, 3, .byteOrder(3)),
    foreign("no version in the identification", Header.identVersion, 0, .version(0)),
    foreign("a version beyond all", Header.identVersion, 2, .version(2)),
    foreign("no type", Header.type, 0, .type(0)),
    foreign("an executable", Header.type, 2, .type(2)),
    foreign("a shared object", Header.type, 3, .type(3)),
    foreign("a type of an operating system's", Header.type, 0xfe00, .type(0xfe00)),
    foreign("the host's machine", Header.machine, 62, .machine(62)),
    foreign("a machine beyond all", Header.machine, 0xffff, .machine(0xffff)),
    table("a section table beyond the file", Header.sectionTable, 1 << 40, offset: 1 << 40),
    table("a section table at the largest offset", Header.sectionTable, .max, offset: .max),
    table("a section table that begins too late", Header.sectionTable, UInt64(bytes - 64), offset: UInt64(bytes - 64)),
    table("sections of 40 bytes", Header.sectionEntrySize, 40, entrySize: 40),
    table("sections of no bytes", Header.sectionEntrySize, 0, entrySize: 0),
    table("sections of 65,535 bytes", Header.sectionEntrySize, 0xffff, entrySize: 0xffff),
    table("one section too many", Header.sectionCount, 19, count: 19),
    table("65,535 sections", Header.sectionCount, 0xffff, count: 0xffff),
    MalformedObject("no section table", .noSections) {
      $0.set(Header.sectionTable, to: 0)
      $0.set(Header.sectionCount, to: 0)
    },
    MalformedObject("no names of sections", .sectionNames(index: 0)) { $0.set(Header.sectionNames, to: 0) },
    MalformedObject("names in a section that does not exist", .sectionNames(index: 18)) {
      $0.set(Header.sectionNames, to: 18)
    },
    MalformedObject("names in an escape", .sectionNames(index: 0xffff)) { $0.set(Header.sectionNames, to: 0xffff) },
    MalformedObject("names in a program", .sectionNames(index: 2)) { $0.set(Header.sectionNames, to: 2) },
    harmless("another version", Header.version, 7),
    harmless("an entry point", Header.entry, .max),
    harmless("flags", Header.flags, .max),
    harmless("a header's size that is none", Header.headerSize, 0xffff),
    harmless("program headers beyond the file", Header.programHeaders, .max),
    harmless("65,535 program headers", Header.programHeaderCount, 0xffff),
    harmless("no machine", Header.machine, 0),
  ]
}
