import Files
import GenGraph
import Testing

@testable import BPF
@testable import HandmadeObjects

/// An object of which only parts are read is linked like one that is read as a whole.
@Suite("What a link reads of a large object")
struct LinkedPartsTests {
  private static let debugBytes = 100_000

  /// An object that is almost all DWARF, with relocations of it.
  private func object(_ change: (inout ELFEditor) -> Void = { _ in }) throws -> MemoryFile {
    var btf = BTFBuilder()
    btf.section(".data.a", bytes: 8, [(btf.variable("v", btf.int()), 4, 4)])
    var object = ObjectBuilder()
    let debug = object.section(".debug_info", [UInt8](repeating: 7, count: LinkedPartsTests.debugBytes))
    let data = object.section(".data.a", [1, 2, 3, 4, 5, 6, 7, 8], flags: 3)
    object.relocations(".rel.debug_info", of: debug, [(8, 1, 2), (16, 1, 2)])
    object.symbol("", type: 3, section: debug, at: 0, size: 0, binding: 0)
    object.symbol("v", type: 1, section: data, at: 4, size: 4)
    object.program("prog", section: "raw_tp", binding: 0)
    object.section(".BTF", btf.bytes)
    var editor = ELFEditor(object.bytes)
    change(&editor)
    let file = try MemoryFile(name: "large")
    try file.fill(editor.bytes)
    return file
  }

  private func link(_ file: FileContent) throws(LinkError) -> [UInt8] {
    try StaticLinker.link([(file.path, file.bytes)])
  }

  @Test("DWARF is not read, and the linked object is the same")
  func parts() throws {
    let file = try object()
    let (whole, parts) = (try FileContent(path: file.path), try FileContent(objectToLink: file.path))
    #expect(whole.bytes.count > LinkedPartsTests.debugBytes)
    #expect(parts.bytes.count < 4096)
    #expect(parts.stamp == whole.stamp)
    #expect(try link(parts) == link(whole))
  }

  @Test("sections that share their bytes are read once")
  func overlap() throws {
    let file = try object { $0.section("raw_tp", ELFEditor.Section.offset, UInt64($0.content(".debug_info"))) }
    let (whole, parts) = (try FileContent(path: file.path), try FileContent(objectToLink: file.path))
    #expect(try link(parts) == link(whole))
  }

  /// Objects that no link takes.
  static let damages: [(name: String, change: @Sendable (inout ELFEditor) -> Void)] = [
    ("a table beyond the file", { $0.set(ELFEditor.Header.sectionTable, to: 1 << 40) }),
    ("a table that ends beyond the file", { $0.set(ELFEditor.Header.sectionCount, to: 0xffff) }),
    ("entries of another size", { $0.set(ELFEditor.Header.sectionEntrySize, to: 65) }),
    ("names in no section", { $0.set(ELFEditor.Header.sectionNames, to: 0xfff0) }),
    ("a name beyond the names", { $0.section(".data.a", ELFEditor.Section.name, 0xffff_ffff) }),
    ("DWARF beyond the file", { $0.section(".debug_info", ELFEditor.Section.offset, 1 << 40) }),
    ("DWARF that ends beyond the file", { $0.section(".debug_info", ELFEditor.Section.size, .max) }),
    ("data beyond the file", { $0.section(".data.a", ELFEditor.Section.offset, .max) }),
    ("the other byte order", { $0.set(ELFEditor.Header.byteOrder, to: 2) }),
  ]

  @Test("a damaged object is read as a whole", arguments: damages)
  func damaged(_ name: String, _ change: @Sendable (inout ELFEditor) -> Void) throws {
    let file = try object(change)
    let whole = try FileContent(path: file.path)
    #expect(try FileContent(objectToLink: file.path).bytes == whole.bytes)
    #expect(throws: LinkError.self) { try link(whole) }
  }
}
