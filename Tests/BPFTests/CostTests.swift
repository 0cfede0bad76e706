import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

/// A few bytes of BTF can stand for a great deal: types that are reached over many ways, sizes that are made up, names by
/// the thousand. What is made of them is bounded by the file's size, not by what it claims.
@Suite("The cost of hostile objects", .timeLimit(.minutes(10)))
struct CostTests {
  @Test("padding of a made-up size is not spelled out")
  func padding() throws {
    var btf = BTFBuilder()
    let char = btf.int("char", bytes: 1)
    let gap = btf.composite(
      bytes: 0x7fff_ff00, [.init(name: "a", type: char), .init(name: "b", type: char, offsetBits: 0xffff_fff8)])
    let bytes = ObjectBuilder.object(btf, variables: [("v", gap, 0x7fff_ff00)])
    #expect(throws: ObjectError.btf(.declarationTooLong(variable: "v"))) { try BPFObject(bytes, name: "sample") }
  }

  @Test("types without a size of their own do not divide by it", arguments: ["enum", "float"])
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

  /// The anonymous members of a union of unions of unions: 2 to the power of its depth.
  @Test("anonymous members that are reached over many ways are refused", arguments: [20, 60])
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

  @Test("an anonymous type that is spelled out for many variables is no way to fill the memory")
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

  @Test("names that all want to be one are told apart in time in proportion to their number")
  func collidingNames() {
    var scope = CIdentifier.Scope()
    var given: Set<CIdentifier> = []
    for _ in 0..<30_000 { given.insert(scope.claim("!?")) }
    #expect(given.count == 30_000)
  }
}
