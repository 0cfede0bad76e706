import Emit
import Testing

@testable import BPF
@testable import BTF

@Suite("Blocks of subskeletons")
struct SubskeletonBlocksTests {
  /// A layout with one variable in a section of that name.
  private static func variable(
    _ variable: ExportedLayout.Variable, in section: String = ".data", as identifier: String? = nil
  ) -> @Sendable (inout ExportedLayout) -> Void {
    { layout in
      layout.maps = [.section(section)]
      layout.sections = [.section(section, as: identifier, [variable])]
    }
  }

  static let cases: [TextCase] = [
    TextCase(
      "nothing: no tables, no search, no checks",
      has: ["struct app {\n\tstruct bpf_object *obj;\n\tstruct bpf_object_subskeleton *subskel;\n#ifdef __cplusplus\n"],
      lacks: ["add_map", "add_prog", "find_var", "maps = ", "progs = ", "ASSERT", "size_t size = 0"]),
    TextCase(
      "a variable is a pointer that is looked up by section, name and size",
      has: [
        "\tstruct app__data {\n\t\tint *x;\n\t} data;\n", "app__ASSERT_VARIABLE(data, x, 4);\n",
        "\terr = app__find_var(btf, skel->maps.data, \".data\", \"x\", 4, 0, (void **)&skel->data.x);\n\tif (err)\n\t\tgoto failed;\n",
      ], lacks: ["ESRCH)\n"], variable(.variable("x", .type("int"), at: 0, bytes: 4))),
    TextCase(
      "a weak extern may be missing: its pointer is NULL then",
      has: ["\tif (err && err != -ESRCH)\n\t\tgoto failed;\n"],
      variable(.variable("CONFIG_X", .type("const int"), at: 0, bytes: 4, isWeak: true), in: ".kconfig")),
    TextCase(
      "an array has the size of its element, by which the final's may be longer",
      has: ["\t\t__typeof__(int[4]) *x;\n", "\"x\", 16, 4, (void **)"],
      variable(.variable("x", .type("int", "[4]"), at: 0, bytes: 16, element: 4))),
    TextCase(
      "a type without a name cannot be in C++'s typeof",
      has: [
        "#ifndef __cplusplus\n\t\t__extension__ __typeof__(struct {\n\t\t\tint a;\n\t\t}[2]) *x;\n"
          + "#else\n\t\t__extension__ struct {\n\t\t\tint a;\n\t\t} (*x)[2];\n#endif\n"
      ], variable(.variable("x", .type("struct {\n\tint a;\n}", "[2]"), at: 0, bytes: 8, element: 4))),
    TextCase(
      "a pointer to a function", has: ["\t\t__typeof__(int (*)(int)) *x;\n"],
      variable(.variable("x", .type("int (*", ")(int)"), at: 0, bytes: 8))),
    TextCase(
      "offsets in the section do not show", lacks: ["__pad", "packed", "offsetof(__typeof__"],
      variable(.variable("x", .type("long long"), at: 5, bytes: 8, padding: 5, isPacked: true))),
    TextCase(
      "names are escaped in literals, and are those of each language in members",
      has: [
        "\".data\", \"a\\042b\", 4, 0, (void **)&skel->data.a_b);\n",
        "#ifndef __cplusplus\n\t\tint *new;\n#else\n\t\tint *new_;\n#endif\n", "&skel->data.new_);\n#endif\n",
      ], lacks: ["a\"b"]
    ) {
      $0.maps = [.section(".data")]
      $0.sections = [
        .section(
          ".data",
          [.variable("a\"b", .type("int"), at: 0, bytes: 4), .variable("new", .type("int"), at: 4, bytes: 4)])
      ]
    },
    TextCase(
      "an arena's variables are not shown, its map is",
      has: ["app__add_map(s, \"heap\", &skel->maps.heap);\n"], lacks: ["arena", "find_var", "shared"]
    ) {
      $0.maps = [.map("heap", .arena)]
      $0.sections = [.section(".addr_space.1", as: "arena", [.variable("shared", .type("int"), at: 0, bytes: 4)])]
    },
    TextCase(
      "a section that BTF does not describe has no member, its map has", has: ["&skel->maps.rodata_str1_1);\n"],
      lacks: ["app__rodata_str1_1", "} rodata_str1_1"]
    ) {
      $0.maps = [.section(".rodata.str1.1")]
      $0.sections = [.section(".rodata.str1.1", isTyped: false, [])]
    },
    TextCase(
      "a section without variables is an empty struct, which ISO C does not know",
      has: ["\t__extension__ struct app__bss {\n\t} bss;\n"], lacks: ["find_var"]
    ) {
      $0.maps = [.section(".bss")]
      $0.sections = [.section(".bss", [])]
    },
    TextCase(
      "the variables of a section are found through its map, not one of the user's with its name",
      has: ["app__find_var(btf, skel->maps.data, \".data\", "]
    ) {
      $0.maps = [.map(".data"), .section(".data")]
      $0.sections = [.section(".data", [.variable("x", .type("int"), at: 0, bytes: 4)])]
    },
    TextCase(
      "tables are as long as what they hold",
      has: [
        "\ts->maps = (struct bpf_map_skeleton *)calloc(2, sizeof(*s->maps));\n",
        "\ts->progs = (struct bpf_prog_skeleton *)calloc(1, sizeof(*s->progs));\n",
        "\tapp__add_prog(s, \"main\", &skel->progs.main);\n",
      ], lacks: ["links"]
    ) {
      $0.maps = [.map("a"), .map("b")]
      $0.programs = [.program("main")]
    },
    TextCase(
      "a struct_ops map's shadow type", has: ["\t\tstruct app__ops__some_ops {\n", "\tsize_t size = 0;\n"],
      lacks: ["links"]
    ) {
      $0.maps = [.map("ops", .structOps)]
      $0.structOps = [.init(identifier: CIdentifier("ops"), typeName: "some_ops", members: [])]
    },
  ]

  @Test("of", arguments: cases)
  func text(_ test: TextCase) { #expect(test.faults(in: headerText(test.layout, .subskeleton)) == []) }
}
