import BTF
import Testing

@testable import BPF
@testable import Emit

@Suite("Compile-time checks of a header")
struct AssertBlocksTests {
  private static func text(
    _ layout: ExportedLayout, areVariablesPointers: Bool = false, isLight: Bool = false
  ) -> [String] {
    cText {
      AssertBlocks(layout: layout, areVariablesPointers: areVariablesPointers, isLight: isLight).write(&$0)
    }.split(separator: "\n").map(String.init)
  }

  private static let variable = ExportedLayout.layout("app") {
    $0.sections = [
      .section(
        ".data",
        [.variable("x", .type("int"), at: 4, bytes: 8), .variable("new", .type("int"), at: 12, bytes: 4)])
    ]
  }

  @Test("if there is nothing to check, nothing is written")
  func nothing() {
    let layout = ExportedLayout.layout("app") {
      $0.maps = [.map("counts")]
      $0.sections = [.section(".data", [])]
      $0.neededTypes = [.init(keyword: .structure, name: "span", complete: true)]
    }
    #expect(Self.text(layout) == [])
    #expect(Self.text(layout, areVariablesPointers: true) == [])
  }

  @Test("a skeleton's variables have offsets and sizes, under the name of each language")
  func variables() {
    let lines = Self.text(Self.variable)
    #expect(lines.contains("app__ASSERT_VARIABLE(data, x, 4, 8);"))
    let index = lines.firstIndex(of: "#ifndef __cplusplus")
    #expect(
      index.map { Array(lines[$0..<$0 + 5]) } == [
        "#ifndef __cplusplus", "app__ASSERT_VARIABLE(data, new, 12, 4);", "#else",
        "app__ASSERT_VARIABLE(data, new_, 12, 4);", "#endif",
      ])
    #expect(lines.contains { $0.contains("__builtin_offsetof") })
  }

  @Test("a subskeleton's variables are pointers, which have a size and no offset")
  func pointers() {
    let lines = Self.text(Self.variable, areVariablesPointers: true)
    #expect(lines.contains("app__ASSERT_VARIABLE(data, x, 8);"))
    #expect(!lines.contains { $0.contains("offset") })
  }

  @Test("user types have the members that C can take the offset of")
  func userTypes() {
    let lines = Self.text(
      .layout("app") {
        $0.userTypes = [
          .init(
            spelling: "struct config", sizeBytes: 16,
            members: [.init(name: "limits.soft", offsetBytes: 4, sizeBytes: 2)])
        ]
      })
    #expect(
      lines.contains("app__ASSERT(sizeof(struct config) == 16, \"size of 'struct config' is not 16\");"))
    #expect(lines.contains("app__ASSERT_MEMBER(struct config, limits.soft, 4, 2);"))
    #expect(!lines.contains { $0.contains("ASSERT_VARIABLE") })
  }

  @Test("the alignment of a user's type is checked if an anonymous type around it depends on it")
  func alignments() {
    var layout = Self.variable
    layout.neededTypes = [
      .init(keyword: .typedef, name: "__u64", complete: true, largestAlignment: 4),
      .init(keyword: .structure, name: "config", complete: true),
      .init(keyword: .structure, name: "span", complete: true, largestAlignment: 4),
    ]
    #expect(
      Self.text(layout).filter { $0.contains("alignof") } == [
        "app__ASSERT(__alignof__(struct span) <= 4, \"alignment of 'struct span' is more than 4\");"
      ])
  }

  /// The numbers of maps and programs of a light skeleton, and where the loader expects its members.
  static let loaderContexts: [(maps: Int, programs: Int, checks: [String])] = [
    (0, 0, ["sizeof(struct bpf_loader_ctx) == 24"]),
    (
      2, 0,
      [
        "sizeof(struct bpf_loader_ctx) == 24", "sizeof(struct bpf_map_desc) == 16",
        "__builtin_offsetof(struct app, maps) == 24",
      ]
    ),
    (
      0, 1,
      [
        "sizeof(struct bpf_loader_ctx) == 24", "sizeof(struct bpf_prog_desc) == 4",
        "__builtin_offsetof(struct app, progs) == 24",
      ]
    ),
    (
      3, 2,
      [
        "sizeof(struct bpf_loader_ctx) == 24", "sizeof(struct bpf_map_desc) == 16", "sizeof(struct bpf_prog_desc) == 4",
        "__builtin_offsetof(struct app, maps) == 24", "__builtin_offsetof(struct app, progs) == 72",
      ]
    ),
  ]

  @Test("a light skeleton's first members are where the loader expects them", arguments: loaderContexts)
  func loaderContext(_ maps: Int, _ programs: Int, _ checks: [String]) {
    let layout = ExportedLayout.layout("app") {
      $0.maps = (0..<maps).map { .map("map\($0)") }
      $0.programs = (0..<programs).map { .program("program\($0)") }
    }
    let conditions = Self.text(layout, isLight: true).compactMap {
      $0.wholeMatch(of: /app__ASSERT\((.*), ".* is not what the loader was made for"\);/).map { String($0.1) }
    }
    #expect(conditions == checks)
  }

  @Test("no macro is left defined", arguments: HeaderOptions.Kind.every)
  func macros(_ kind: HeaderOptions.Kind) {
    var layout = GoldenLayouts.lightApp
    if !kind.isLight { layout.loader = nil }
    let text = headerText(layout, kind)
    let defined = Set(text.matches(of: /#define ([A-Za-z_]*ASSERT[A-Z_]*)/).map(\.1))
    let undefined = Set(text.matches(of: /#undef ([A-Za-z_]*)/).map(\.1))
    #expect(defined == ["app__ASSERT", "app__ASSERT_VARIABLE", "app__ASSERT_MEMBER"])
    #expect(undefined == defined)
  }
}
