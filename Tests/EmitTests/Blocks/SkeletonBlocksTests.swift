import Emit
import Testing

@testable import BPF
@testable import BTF

@Suite("Blocks of skeletons")
struct SkeletonBlocksTests {
  static let cases: [TextCase] = [
    TextCase(
      "nothing: no tables, no members, no checks",
      has: [
        "struct app {\n\tstruct bpf_object_skeleton *skeleton;\n\tstruct bpf_object *obj;\n#ifdef __cplusplus\n",
        "\ts->data = app__elf_bytes(&s->data_sz);\n\tskel->skeleton = s;\n\treturn 0;\n",
      ], lacks: ["add_map", "add_prog", "maps", "progs", "links", "ASSERT", "size_t size = 0"]),
    TextCase(
      "a map of the user's: its entry has no data",
      has: [
        "\ts->maps = (struct bpf_map_skeleton *)calloc(1, sizeof(*s->maps));\n",
        "\tapp__add_map(s, \"counts\", &skel->maps.counts, NULL);\n",
      ], lacks: ["add_prog", "links", "app__data"]
    ) { $0.maps = [.map("counts")] },
    TextCase(
      "a data section: its map's entry leads to the member",
      has: [
        "\tapp__add_map(s, \".data\", &skel->maps.data, (void **)&skel->data);\n",
        "\tstruct app__data {\n\t\tint x;\n\t} *data;\n", "app__ASSERT_VARIABLE(data, x, 0, 4);\n",
      ]
    ) {
      $0.maps = [.section(".data")]
      $0.sections = [.section(".data", [.variable("x", .type("int"), at: 0, bytes: 4)])]
    },
    TextCase(
      "a map of the user's with a section's name has not the section's data",
      has: ["app__add_map(s, \".data\", &skel->maps._data, NULL);\n"]
    ) {
      $0.maps = [.map(".data")]
      $0.sections = [.section(".data", [])]
    },
    TextCase(
      "a data section without a member: no variable can be named", has: ["&skel->maps.rodata_str, NULL);\n"],
      lacks: ["app__rodata_str"]
    ) { $0.maps = [.section(".rodata.str")] },
    TextCase(
      "an arena: its entry leads to the section of its variables",
      has: ["\tapp__add_map(s, \"heap\", &skel->maps.heap, (void **)&skel->arena);\n", "\t} *arena;\n"]
    ) {
      $0.maps = [.map("heap", .arena)]
      $0.sections = [.section(".addr_space.1", as: "arena", [.variable("x", .type("int"), at: 0, bytes: 4)])]
    },
    TextCase(
      "a program: its entry has a link",
      has: [
        "\tstruct {\n\t\tstruct bpf_link *main;\n\t} links;\n",
        "\ts->progs = (struct bpf_prog_skeleton *)calloc(1, sizeof(*s->progs));\n",
        "\tapp__add_prog(s, \"main\", &skel->progs.main, &skel->links.main);\n",
      ], lacks: ["add_map", "BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH\n\t"]
    ) { $0.programs = [.program("main")] },
    TextCase(
      "names are escaped in literals, and are those of each language in members",
      has: [
        "app__add_map(s, \"a\\042b\", &skel->maps.a_b, NULL);\n",
        "#else\n\tapp__add_prog(s, \"new\", &skel->progs.new_, &skel->links.new_);\n#endif\n",
      ], lacks: ["a\"b"]
    ) {
      $0.maps = [.map("a\"b")]
      $0.programs = [.program("new")]
    },
    TextCase(
      "a struct_ops map: a link beside the programs', from libbpf 1.5 on, and its shadow type's pointer",
      has: [
        "\tstruct {\n\t\tstruct bpf_link *ops;\n\t} links;\n",
        "#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH\n\tif (s->map_skel_sz == (int)sizeof(*s->maps))\n"
          + "\t\ts->maps[s->map_cnt - 1].link = &skel->links.ops;\n#endif\n",
        "\ts->map_skel_sz = (int)sizeof(*s->maps);\n#endif\n", "\tsize_t size = 0;\n",
        "\tskel->struct_ops.ops = (__typeof__(skel->struct_ops.ops))\n",
      ], lacks: ["progs"]
    ) {
      $0.maps = [.map("ops", .structOps)]
      $0.structOps = [.init(identifier: CIdentifier("ops"), typeName: "some_ops", members: [])]
    },
    TextCase(
      "a struct_ops map without a shadow type has its link still",
      has: ["\t\tstruct bpf_map *ops;\n", "->links.ops;\n#endif\n"], lacks: ["struct_ops", "size_t size = 0"]
    ) {
      $0.maps = [.map("ops", .structOps)]
      $0.programs = [.program("main")]
    },
    TextCase(
      "a weak extern is a member like any other",
      has: ["\t\tconst int CONFIG_X;\n"]
    ) {
      $0.maps = [.section(".kconfig", .kconfig)]
      $0.sections = [
        .section(".kconfig", [.variable("CONFIG_X", .type("const int"), at: 0, bytes: 4, isWeak: true)])
      ]
    },
  ]

  @Test("of", arguments: cases)
  func text(_ test: TextCase) { #expect(test.faults(in: headerText(test.layout, .split)) == []) }

  @Test("the bytes are in the header, or in the payload")
  func bytes() {
    let layout = ExportedLayout.layout("app")
    let (embedded, split) = (headerText(layout, .selfContained), headerText(layout, .split))
    #expect(
      embedded.contains(
        "\n\t\t\"\\1\\2\";\n#pragma GCC diagnostic pop\n\n\t*sz = sizeof(data) - 1;\n\treturn data;\n}\n"))
    #expect(!embedded.contains("__payload"))
    #expect(split.contains("\n{\n\t*sz = (size_t)app__payload_size;\n\treturn app__payload;\n}\n"))
    #expect(!split.contains("data["))
    // Only where the bytes are differs: what user code calls is the same.
    #expect(Self.declared(embedded) == Self.declared(split))
    #expect(
      Self.declared(split) == [
        "elf_bytes", "destroy", "create_skeleton", "open_opts", "open", "load", "open_and_load", "attach", "detach",
      ])
  }

  /// The functions that a header defines for C.
  private static func declared(_ text: String) -> [String] {
    text.matches(of: /\nstatic inline [^\n(]*app__([a-z_]+)\(/).map { String($0.1) }
  }

  @Test("each static member that C++ declares is defined after the struct")
  func cxxMembers() {
    let text = headerText(.layout("app"), .split)
    let declared = text.matches(of: /\n\tstatic inline [^\n(]*?([a-z_]+)\(/).map(\.1)
    let defined = text.matches(of: /\ninline [^\n(]*app::([a-z_]+)\(/).map(\.1)
    #expect(declared.sorted() == ["attach", "destroy", "detach", "elf_bytes", "load", "open", "open_and_load"])
    #expect(defined.sorted() == declared.sorted())
  }
}
