import Testing

@testable import BPF
@testable import HandmadeObjects

/// What libbpf does not check, and what would end the process in libbpf.
@Suite("What libbpf does not check itself")
struct LibBPFTrustTests {
  /// A way to make the sum of an offset and a size small again: libbpf, all versions up to 1.7, adds both in 32 bits
  /// before
  /// it compares the sum and copies. Source: `bpf_object__init_struct_ops_maps`.
  struct Overflow: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The offset in the data section's entry.
    var offset: UInt32
    var structBytes: UInt32 = 32
    /// 0 makes libbpf take the variable's offset from the symbol.
    var sectionBytes: UInt32 = 32
    var symbolSection = 0xfff1
    var symbolValue = 0
  }

  static let overflows = [
    Overflow(testDescription: "by the entry's offset", offset: 0xffff_fff0),
    Overflow(testDescription: "by the struct's size", offset: 0x7fff_ffff, structBytes: 0x8000_0011),
    Overflow(testDescription: "by an absolute symbol's value", offset: 0, sectionBytes: 0, symbolValue: 0xffff_fff0),
  ]

  @Test("a struct_ops value whose end does not fit in 32 bits is refused", arguments: overflows)
  func structOps(_ overflow: Overflow) {
    var btf = BTFBuilder()
    let ops = btf.composite(
      .structure, "some_ops", bytes: overflow.structBytes, [.init(name: "value", type: btf.int())])
    let variable = btf.variable("ops", ops)
    btf.section(".struct_ops", bytes: overflow.sectionBytes, [(variable, overflow.offset, 32)])
    var object = ObjectBuilder()
    object.section(".struct_ops", [UInt8](repeating: 0, count: 32), flags: 3)
    object.symbol("ops", type: 1, section: overflow.symbolSection, at: overflow.symbolValue, size: 0)
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp")
    #expect(throws: ObjectError.self) { try BPFObject(object.bytes, name: "sample") }
  }

  @Test(
    "a section without bytes in the file that libbpf reads is refused",
    arguments: ["license", "version", ".maps", ".BTF.ext"])
  func noBits(_ name: String) {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int())
    btf.section(name, bytes: 4, [(variable, 0, 4)])
    var object = ObjectBuilder()
    let section = object.zeroSection(name, bytes: 4)
    object.symbol("v", type: 1, section: section, at: 0, size: 4)
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "tp")
    #expect(throws: ObjectError.self) { try BPFObject(object.bytes, name: "sample") }
  }

  /// libbpf 1.1's linker writes through a null pointer. Source: `linker_append_elf_sym`.
  @Test("a section symbol outside of any section is refused", arguments: [0, 0xff00, 0xffe5, 0xfff1, 0xfff2])
  func sectionSymbol(_ section: Int) {
    var btf = BTFBuilder()
    _ = btf.int()
    var object = ObjectBuilder()
    object.symbol("s", type: 3, section: section, at: 0, size: 0)
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp")
    #expect(throws: ObjectError.self) { try BPFObject(object.bytes, name: "sample") }
  }
}
