import Bytes
import Testing

@testable import BPF
@testable import BTF
@testable import ELF
@testable import HandmadeObjects

/// Inputs that are valid individually, and that libbpf's linker does not link, or links wrong.
@Suite("A linked object is as valid as its inputs")
struct HostileLinkTests {
  private func link(_ objects: [[UInt8]]) throws -> [UInt8] {
    try StaticLinker.link(objects.map { ("input", $0) })
  }

  /// An object with one `int`, defined or declared in a section of the BTF.
  private func object(_ section: String, isDefined: Bool) -> [UInt8] {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int(), linkage: isDefined ? 1 : 2)
    btf.section(section, bytes: 4, [(variable, 0, 4)])
    var object = ObjectBuilder()
    let index = isDefined ? object.section(section, [0, 0, 0, 0], flags: 3) : 0
    object.symbol("v", type: isDefined ? 1 : 0, section: index, at: 0, size: isDefined ? 4 : 0)
    object.section(".BTF", btf.bytes)
    return object.bytes
  }

  /// Found by fuzzing: libbpf's linker read a section header that the second object does not have.
  @Test(
    "a license that is only declared is that of another object", arguments: ["license", "version"], [[0, 1], [1, 0]])
  func sharedSection(_ name: String, _ order: [Int]) throws {
    let objects = [object(name, isDefined: true), object(name, isDefined: false)]
    let linked = try ELFFile(link(order.map { objects[$0] }))
    let symbol = linked.symbols.first { linked.name(of: $0).text == "v" }
    #expect(linked.sections[Int(try #require(symbol).section)].name == name)
  }

  @Test("a variable's section is that of its definition, wherever it is declared", arguments: [[0, 1], [1, 0]])
  func declaredElsewhere(_ order: [Int]) throws {
    let objects = [object(".data.a", isDefined: false), object(".data.b", isDefined: true)]
    let linked = try ELFFile(link(order.map { objects[$0] }))
    let symbol = linked.symbols.first { linked.name(of: $0).text == "v" }
    #expect(linked.sections[Int(try #require(symbol).section)].name == ".data.b")
    let btf = try #require(try BTFSpec(of: linked))
    let listed = btf.ids(of: .dataSection).filter { btf.vlen($0) > 0 }.map(btf.name)
    #expect(listed == [".data.b"])
  }

  /// libbpf's linker defines it at offset 0 of the section, and so an object that it has linked has it.
  @Test("a symbol that is only declared is undefined after a link", arguments: [false, true])
  func declared(isLinkedByLibBPF: Bool) throws {
    var btf = BTFBuilder()
    let int = btf.int()
    let (own, other) = (btf.variable("own", int), btf.variable("other", int, linkage: 2))
    btf.section(".data.a", bytes: 4, [(own, 0, 4), (other, 0, 4)])
    var object = ObjectBuilder()
    let index = object.section(".data.a", [7, 0, 0, 0], flags: 3)
    object.symbol("own", type: 1, section: index, at: 0, size: 4)
    object.symbol("other", type: 0, section: isLinkedByLibBPF ? index : 0, at: 0, size: 0)
    object.section(".BTF", btf.bytes)
    var linked = object.bytes
    for _ in 0..<3 {
      linked = try link([linked])
      let elf = try ELFFile(linked)
      let undefined = elf.symbols.dropFirst().filter { $0.section == 0 }
      #expect(undefined.map { elf.name(of: $0).text } == ["other"])
    }
  }

  /// libbpf 1.1's linker takes the function's type for the variable's. Source: `linker_append_btf`.
  @Test("a function that has a variable's name gives no object whose records lead to a variable")
  func functionNamedAsVariable() throws {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int())
    btf.section(".bss", bytes: 4, [(variable, 0, 4)])
    let prototype = btf.add(.functionPrototype, 0)
    let function = btf.add(.function, name: btf.string("v"), vlen: 1, prototype)
    _ = btf.add(.function, name: btf.string("prog"), vlen: 1, prototype)
    let section = btf.string("raw_tp")
    var object = ObjectBuilder()
    let index = object.zeroSection(".bss", bytes: 4)
    object.symbol("v", type: 1, section: index, at: 0, size: 4)
    object.program("prog", section: "raw_tp")
    object.section(".BTF", btf.bytes)
    let records: [UInt32] = [8, section, 1, 0, function]
    let header: [UInt32] = [0x0001_eb9f, 24, 0, 4 * UInt32(records.count), 4 * UInt32(records.count), 0]
    object.section(".BTF.ext", (header + records).flatMap(littleEndian))
    _ = try BTFSpec(of: ELFFile(try link([object.bytes])))
  }
}
