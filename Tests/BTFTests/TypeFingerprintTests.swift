import Bytes
import Testing

@testable import BTF
@testable import HandmadeObjects

/// A type's id depends on its structure, not on its number, which compilers and linkers choose freely.
@Suite("Type ids")
struct TypeFingerprintTests {
  /// `struct node { struct node *next; long value; int table[4]; const char *name; }`, with its parts in one of two
  /// orders.
  private func node(reversed: Bool, change: (inout [BTFBuilder.Member]) -> Void = { _ in }) throws -> (BTFSpec, UInt32)
  {
    var btf = BTFBuilder()
    func member(_ name: String, _ type: UInt32, _ offset: UInt32) -> BTFBuilder.Member {
      .init(name: name, type: type, offsetBits: offset)
    }
    var ids: [String: UInt32] = [:]
    // Types that nothing uses, and strings in another order, move every number.
    if reversed { for name in ["unused", "name", "node"] { _ = btf.typedef(name, 0) } }
    let steps: [(String, (inout BTFBuilder, [String: UInt32]) -> UInt32)] = [
      ("int", { btf, _ in btf.int() }), ("long", { btf, _ in btf.int("long", bytes: 8) }),
      ("char", { btf, _ in btf.int("char", bytes: 1) }),
    ]
    for (name, make) in reversed ? steps.reversed() : steps { ids[name] = make(&btf, ids) }
    let table = btf.array(of: ids["int"]!, count: 4, index: ids["int"]!)
    let constant = btf.add(.const, ids["char"]!)
    let name = btf.pointer(to: constant)
    let next = btf.pointer(to: btf.next + 1)
    var members = [
      member("next", next, 0), member("value", ids["long"]!, 64), member("table", table, 128),
      member("name", name, 256),
    ]
    change(&members)
    let node = btf.composite(.structure, "node", bytes: 40, members)
    return (try BTFSpec(section: btf.bytes, order: .little), node)
  }

  private func id(_ type: (BTFSpec, UInt32)) -> String {
    var fingerprints = TypeFingerprints(type.0)
    return "\(fingerprints.fingerprint(of: TypeID(type.1)))"
  }

  @Test("do not depend on the numbers and strings of the BTF")
  func independent() throws {
    #expect(try id(node(reversed: false)) == id(node(reversed: true)))
  }

  /// Changes that give another type.
  static let changes: [(what: String, change: @Sendable (inout [BTFBuilder.Member]) -> Void)] = [
    ("a member's name", { $0[1].name = "other" }), ("a member's place", { $0[1].offsetBits = 72 }),
    ("the order of members", { $0.swapAt(0, 1) }), ("a member less", { $0.removeLast() }),
    ("a member's type", { $0[1].type = $0[0].type }), ("an element's type", { $0[2].type = $0[1].type }),
  ]

  @Test("differ if the layout or names differ", arguments: changes)
  func different(_ what: String, _ change: @Sendable (inout [BTFBuilder.Member]) -> Void) throws {
    #expect(try id(node(reversed: false)) != id(node(reversed: false, change: change)), "\(what)")
  }

  @Test("depend only on the name of a struct after a pointer")
  func pointers() throws {
    func pointer(to name: String, bytes: UInt32, isForward: Bool) throws -> String {
      var btf = BTFBuilder()
      let int = btf.int()
      let target =
        isForward
        ? btf.add(.forward, name: btf.string(name))
        : btf.composite(.structure, name, bytes: bytes, [.init(name: "m", type: int)])
      let pointer = btf.pointer(to: target)
      return id((try BTFSpec(section: btf.bytes, order: .little), pointer))
    }
    let known = try pointer(to: "thing", bytes: 4, isForward: false)
    #expect(try pointer(to: "thing", bytes: 64, isForward: false) == known)
    #expect(try pointer(to: "thing", bytes: 0, isForward: true) == known)
    #expect(try pointer(to: "other", bytes: 4, isForward: false) != known)
  }

  @Test("do not depend on modifiers")
  func modifiers() throws {
    var btf = BTFBuilder()
    let int = btf.int()
    let modified = btf.add(.const, btf.add(.volatile, int))
    let read = try BTFSpec(section: btf.bytes, order: .little)
    #expect(id((read, int)) == id((read, modified)))
  }

  @Test("are the same in both byte orders")
  func byteOrder() throws {
    var little = BTFBuilder()
    let type = little.composite(.structure, "s", bytes: 4, [.init(name: "m", type: little.next + 1)])
    _ = little.int()
    let bytes = little.bytes
    // Every word of the section turned round: header {magic, version and flags, ...} apart, all fields have four bytes.
    let header = Array(bytes[..<4])
    let end = 24 + 4 * little.words.count
    let turned = stride(from: 4, to: end, by: 4).flatMap { bytes[$0..<$0 + 4].reversed() }
    let big = [header[1], header[0], header[2], header[3]] + turned + bytes[end...]
    #expect(try id((BTFSpec(section: bytes, order: .little), type)) == id((BTFSpec(section: big, order: .big), type)))
  }
}
