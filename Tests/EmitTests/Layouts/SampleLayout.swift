@testable import BPF
@testable import BTF

/// A layout by hand that has one of everything that a header can show: every block writes something for it.
enum SampleLayout {
  static let everything = ExportedLayout.layout("sample") { layout in
    layout.maps = [
      .map("counts"), .map("class"), .map("a\"b"), .section(".data"), .section(".rodata"), .section(".bss"),
      .section(".kconfig", .kconfig), .map("ops", .structOps), .map("arena", .arena, as: CIdentifier("arena_map")),
      .section(".data.odd-name"),
    ]
    layout.programs = [.program("on_enter"), .program("new")]
    layout.sections = [
      .section(
        ".data",
        [
          .variable("errors", .type("int"), at: 0, bytes: 4),
          .variable("wide", .type("long long"), at: 8, bytes: 8, padding: 4),
          .variable("delete", .type("char"), at: 16, bytes: 1),
        ]),
      .section(
        ".rodata",
        [
          .variable("label", .type("char", "[16]"), at: 0, bytes: 16, element: 1),
          .variable("hook", .type("int (*", ")(int)"), at: 16, bytes: 8),
          .variable("anonymous", .type("struct {\n\tint x;\n}"), at: 24, bytes: 4),
          .variable("anonymous_table", .type("struct {\n\tint y;\n}", "[2]"), at: 28, bytes: 8),
          .variable("empty", .type("char", "[0]"), at: 36, bytes: 0),
          .variable("huge", .type("__int128"), at: 48, bytes: 16, padding: 12),
        ]),
      .section(".bss", [.variable("config", .type("struct config"), at: 0, bytes: 16)]),
      .section(".kconfig", [.variable("CONFIG_HZ", .type("const int"), at: 0, bytes: 4, isWeak: true)]),
      .section(".addr_space.1", as: "arena", [.variable("shared", .type("int"), at: 0, bytes: 4)]),
      .section(".data.odd-name", isTyped: false, []),
    ]
    layout.structOps = [shadow]
    layout.neededTypes = [
      .init(keyword: .structure, name: "config", complete: true),
      .init(keyword: .structure, name: "node", complete: false),
      .init(keyword: .union, name: "pointee", complete: false), .init(keyword: .typedef, name: "__u32", complete: true),
      .init(keyword: .typedef, name: "own_t", complete: true),
      .init(keyword: .enumeration, name: "mode", complete: true),
    ]
    layout.userTypes = [
      .init(
        spelling: "struct config", sizeBytes: 16,
        members: [
          .init(name: "limits", offsetBytes: 0, sizeBytes: 8), .init(name: "limits.soft", offsetBytes: 0, sizeBytes: 4),
        ])
    ]
  }

  private static let shadow = ExportedLayout.ShadowType(
    identifier: CIdentifier("ops"), typeName: "some_ops",
    members: [
      .init(identifier: CIdentifier("flags"), content: .scalar(.type("unsigned int"))),
      .init(identifier: CIdentifier("narrow"), content: .bitfield(.type("unsigned int"), bits: 3)),
      .init(identifier: CIdentifier(""), content: .padding(bits: 5)),
      .init(identifier: CIdentifier("private"), content: .program),
      .init(identifier: CIdentifier("__unsupported_4"), content: .opaque(bytes: 16)),
    ])
}
