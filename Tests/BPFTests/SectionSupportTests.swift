import Testing

@testable import BPF
@testable import ELF
@testable import HandmadeObjects

@Suite("Sections that some versions of libbpf support")
struct SectionSupportTests {
  static let sections: [(name: String, firstMinor: Int)] = [
    (".struct_ops", 0), (".struct_ops.link", 2), ("?.struct_ops", 4), ("?.struct_ops.link", 4), (".addr_space.1", 4),
    (".bss.custom", 0),
  ]

  @Test("are refused with older versions and accepted with newer ones", arguments: sections)
  func versions(_ name: String, _ firstMinor: Int) throws {
    var object = ObjectBuilder()
    object.section(name, [UInt8](repeating: 0, count: 8), flags: 3)
    let elf = try ELFFile(object.bytes)
    for minor in 0...8 {
      if minor >= firstMinor {
        try SectionSupport.check(elf, runningMinor: minor)
      } else {
        #expect(throws: ObjectError.olderLibBPF(section: name, needed: "1.\(firstMinor)")) {
          try SectionSupport.check(elf, runningMinor: minor)
        }
      }
    }
  }
}
