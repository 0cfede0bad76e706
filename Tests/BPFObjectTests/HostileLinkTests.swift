import Incr
import Testing

@testable import BPFObject
@testable import HandmadeObjects

/// Inputs that are sound, each by itself, and of which libbpf's linker makes nothing good.
@Suite("What is linked is as sound as what it is linked of")
struct HostileLinkTests {
  private func link(_ objects: [[UInt8]]) throws -> [UInt8] {
    let files = try objects.map { bytes in
      let file = try MemoryFile(name: "input")
      try file.fill(bytes)
      return try FileContent(path: file.path)
    }
    return try StaticLinker.link(files)
  }

  /// An object with one `int`, defined or declared in a section of the BTF.
  private func object(_ section: String, isDefined: Bool) -> [UInt8] {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int(), linkage: isDefined ? 1 : 2)
    btf.section(section, bytes: 4, [(variable, 0, 4)])
    var object = ObjectBuilder()
    let place = isDefined ? object.section(section, [0, 0, 0, 0], flags: 3) : 0
    object.symbol("v", type: isDefined ? 1 : 0, section: place, at: 0, size: isDefined ? 4 : 0)
    object.section(".BTF", btf.bytes)
    return object.bytes
  }

  /// Found by fuzzing.
  @Test("a license that the BTF alone has is refused", arguments: ["license", "version"])
  func sharedSection(_ name: String) throws {
    let error = #expect(throws: LinkError.self) {
      try link([object(name, isDefined: true), object(name, isDefined: false)])
    }
    #expect(error?.error == .damagedELF(.noBytes(section: name)))
  }

  /// libbpf 1.1's linker reads the variables of a section that has none so far. Source: `linker_append_btf`.
  @Test("a variable that one input declares in one section and another defines in another is refused")
  func movedVariable() throws {
    let error = #expect(throws: LinkError.self) {
      try link([object(".data.a", isDefined: false), object(".data.b", isDefined: true)])
    }
    #expect(error?.error == .movedVariable("v", section: ".data.b", other: ".data.a"))
    _ = try link([object(".data.a", isDefined: true), object(".data.a", isDefined: false)])
  }

  /// libbpf 1.1's linker takes the function's type for the variable's. Source: `linker_append_btf`.
  @Test("a function that has a variable's name gives no object whose records lead to a variable")
  func functionNamedAsVariable() {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int())
    btf.section(".bss", bytes: 4, [(variable, 0, 4)])
    let prototype = btf.add(.functionPrototype, 0)
    let function = btf.add(.function, name: btf.string("v"), vlen: 1, prototype)
    let section = btf.string("raw_tp")
    var object = ObjectBuilder()
    let place = object.zeroSection(".bss", bytes: 4)
    object.symbol("v", type: 1, section: place, at: 0, size: 4)
    object.program("prog", section: "raw_tp")
    object.section(".BTF", btf.bytes)
    let records: [UInt32] = [8, section, 1, 0, function]
    let header: [UInt32] = [0x0001_eb9f, 24, 0, 4 * UInt32(records.count), 4 * UInt32(records.count), 0]
    object.section(".BTF.ext", (header + records).flatMap(littleEndian))
    #expect(throws: LinkError.self) { try link([object.bytes]) }
  }
}
