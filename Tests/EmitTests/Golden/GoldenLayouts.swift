@testable import BPF
@testable import BTF

/// The layouts of the golden headers, as objects of real programs have them.
enum GoldenLayouts {
  // MARK: A program of its own

  /// A tracing program: a ring buffer, a hash, two programs, and variables in every data section.
  static let app = ExportedLayout.layout("app") { layout in
    layout.maps = [
      .map("events"), .map("counts"), .section(".rodata"), .section(".data"), .section(".bss"),
      .section(".kconfig", .kconfig),
    ]
    layout.programs = [.program("on_enter"), .program("on_exit")]
    layout.sections = [
      .section(
        ".rodata",
        [
          .variable("label", .type("char", "[16]"), at: 0, bytes: 16, element: 1),
          .variable("ratios", .type("struct {\n\tint num;\n\tint den;\n}", "[2]"), at: 16, bytes: 16, element: 8),
          .variable("mask", .int128, at: 32, bytes: 16),
        ]),
      .section(
        ".data",
        [
          .variable("errors", .type("int"), at: 0, bytes: 4),
          // A 64-bit member is aligned to four bytes on i386.
          .variable("config", .type("struct config"), at: 8, bytes: 16, padding: 4),
          .variable(
            "state", .type("struct {\n\tunsigned int level: 3;\n\tunsigned int is_active: 1;\n\tunsigned int hits;\n}"),
            at: 24, bytes: 8),
          .variable("window", .type("struct {\n\tint count;\n\tstruct span span;\n}"), at: 32, bytes: 12),
          .variable("is_traced", .type("bool"), at: 44, bytes: 1),
          .variable("deadline", .type("long long"), at: 45, bytes: 8, isPacked: true),
        ]),
      .section(
        ".bss",
        [
          .variable("last", .type("struct event *"), at: 0, bytes: 8),
          .variable("mode", .type("enum mode"), at: 8, bytes: 4),
          .variable("quota", .type("quota_t"), at: 12, bytes: 4),
          .variable("seen", .type("__u64", "[4]"), at: 16, bytes: 32, element: 8),
        ]),
      .section(
        ".kconfig",
        [
          .variable("CONFIG_HZ", .type("const int"), at: 0, bytes: 4),
          .variable("CONFIG_BPF_LSM", .type("const enum libbpf_tristate"), at: 4, bytes: 4, isWeak: true),
        ]),
    ]
    layout.neededTypes = [
      .init(keyword: .typedef, name: "__u64", complete: true),
      .init(keyword: .enumeration, name: "libbpf_tristate", complete: true),
      .init(keyword: .enumeration, name: "mode", complete: true),
      .init(keyword: .typedef, name: "quota_t", complete: true),
      .init(keyword: .structure, name: "config", complete: true),
      .init(keyword: .structure, name: "event", complete: false),
      .init(keyword: .structure, name: "span", complete: true, largestAlignment: 4),
    ]
    // As `--assert-members` has them.
    layout.userTypes = [
      .init(
        spelling: "struct config", sizeBytes: 16,
        members: [
          .init(name: "limits.soft", offsetBytes: 0, sizeBytes: 4),
          .init(name: "limits.hard", offsetBytes: 4, sizeBytes: 4),
          .init(name: "limits", offsetBytes: 0, sizeBytes: 8), .init(name: "filter", offsetBytes: 8, sizeBytes: 8),
        ]),
      .init(
        spelling: "struct span", sizeBytes: 8,
        members: [
          .init(name: "from", offsetBytes: 0, sizeBytes: 4), .init(name: "to", offsetBytes: 4, sizeBytes: 4),
        ]),
    ]
  }

  /// The same with what a light skeleton's loader does of it.
  static let lightApp: ExportedLayout = {
    var layout = app
    layout.loader = .init(
      programs: [
        .init(isLoaded: true, attachment: .rawTracepoint("sys_enter")), .init(isLoaded: true, attachment: .tracing),
      ],
      sections: [
        .init(isMapped: true, isReadOnly: true), .init(isMapped: true, isReadOnly: false),
        .init(isMapped: true, isReadOnly: false), .init(isMapped: true, isReadOnly: true),
      ])
    return layout
  }()

  static let appTypes = """
    enum mode { MODE_OFF, MODE_ON };
    typedef unsigned int quota_t;
    struct span { int from; int to; };
    struct config {
      struct { unsigned int soft; unsigned int hard; } limits;
      unsigned long long filter;
    };
    """

  // MARK: A library

  /// A library of network code, as a subskeleton shows it: its final has more, and elsewhere.
  static let library = ExportedLayout.layout("netlib") { layout in
    layout.maps = [
      .map("sessions"), .section(".data"), .section(".rodata"), .section(".rodata.str1.1"), .section(".bss"),
      .section(".kconfig", .kconfig),
    ]
    layout.programs = [.program("on_packet")]
    layout.sections = [
      .section(
        ".data",
        [
          .variable("timeout_ms", .type("int"), at: 0, bytes: 4),
          .variable("peers", .type("struct peer", "[8]"), at: 8, bytes: 128, element: 16, padding: 4),
          .variable("routes", .type("struct {\n\tint from;\n\tint to;\n}", "[2]"), at: 136, bytes: 16, element: 8),
          .variable("hook", .type("int (*", ")(struct session *, int)"), at: 152, bytes: 8),
          .variable("flag", .type("char"), at: 160, bytes: 1),
          .variable("deadline", .type("long long"), at: 161, bytes: 8, isPacked: true),
        ]),
      .section(
        ".rodata",
        [.variable("debug", .type("bool"), at: 0, bytes: 1), .variable("key", .int128, at: 16, bytes: 16)]),
      // Only string constants: the BTF does not describe the section.
      .section(".rodata.str1.1", isTyped: false, []),
      .section(
        ".bss",
        [
          .variable("head", .type("struct session *"), at: 0, bytes: 8),
          .variable("word", .type("union word *"), at: 8, bytes: 8),
          .variable("totals", .type("__u64", "[2][3]"), at: 16, bytes: 48, element: 24),
        ]),
      .section(
        ".kconfig",
        [
          .variable("CONFIG_HZ", .type("const int"), at: 0, bytes: 4),
          .variable("CONFIG_XDP_SOCKETS", .type("const enum libbpf_tristate"), at: 4, bytes: 4, isWeak: true),
        ]),
    ]
    layout.neededTypes = [
      .init(keyword: .typedef, name: "__u64", complete: true),
      .init(keyword: .enumeration, name: "libbpf_tristate", complete: true),
      .init(keyword: .structure, name: "peer", complete: true),
      .init(keyword: .structure, name: "session", complete: false),
      .init(keyword: .union, name: "word", complete: false),
    ]
  }

  static let libraryTypes = """
    struct peer { unsigned int address; unsigned int port; unsigned long long seen; };
    """

  // MARK: A scheduler

  /// A scheduler: a struct_ops map, and variables in an arena.
  static let scheduler = ExportedLayout.layout("sched") { layout in
    layout.maps = [.map("arena", .arena), .section(".bss"), .map("nest_ops", .structOps)]
    layout.programs = [.program("nest_select"), .program("nest_enqueue")]
    layout.sections = [
      .section(
        ".addr_space.1", as: "arena",
        [
          .variable("queue", .type("struct queue *"), at: 0, bytes: 8),
          .variable("depth", .type("int"), at: 8, bytes: 4),
        ]),
      .section(".bss", [.variable("switches", .type("unsigned long long"), at: 0, bytes: 8)]),
    ]
    layout.structOps = [
      .init(
        identifier: CIdentifier("nest_ops"), typeName: "sched_ext_ops",
        members: [
          .init(identifier: CIdentifier("select_cpu"), content: .program),
          .init(identifier: CIdentifier("enqueue"), content: .program),
          .init(identifier: CIdentifier("flags"), content: .scalar(.type("unsigned long long"))),
          .init(identifier: CIdentifier("slice"), content: .bitfield(.type("unsigned int"), bits: 3)),
          .init(identifier: CIdentifier(""), content: .padding(bits: 5)),
          .init(identifier: CIdentifier("__padding_4"), content: .opaque(bytes: 3)),
          .init(identifier: CIdentifier("timeout_ms"), content: .scalar(.type("unsigned int"))),
          .init(identifier: CIdentifier("__unsupported_5"), content: .opaque(bytes: 128)),
        ])
    ]
    layout.neededTypes = [.init(keyword: .structure, name: "queue", complete: false)]
  }

  // MARK: Names

  /// Names that are keywords, that clash, or that would end a literal or a comment.
  static let hostile = ExportedLayout.layout("hostile") { layout in
    // The section's member has the name first.
    let (rodata, rodataMap) = pair(of: "rodata")
    // The map's link is among those of the programs.
    let (program, structOpsMap) = pair(of: "serve")
    layout.maps = [
      .map("class"), .map("a\"b\\c??/"), .map("rodata", as: rodataMap), .map("*/ int x; /*"), .section(".data"),
      .map(".rodata", .data, as: rodata), .section(".data.odd-name"), .section(".bss.7"),
      .map("serve", .structOps, as: structOpsMap),
    ]
    layout.programs = [
      .program("new"), .program("serve", as: program), .program("operator"), .program("int"), .program("line\nbreak"),
    ]
    layout.sections = [
      .section(
        ".data",
        [
          .variable("delete", .type("char"), at: 0, bytes: 1),
          // Alignment would be enough on 64-bit machines only.
          .variable("this", .type("long long"), at: 8, bytes: 8, padding: 7),
          .variable("__pad0", .type("char"), at: 16, bytes: 1),
          .variable("__pad1", .type("long long"), at: 24, bytes: 8, padding: 7),
          .variable("auto", .type("int"), at: 32, bytes: 4),
          .variable("größe", .type("groesse_t"), at: 36, bytes: 4),
          .variable("template", .type("int", "[2]"), at: 40, bytes: 8, element: 4),
          .variable("a.b", .type("short"), at: 48, bytes: 2),
        ]),
      .section(
        ".rodata",
        [
          .variable("try", .type("int (*", ")(int)"), at: 0, bytes: 8),
          .variable(
            "catch",
            .type(
              """
              struct {
              #ifndef __cplusplus
              \tint new;
              #else
              \tint new_;
              #endif
              }
              """), at: 8, bytes: 4),
          .variable("and", .type("struct {\n\tint x;\n}", "[2]"), at: 12, bytes: 8, element: 4),
          .variable(
            "not",
            .type("struct {\n\tchar tag;\n\tlong long at;\n} __attribute__((packed))"), at: 20, bytes: 9),
          .variable("or", .type("char", "[0]"), at: 29, bytes: 0, element: 1),
        ]),
      .section(".data.odd-name", [.variable("\"quoted\"", .type("int"), at: 0, bytes: 4)]),
      .section(".bss.7", []),
    ]
    layout.structOps = [
      .init(
        identifier: structOpsMap, typeName: "serve_ops",
        members: [
          .init(identifier: CIdentifier("private"), content: .program),
          .init(identifier: CIdentifier("mutable"), content: .scalar(.type("unsigned int"))),
          .init(identifier: CIdentifier("explicit"), content: .bitfield(.type("unsigned int"), bits: 1)),
        ])
    ]
    layout.neededTypes = [.init(keyword: .typedef, name: "groesse_t", complete: true)]
  }

  /// The same as far as a light skeleton has it, with programs that are not loaded between those that are.
  static let lightHostile: ExportedLayout = {
    var layout = hostile
    layout.maps.removeAll { $0.kind == .structOps }
    layout.structOps = []
    layout.loader = .init(
      programs: [
        .init(isLoaded: false, attachment: .rawTracepoint("a \"?\"\n")), .init(isLoaded: true, attachment: .tracing),
        .init(isLoaded: false, attachment: .manual), .init(isLoaded: true, attachment: .iterator),
        .init(isLoaded: true, attachment: .manual),
      ],
      sections: [
        .init(isMapped: true, isReadOnly: false), .init(isMapped: true, isReadOnly: true),
        .init(isMapped: true, isReadOnly: false), .init(isMapped: false, isReadOnly: false),
      ])
    return layout
  }()

  static let hostileTypes = "typedef unsigned int groesse_t;"

  /// The identifiers of two members of one name, in the order in which they claim it.
  private static func pair(of name: String) -> (CIdentifier, CIdentifier) {
    let claimed = [CIdentifier].claimed(name, name)
    return (claimed[0], claimed[1])
  }
}
