import BTF
import Testing

@testable import BPF
@testable import Emit

/// What a kind of header does not show is dropped from its layout, so that it does not rewrite the header.
@Suite("What a kind of header drops of a layout")
struct ProjectionTests {
  private static let layout = ExportedLayout.layout("app") {
    $0.maps = [.section(".data"), .map("heap", .arena)]
    $0.sections = [
      .section(
        ".data", isTyped: false,
        [
          .variable(
            "x", .type("int", "[2]"), at: 4, bytes: 8, element: 4, padding: 3, isPacked: true, isWeak: true)
        ]), .section(".addr_space.1", as: "arena", [.variable("y", .type("int"), at: 0, bytes: 4)]),
    ]
    $0.neededTypes = [.init(keyword: .structure, name: "span", complete: true, largestAlignment: 4)]
    $0.userTypes = [.init(spelling: "struct span", sizeBytes: 8, members: [])]
    $0.loader = .init(
      programs: [],
      sections: [.init(isMapped: true, isReadOnly: false), .init(isMapped: false, isReadOnly: false)])
  }

  @Test("a skeleton: that an extern is weak, the elements of arrays, what the BTF describes, and a loader")
  func skeletons() {
    for kind in [HeaderOptions.Kind.selfContained, .split] {
      var wanted = Self.layout
      wanted.loader = nil
      wanted.sections[0].isTyped = true
      wanted.sections[0].variables[0].isWeak = false
      wanted.sections[0].variables[0].elementBytes = 0
      #expect(Self.layout.projected(for: kind) == wanted)
    }
  }

  @Test("a light skeleton: the same without the loader")
  func lightSkeletons() {
    for kind in [HeaderOptions.Kind.light, .lightSplit] {
      var wanted = Self.layout.projected(for: .split)
      wanted.loader = Self.layout.loader
      #expect(Self.layout.projected(for: kind) == wanted)
    }
  }

  @Test("a subskeleton: arenas, offsets and what depends on them, and a loader")
  func subskeleton() {
    var wanted = Self.layout
    wanted.loader = nil
    wanted.sections.removeLast()
    wanted.sections[0].variables[0].offsetBytes = 0
    wanted.sections[0].variables[0].paddingBytes = 0
    wanted.sections[0].variables[0].isPacked = false
    wanted.neededTypes[0].largestAlignment = nil
    #expect(Self.layout.projected(for: .subskeleton) == wanted)
  }

  @Test("what is dropped stays dropped", arguments: HeaderOptions.Kind.every)
  func again(_ kind: HeaderOptions.Kind) {
    let once = Self.layout.projected(for: kind)
    #expect(once.projected(for: kind) == once)
  }

  @Test("an arena in a library does not rewrite its subskeleton")
  func arena() {
    var other = Self.layout
    other.sections[1].variables[0].name = "z"
    let options = HeaderOptions(kind: .subskeleton)
    #expect(other.id(for: options) == Self.layout.id(for: options))
    #expect(other.id(for: HeaderOptions(kind: .split)) != Self.layout.id(for: HeaderOptions(kind: .split)))
  }
}
