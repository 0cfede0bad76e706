import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

/// A few bytes of BTF can describe a lot: types that are reached over many paths, invented sizes, thousands of names.
/// The output is limited by the file's size, not by what the file claims.
@Suite("The cost of hostile objects", .timeLimit(.minutes(10)))
struct CostTests {
  @Test("padding of an invented size is not written out")
  func padding() throws {
    var btf = BTFBuilder()
    let char = btf.int("char", bytes: 1)
    let gap = btf.composite(
      bytes: 0x7fff_ff00, [.init(name: "a", type: char), .init(name: "b", type: char, offsetBits: 0xffff_fff8)])
    let bytes = ObjectBuilder.object(btf, variables: [("v", gap, 0x7fff_ff00)])
    #expect(throws: ObjectError.btf(.declarationTooLong(variable: "v"))) { try BPFObject(bytes, name: "sample") }
  }

  @Test("types without a size do not cause a division by zero", arguments: ["enum", "float"])
  func noSize(_ kind: String) throws {
    for isMember in [false, true] {
      var btf = BTFBuilder()
      let name = btf.string("nothing")
      var type = kind == "enum" ? btf.add(.enumeration, name: name, 0) : btf.add(.float, name: name, 0)
      if isMember {
        type = btf.composite(bytes: 4, [.init(name: "m", type: type), .init(name: "n", type: type, offsetBits: 8)])
      }
      let bytes = ObjectBuilder.object(btf, variables: [("v", type, isMember ? 4 : 0)])
      let isRefused = (try? BPFObject(bytes, name: "sample", assertMembers: true)) == nil
      // The members' offsets would be divided by the size of an enum that was only declared.
      #expect(isRefused == (kind == "enum" && isMember))
    }
  }

  /// The anonymous members of nested unions: 2 to the power of the depth.
  @Test("anonymous members that are reached over many paths are refused", arguments: [20, 60])
  func anonymousMembers(_ depth: Int) throws {
    var btf = BTFBuilder()
    var inner = btf.composite(.union, bytes: 4, [.init(name: "", type: btf.int())])
    for _ in 0..<depth {
      inner = btf.composite(.union, bytes: 4, [.init(name: "", type: inner), .init(name: "", type: inner)])
    }
    let outer = btf.composite(.structure, "outer", bytes: 4, [.init(name: "", type: inner)])
    let bytes = ObjectBuilder.object(btf, variables: [("v", outer, 4)])
    #expect(throws: ObjectError.btf(.damaged(.tooManyWalks(id: 22)))) {
      try BPFObject(bytes, name: "sample", assertMembers: true)
    }
  }

  @Test("an anonymous type of many variables cannot exhaust memory")
  func sharedDeclarations() throws {
    var btf = BTFBuilder()
    var inner = btf.composite(bytes: 4, [.init(name: "value", type: btf.int())])
    for level: UInt32 in 0..<8 {
      let size: UInt32 = 4 << level
      inner = btf.composite(
        bytes: 2 * size, [.init(name: "a", type: inner), .init(name: "b", type: inner, offsetBits: 8 * size)])
    }
    let variables = (0..<600).map { (name: "v\($0)", type: inner, size: 1024 as UInt32) }
    let bytes = ObjectBuilder.object(btf, variables: variables)
    let object = try? BPFObject(bytes, name: "sample")
    let text = object.map { $0.layout.sections[0].variables.reduce(0) { $0 + $1.declaration.before.utf8.count } } ?? 0
    #expect(text < (1 << 20) + 16 * bytes.count, "\(bytes.count) bytes of object gave \(text) bytes of declarations")
  }

  @Test("names that all escape to the same name are made unique in linear time")
  func collidingNames() {
    var scope = CIdentifier.Scope()
    var given: Set<CIdentifier> = []
    for _ in 0..<30_000 { given.insert(scope.claim("!?")) }
    #expect(given.count == 30_000)
  }
}
