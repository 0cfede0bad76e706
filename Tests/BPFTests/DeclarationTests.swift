import Bytes
import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

@Suite("Declarations")
struct DeclarationTests {
  private func texts(_ build: (inout BTFBuilder) -> [(name: String, type: UInt32, size: UInt32)]) throws -> [String] {
    var btf = BTFBuilder()
    let variables = build(&btf)
    let object = try BPFObject(ObjectBuilder.object(btf, variables: variables), name: "sample")
    return object.layout.sections[0].variables.map { $0.declaration.named($0.identifier.c) }
  }

  /// C knows an enumerator only once in a file: bpftool calls the second one of a name `RED___2`.
  @Test("an anonymous enum that is written twice defines its enumerators once")
  func enumerators() throws {
    let texts = try texts { btf in
      let color = btf.add(.enumeration, vlen: 1, 4, [btf.string("RED"), 0])
      return [("a", color, 4), ("b", color, 4)]
    }
    #expect(texts == ["enum {\n\tRED = 0,\n} a", "enum {\n\tRED___2 = 0,\n} b"])
  }

  @Test("a member without a name is an anonymous struct, or padding")
  func namelessMember() throws {
    let padded = try texts { btf in
      let int = btf.int()
      let members = [BTFBuilder.Member(name: "", type: int), .init(name: "x", type: int, offsetBits: 32)]
      return [("v", btf.composite(bytes: 8, members), 8)]
    }
    #expect(padded == ["struct {\n\tint: 32;\n\tint x;\n} v"])
    let nested = try texts { btf in
      let inner = btf.composite(.union, bytes: 4, [.init(name: "x", type: btf.int())])
      return [("v", btf.composite(bytes: 4, [.init(name: "", type: inner)]), 4)]
    }
    #expect(nested == ["struct {\n\tunion {\n\t\tint x;\n\t};\n} v"])
  }

  @Test("an extern of the kernel's configuration keeps `const`, and loses `restrict`, which is not valid C there")
  func restrictedValue() throws {
    var btf = BTFBuilder()
    let type = btf.add(.restrict, btf.add(.const, btf.int()))
    var writer = DeclarationWriter(try BTFSpec(section: btf.bytes, order: .little))
    #expect(try writer.declaration(of: TypeID(type), keepModifiers: true, variable: "v").named("v") == "const int v")
  }

  @Test("two types of one name get different names, a type used twice does not")
  func sameName() throws {
    let texts = try texts { btf in
      let (int, long) = (btf.int(), btf.int("long", bytes: 8))
      let first = btf.composite(.structure, "s", bytes: 8, [.init(name: "a", type: int)])
      let copy = btf.composite(.structure, "s", bytes: 8, [.init(name: "a", type: int)])
      let other = btf.composite(.structure, "s", bytes: 8, [.init(name: "a", type: long)])
      return [("v", first, 8), ("w", copy, 8), ("x", other, 8)]
    }
    #expect(texts == ["struct s v", "struct s w", "struct s___2 x"])
  }

  @Test("are read from the name outwards")
  func declarators() throws {
    let texts = try texts { btf in
      let int = btf.int()
      let array = btf.array(of: int, count: 3, index: int)
      let toArray = btf.pointer(to: array)
      let function = btf.add(.functionPrototype, vlen: 2, int, [0, int, 0, toArray])
      let toFunction = btf.pointer(to: function)
      let functions = btf.array(of: toFunction, count: 2, index: int)
      return [("a", array, 12), ("p", toArray, 8), ("f", toFunction, 8), ("t", functions, 16)]
    }
    #expect(texts == ["int a[3]", "int (*p)[3]", "int (*f)(int, int (*)[3])", "int (*t[2])(int, int (*)[3])"])
  }
}
