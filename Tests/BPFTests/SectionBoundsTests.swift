import BTF
import Testing

@testable import BPF
@testable import ELF
@testable import HandmadeObjects

/// The BTF of a data section has the offsets of its variables, which user code and libbpf itself use without a check.
@Suite("Variables are inside their sections")
struct SectionBoundsTests {
  /// An object with one `int` in `.bss` at this offset in the BTF.
  private func object(at offset: UInt32, size: UInt32, sectionBytes: UInt32 = 16) -> [UInt8] {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int())
    btf.section(".bss", bytes: sectionBytes, [(variable, offset, size)])
    var object = ObjectBuilder()
    let section = object.zeroSection(".bss", bytes: 16)
    object.symbol("v", type: 1, section: section, at: 0, size: 4)
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp")
    return object.bytes
  }

  @Test("a variable at the end of its section is read")
  func last() throws {
    let layout = try BPFObject(object(at: 12, size: 4), name: "sample").layout
    #expect(layout.sections[0].variables.map(\.offsetBytes) == [12])
  }

  @Test(
    "a variable outside of its section is refused", arguments: [13, 16, 4096, 0x7fff_fff0, 0xffff_fffc] as [UInt32])
  func outside(_ offset: UInt32) {
    #expect(throws: ObjectError.self) {
      try BPFObject(object(at: offset, size: 4, sectionBytes: offset | 4095), name: "sample")
    }
  }

  @Test("two variables at one offset are refused")
  func overlapping() {
    var btf = BTFBuilder()
    let int = btf.int()
    let (first, second) = (btf.variable("v", int), btf.variable("w", int))
    btf.section(".bss", bytes: 16, [(first, 4, 4), (second, 6, 4)])
    var object = ObjectBuilder()
    let section = object.zeroSection(".bss", bytes: 16)
    for name in ["v", "w"] { object.symbol(name, type: 1, section: section, at: 4, size: 4) }
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp")
    let overlap = BTFError.overlappingVariables(section: ".bss", variable: "w", other: "v", offsetBytes: 6)
    #expect(throws: ObjectError.btf(overlap)) {
      try BPFObject(object.bytes, name: "sample")
    }
  }

  @Test("static variables may have any offset, as gcc writes them")
  func statics() throws {
    var btf = BTFBuilder()
    let int = btf.int()
    let statics = ["s", "t"].map { btf.variable($0, int, linkage: 0) }
    btf.section(".bss", bytes: 16, [(statics[0], 0, 4), (statics[1], 0, 4), (btf.variable("v", int), 0, 4)])
    var object = ObjectBuilder()
    object.symbol("v", type: 1, section: object.zeroSection(".bss", bytes: 16), at: 0, size: 4)
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp")
    #expect(try BPFObject(object.bytes, name: "sample").layout.sections[0].variables.map(\.name) == ["v"])
  }

  static let relocated: [(name: String, flags: UInt64, isRead: Bool)] = [
    (".debug_info", 0, true), (".debug_info", 0x800, true), (".zdebug_info", 0, true), (".zdebug_info", 4, false),
    (".data.a", 3, false),
  ]

  @Test("a relocation outside its section is refused, except in debug information", arguments: relocated)
  func relocation(name: String, flags: UInt64, isRead: Bool) throws {
    var object = ObjectBuilder()
    let section = object.section(name, [UInt8](repeating: 0, count: 8), flags: flags)
    object.relocations(".rel\(name)", of: section, [(6, 0, 2)])
    if isRead {
      _ = try ELFFile(object.bytes)
    } else {
      #expect(throws: ELFError.damaged(.relocationOffset(section: 2, index: 0, offset: 6))) {
        try ELFFile(object.bytes)
      }
    }
  }
}
