import Bytes
import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

/// BTF that no compiler writes: each case is an error, and none takes disproportionate time or memory.
@Suite("Hostile BTF")
struct HostileBTFTests {
  /// A kind of BTF, and its error.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var btf: @Sendable () -> BTFBuilder
    var fault: BTFFault

    init(_ name: String, _ fault: BTFFault, _ add: @escaping @Sendable (inout BTFBuilder) -> Void) {
      self.name = name
      self.fault = fault
      btf = {
        var btf = BTFBuilder()
        add(&btf)
        return btf
      }
    }

    var testDescription: String { name }
  }

  static let cycles: [Case] = [
    Case("a struct that contains itself", .cycle(ids: [1])) { btf in
      _ = btf.composite(bytes: 4, [.init(name: "a", type: 1)])
    },
    Case("two structs that contain each other", .cycle(ids: [1, 2])) { btf in
      _ = btf.composite(.structure, "a", bytes: 4, [.init(name: "b", type: 2)])
      _ = btf.composite(.structure, "b", bytes: 4, [.init(name: "a", type: 1)])
    },
    Case("a union that contains an array of itself", .cycle(ids: [2, 3])) { btf in
      let int = btf.int()
      _ = btf.composite(.union, "u", bytes: 4, [.init(name: "a", type: 3)])
      _ = btf.array(of: 2, count: 1, index: int)
    },
    Case("an array of itself", .cycle(ids: [2])) { btf in
      let int = btf.int()
      _ = btf.array(of: 2, count: 1, index: int)
    },
    Case("a typedef of itself", .cycle(ids: [1])) { btf in _ = btf.typedef("t", 1) },
    Case("two modifiers of each other", .cycle(ids: [1, 2])) { btf in
      btf.add(.const, 2)
      btf.add(.volatile, 1)
    },
    Case("a pointer to itself", .cycle(ids: [1])) { btf in _ = btf.pointer(to: 1) },
    Case("a pointer to a function that takes it", .cycle(ids: [1, 2])) { btf in
      _ = btf.pointer(to: 2)
      btf.add(.functionPrototype, vlen: 1, 0, [0, 1])
    },
    Case("a cycle at the end of a chain", .cycle(ids: [3, 4])) { btf in
      _ = btf.typedef("a", 2)
      _ = btf.typedef("b", 3)
      _ = btf.typedef("c", 4)
      _ = btf.typedef("d", 3)
    },
  ]

  static let references: [Case] = [
    Case("a member of a type that does not exist", .typeReference(id: 1, to: 9)) { btf in
      _ = btf.composite(bytes: 4, [.init(name: "a", type: 9)])
    },
    Case("the largest id", .typeReference(id: 1, to: 0xffff_ffff)) { btf in _ = btf.typedef("t", .max) },
    Case("a member of no type", .wrongTarget(id: 1, kind: .structure, target: .void)) { btf in
      _ = btf.composite(bytes: 4, [.init(name: "a", type: 0)])
    },
    Case("an array of functions", .wrongTarget(id: 4, kind: .array, target: .function)) { btf in
      let int = btf.int()
      btf.add(.functionPrototype, 0)
      btf.add(.function, name: btf.string("f"), 2)
      _ = btf.array(of: 3, count: 1, index: int)
    },
    Case("a member of a typedef of no type", .wrongTarget(id: 2, kind: .structure, target: .void)) { btf in
      let nothing = btf.typedef("nothing", 0)
      _ = btf.composite(bytes: 4, [.init(name: "a", type: nothing)])
    },
    Case("a bit-field of a declared enum", .wrongTarget(id: 2, kind: .structure, target: .enumeration)) { btf in
      let declared = btf.add(.enumeration, name: btf.string("declared"), 0)
      btf.add(.structure, vlen: 1, flag: true, 4, [btf.string("a"), declared, 3 << 24])
    },
    Case("a member of many elements without a size", .wrongTarget(id: 4, kind: .structure, target: .forward)) { btf in
      let int = btf.int()
      let declared = btf.add(.forward, name: btf.string("declared"))
      let array = btf.array(of: declared, count: 2, index: int)
      _ = btf.composite(bytes: 4, [.init(name: "a", type: array)])
    },
    Case("a section that lists a type", .wrongTarget(id: 2, kind: .dataSection, target: .int)) { btf in
      let int = btf.int()
      btf.section(".bss", bytes: 4, [(int, 0, 4)])
    },
    Case("a variable of a variable", .wrongTarget(id: 3, kind: .variable, target: .variable)) { btf in
      let int = btf.int()
      _ = btf.variable("v", int)
      _ = btf.variable("w", 2)
    },
    Case("a variable whose linkage is not known", .linkage(id: 2, kind: .variable, number: 7)) { btf in
      _ = btf.variable("v", btf.int(), linkage: 7)
    },
    Case("a variable whose linkage is the largest number", .linkage(id: 2, kind: .variable, number: .max)) { btf in
      _ = btf.variable("v", btf.int(), linkage: .max)
    },
    Case("a function whose linkage is not known", .linkage(id: 2, kind: .function, number: 3)) { btf in
      btf.add(.function, name: btf.string("f"), vlen: 3, btf.add(.functionPrototype))
    },
    Case("a function that is no prototype's", .wrongTarget(id: 2, kind: .function, target: .int)) { btf in
      let int = btf.int()
      btf.add(.function, name: btf.string("f"), int)
    },
    Case("a name outside of the strings", .nameOffset(id: 1, offset: 99)) { btf in
      btf.add(.structure, name: 99, 0)
    },
    Case("a member's name outside of the strings", .nameOffset(id: 2, offset: 0x8000_0000)) { btf in
      let int = btf.int()
      btf.add(.structure, vlen: 1, 4, [1 << 31, int, 0])
    },
    Case("a variable without a name", .missingName(id: 2, kind: .variable)) { btf in
      let int = btf.int()
      _ = btf.variable("", int)
    },
  ]

  static let sizes: [Case] = [
    Case("a member beyond its struct", .memberOutside(id: 2, member: 0)) { btf in
      let int = btf.int()
      _ = btf.composite(bytes: 4, [.init(name: "a", type: int, offsetBits: 8)])
    },
    Case("a member at the largest offset", .memberOutside(id: 2, member: 0)) { btf in
      let int = btf.int()
      _ = btf.composite(bytes: 4, [.init(name: "a", type: int, offsetBits: .max)])
    },
    Case("an array that does not fit its struct", .memberOutside(id: 3, member: 0)) { btf in
      let int = btf.int()
      let huge = btf.array(of: int, count: 1 << 20, index: int)
      _ = btf.composite(bytes: 64, [.init(name: "a", type: huge)])
    },
    Case("a member of more elements than there are numbers", .sizeOverflow(id: 4)) { btf in
      let int = btf.int()
      var array = int
      for _ in 0..<3 { array = btf.array(of: array, count: 1 << 30, index: int) }
      _ = btf.composite(bytes: 4, [.init(name: "a", type: array)])
    },
    Case("an integer of 3 bytes", .integer(id: 1, bits: 24, sizeBytes: 3)) { btf in _ = btf.int(bytes: 3) },
    Case("an integer of no bits", .integer(id: 1, bits: 0, sizeBytes: 4)) { btf in
      btf.add(.int, name: btf.string("i"), 4, [0])
    },
    Case("an enum of 7 bytes", .enumSize(id: 1, sizeBytes: 7)) { btf in btf.add(.enumeration, 7) },
  ]

  @Test("is refused with the reason", arguments: cycles + references + sizes)
  func refused(_ hostile: Case) {
    #expect(throws: BTFError.damaged(hostile.fault)) { try BTFSpec(section: hostile.btf().bytes, order: .little) }
  }

  @Test("a nameless function, as gcc writes many, is read")
  func namelessFunction() throws {
    var btf = BTFBuilder()
    btf.add(.functionPrototype, 0)
    btf.add(.function, 1)
    #expect(try BTFSpec(section: btf.bytes, order: .little).count == 3)
  }

  @Test("types nested too deeply for any walk are refused, those that a compiler could write are not")
  func nesting() throws {
    func nested(_ levels: Int) -> [UInt8] {
      var btf = BTFBuilder()
      var inner = btf.int()
      for level in 0..<levels {
        inner = btf.composite(.structure, "s\(level)", bytes: 4, [.init(name: "m", type: inner)])
      }
      return ObjectBuilder.object(btf, variables: [("v", inner, 4)])
    }
    _ = try BPFObject(nested(200), name: "sample", assertMembers: true).contract()
    for levels in [256, 1000, 100_000] {
      #expect(throws: ObjectError.self, "\(levels) levels") { try BPFObject(nested(levels), name: "sample") }
    }
  }

  @Test("arrays of arrays whose size overflows are refused")
  func hugeArrays() {
    for count: UInt32 in [1 << 16, 1 << 31, .max] {
      var btf = BTFBuilder()
      let int = btf.int()
      var array = int
      for _ in 0..<4 { array = btf.array(of: array, count: count, index: int) }
      let bytes = ObjectBuilder.object(btf, variables: [("v", array, 4)])
      #expect(throws: ObjectError.self, "\(count) elements") { try BPFObject(bytes, name: "sample") }
    }
  }

  @Test(
    "a struct that is almost entirely a gap is not written out", arguments: [(1 << 20, false), (1 << 31 - 1, true)])
  func gaps(_ bytes: UInt32, _ isRefused: Bool) throws {
    var btf = BTFBuilder()
    _ = btf.composite(.structure, "s", bytes: bytes, [.init(name: "a", type: btf.int())])
    let types = try TypesFile(btf.bytes)
    if isRefused {
      let error = ObjectError.btf(.damaged(.gaps(id: 2, bytes: UInt64(bytes) - 4)))
      #expect(throws: error) { try TypesHeader.text(of: types) }
    } else {
      #expect(try TypesHeader.text(of: types).count < 2 << 20)
    }
  }

  @Test("two members of one name in an anonymous struct are refused if it is written out")
  func duplicateMembers() {
    for isNested in [false, true] {
      var btf = BTFBuilder()
      let int = btf.int()
      let inner = btf.composite(bytes: 4, [.init(name: "a", type: int)])
      let second = isNested ? BTFBuilder.Member(name: "", type: inner) : BTFBuilder.Member(name: "a", type: int)
      let outer = btf.composite(.union, bytes: 4, [.init(name: "a", type: int), second])
      #expect(throws: ObjectError.btf(.damaged(.duplicateMember(id: TypeID(isNested ? inner : outer), name: "a")))) {
        try BPFObject(ObjectBuilder.object(btf, variables: [("v", outer, 4)]), name: "sample")
      }
    }
  }

  @Test("two programs of one name are refused, and so are two maps")
  func duplicateNames() {
    var btf = BTFBuilder()
    let int = btf.int()
    let one = btf.pointer(to: btf.array(of: int, count: 1, index: int))
    let map = btf.composite(bytes: 8, [.init(name: "type", type: one)])
    let maps = [btf.variable("twice", map), btf.variable("twice", map)]
    btf.section(".maps", bytes: 16, [(maps[0], 0, 8), (maps[1], 8, 8)])
    var object = ObjectBuilder()
    let section = object.section(".maps", [UInt8](repeating: 0, count: 16), flags: 3)
    for offset in [0, 8] { object.symbol("twice", type: 1, section: section, at: offset, size: 8) }
    object.section(".BTF", btf.bytes)
    object.program("prog", section: "raw_tp")
    #expect(throws: ObjectError.duplicateName("twice", of: "map")) { try BPFObject(object.bytes, name: "sample") }
    object.program("prog", section: "tp")
    #expect(throws: ObjectError.duplicateName("prog", of: "program")) { try BPFObject(object.bytes, name: "sample") }
  }

  @Test("a newer kind is distinguished from damage", arguments: [20, 25, 31] as [UInt8])
  func newerKind(_ kind: UInt8) {
    var btf = BTFBuilder()
    _ = btf.int()
    var bytes = btf.bytes
    bytes[24 + 7] = kind
    #expect(throws: BTFError.newer(kind: kind, typeID: 1)) { try BTFSpec(section: bytes, order: .little) }
  }
}
