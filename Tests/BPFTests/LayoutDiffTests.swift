import Testing

@testable import BPF
@testable import HandmadeObjects

@Suite("Differences of layouts")
struct LayoutDiffTests {
  /// An object with one variable `v` of a struct that holds another.
  private func object(
    inner: [BTFBuilder.Member]? = nil, variables: [String] = ["v"], isNamed: Bool = true
  ) throws -> BPFObject {
    var btf = BTFBuilder()
    let (int, float) = (btf.int(), btf.add(.float, name: btf.string("float"), 4))
    precondition((int, float) == (Self.int, Self.float))
    let members = inner ?? [.init(name: "soft", type: Self.int), .init(name: "hard", type: Self.int, offsetBits: 32)]
    let limits = btf.composite(.structure, isNamed ? "limits" : "", bytes: 8, members)
    let table = btf.array(of: limits, count: 2, index: int)
    let config = btf.composite(.structure, "config", bytes: 16, [.init(name: "limits", type: table)])
    return try BPFObject(ObjectBuilder.object(btf, variables: variables.map { ($0, config, 16) }), name: "sample")
  }

  private static let (int, float): (UInt32, UInt32) = (1, 2)

  @Test("an object has none compared with itself, nor with one that numbers its types differently")
  func none() throws {
    #expect(try LayoutDiff.changes(from: object(), to: object()).isEmpty)
  }

  /// Members of the inner struct, and the paths at which a difference is reported.
  static let paths: [(what: String, members: [BTFBuilder.Member], paths: [String])] = [
    ("retyped", [.init(name: "soft", type: int), .init(name: "hard", type: float, offsetBits: 32)], ["limits[].hard"]),
    (
      "renamed", [.init(name: "soft", type: int), .init(name: "firm", type: int, offsetBits: 32)],
      ["limits[].hard", "limits[].firm"]
    ),
    (
      "swapped", [.init(name: "hard", type: int), .init(name: "soft", type: int, offsetBits: 32)],
      ["limits[].hard", "limits[].soft"]
    ),
    ("removed", [.init(name: "soft", type: int)], ["limits[].hard"]),
    (
      "both", [.init(name: "soft", type: float), .init(name: "hard", type: float, offsetBits: 32)],
      ["limits[].soft", "limits[].hard"]
    ),
  ]

  @Test("inside a struct with an unchanged size are reported with their path", arguments: paths, [true, false])
  func nested(_ change: (what: String, members: [BTFBuilder.Member], paths: [String]), _ isNamed: Bool) throws {
    let changes = try LayoutDiff.changes(
      from: object(isNamed: isNamed), to: object(inner: change.members, isNamed: isNamed))
    #expect(changes.allSatisfy { $0.name == "v" && $0.section == ".bss" })
    #expect(changes.map(\.kind) == change.paths.map { .retyped(member: $0) })
  }

  @Test("of variables are reported in the new order, with offsets")
  func variables() throws {
    let changes = try LayoutDiff.changes(
      from: object(variables: ["a", "b", "c"]), to: object(variables: ["b", "d", "c"]))
    let reported = changes.map { "\($0.name) \($0.kindName) \($0.old ?? "") \($0.new ?? "")" }
    #expect(reported == ["a removed struct config a ", "b moved 16 0", "d added  struct config d"])
  }

  @Test("are reversed if the objects are swapped")
  func backwards() throws {
    let (old, new) = (try object(variables: ["a"]), try object(variables: ["a", "b"]))
    #expect(LayoutDiff.changes(from: old, to: new).map(\.kind) == [.added])
    #expect(LayoutDiff.changes(from: new, to: old).map(\.kind) == [.removed])
  }
}
