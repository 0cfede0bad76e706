@testable import BPFObject

/// A layout by hand that has one of everything that a header can show: every block writes something for it.
enum SampleLayout {
  static let everything: ExportedLayout = {
    var layout = ExportedLayout(name: "sample")
    layout.maps = [
      map("counts", "counts", .user), map("class", "class", .user), map("a\"b", "a_b", .user),
      map(".data", "data", .data),
      map(".rodata", "rodata", .data), map(".bss", "bss", .data), map(".kconfig", "kconfig", .kconfig),
      map("ops", "ops", .structOps), map("arena", "arena_map", .arena), map(".data.odd-name", "data.odd-name", .data),
    ]
    layout.programs = [
      .init(name: "on_enter", identifier: CIdentifier("on_enter")), .init(name: "new", identifier: CIdentifier("new")),
    ]
    layout.sections = [
      .init(
        name: ".data", identifier: CIdentifier("data"),
        variables: [
          variable("errors", "int", at: 0, bytes: 4), variable("wide", "long long", at: 8, bytes: 8, padding: 4),
          variable("delete", "char", at: 16, bytes: 1),
        ]),
      .init(
        name: ".rodata", identifier: CIdentifier("rodata"),
        variables: [
          variable("label", "char", "[16]", at: 0, bytes: 16, element: 1, needsTypeof: true),
          variable("hook", "int (*", ")(int)", at: 16, bytes: 8, needsTypeof: true),
          variable("anonymous", "struct {\n\tint x;\n}", at: 24, bytes: 4),
          variable("anonymous_table", "struct {\n\tint y;\n}", "[2]", at: 28, bytes: 8, needsTypeof: true),
          variable("empty", "char", "[0]", at: 36, bytes: 0, needsTypeof: true),
          variable("huge", "__int128", at: 48, bytes: 16, padding: 12),
        ]),
      .init(
        name: ".bss", identifier: CIdentifier("bss"), variables: [variable("config", "struct config", at: 0, bytes: 16)]
      ),
      .init(
        name: ".kconfig", identifier: CIdentifier("kconfig"),
        variables: [variable("CONFIG_HZ", "const int", at: 0, bytes: 4, isWeak: true)]),
      .init(
        name: ".addr_space.1", identifier: CIdentifier("arena"), variables: [variable("shared", "int", at: 0, bytes: 4)]
      ),
      .init(name: ".data.odd-name", identifier: CIdentifier("data.odd-name"), variables: [], isTyped: false),
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
    return layout
  }()

  private static let shadow = ExportedLayout.ShadowType(
    identifier: CIdentifier("ops"), typeName: "some_ops",
    members: [
      .init(identifier: CIdentifier("flags"), content: .scalar(declaration("unsigned int"))),
      .init(identifier: CIdentifier("narrow"), content: .bitfield(declaration("unsigned int"), bits: 3)),
      .init(identifier: CIdentifier(""), content: .padding(bits: 5)),
      .init(identifier: CIdentifier("private"), content: .program),
      .init(identifier: CIdentifier("__unsupported_4"), content: .opaque(bytes: 16)),
    ])

  private static func map(_ name: String, _ identifier: String, _ kind: ExportedLayout.Map.Kind) -> ExportedLayout.Map {
    .init(name: name, identifier: CIdentifier(identifier), kind: kind)
  }

  private static func declaration(_ before: String, _ after: String = "", needsTypeof: Bool = false) -> CDeclaration {
    CDeclaration(before: before, after: after, needsTypeof: needsTypeof)
  }

  private static func variable(
    _ name: String, _ before: String, _ after: String = "", at offset: UInt32, bytes: UInt32, padding: UInt32 = 0,
    element: UInt32 = 0, needsTypeof: Bool = false, isWeak: Bool = false
  ) -> ExportedLayout.Variable {
    .init(
      name: name, identifier: CIdentifier(name), declaration: declaration(before, after, needsTypeof: needsTypeof),
      offsetBytes: offset, sizeBytes: bytes, elementBytes: element, paddingBytes: padding, isWeak: isWeak)
  }
}
