import BTF
import Emit
import Testing

@testable import BPF

@Suite("Blocks of light skeletons")
struct LightSkeletonBlocksTests {
  /// A layout with these programs.
  private static func programs(
    _ programs: (name: String, isLoaded: Bool, attachment: ExportedLayout.Loader.Attachment)...
  ) -> @Sendable (inout ExportedLayout) -> Void {
    { layout in
      layout.programs = programs.map { .program($0.name) }
      layout.loader = .init(
        programs: programs.map { .init(isLoaded: $0.isLoaded, attachment: $0.attachment) }, sections: [])
    }
  }

  /// A layout with these data sections, with a variable each.
  private static func sections(_ sections: (name: String, isMapped: Bool, isReadOnly: Bool)...)
    -> @Sendable (inout ExportedLayout) -> Void
  {
    { layout in
      layout.maps = sections.map { .section($0.name) }
      layout.sections = sections.map { .section($0.name, [.variable("x", .type("int"), at: 0, bytes: 4)]) }
      layout.loader = .init(
        programs: [], sections: sections.map { .init(isMapped: $0.isMapped, isReadOnly: $0.isReadOnly) })
    }
  }

  static let cases: [TextCase] = [
    TextCase(
      "nothing: only the loader's own part of the struct",
      has: [
        "struct app {\n\tstruct bpf_loader_ctx ctx;\n};\n",
        "__builtin_offsetof(struct app, ctx) + sizeof(skel->ctx));\n",
        "app__attach(struct app *skel)\n{\n\t(void)skel;\n\treturn 0;\n}\n",
        "app__detach(struct app *skel)\n{\n\t(void)skel;\n}\n",
      ], lacks: ["whole_pages", "links", "size_t size = 0;\n\n\tif (!skel)", "libbpf.h"], programs()),
    TextCase(
      "a map without programs: the loader's part ends with the maps",
      has: [
        "__builtin_offsetof(struct app, maps) + sizeof(skel->maps));\n", "\tskel_closenz(skel->maps.counts.map_fd);\n",
      ]
    ) {
      $0.maps = [.map("counts")]
      $0.loader = .init(programs: [], sections: [])
    },
    TextCase(
      "a raw tracepoint: attached by its name, which is escaped",
      has: [
        "\tint fd = skel_raw_tracepoint_open(\"a\\042b\", skel->progs.main.prog_fd);\n",
        "\tif (err >= 0 && skel->progs.main.prog_fd > 0)\n\t\terr = app__main__attach(skel);\n",
        "__builtin_offsetof(struct app, progs) + sizeof(skel->progs));\n", "\t\tint main_fd;\n\t} links;\n",
        "\tskel_closenz(skel->links.main_fd);\n", "\tskel_closenz(skel->progs.main.prog_fd);\n",
      ], lacks: ["prog_fd = "], programs(("main", true, .rawTracepoint("a\"b")))),
    TextCase(
      "a tracing program: its own BTF says where",
      has: ["\tint fd = skel_raw_tracepoint_open(NULL, skel->progs.main.prog_fd);\n"],
      programs(("main", true, .tracing))),
    TextCase(
      "an iterator", has: ["\tint fd = skel_link_create(skel->progs.main.prog_fd, 0, BPF_TRACE_ITER);\n"],
      programs(("main", true, .iterator))),
    TextCase(
      "a program of another kind is attached by hand",
      has: [
        "app__main__attach(struct app *skel)\n{\n\t(void)skel;", "app__attach(struct app *skel)\n{\n\t(void)skel;\n",
      ],
      lacks: ["int fd"], programs(("main", true, .manual))),
    TextCase(
      "all are attached but those that are attached by hand", has: ["err = app__two__attach(skel);\n"],
      lacks: ["err = app__one__attach(skel);\n"], programs(("one", true, .manual), ("two", true, .tracing))),
    TextCase(
      "a name that is a keyword of C++ is escaped in members, and not in functions",
      has: [
        "#else\n\tint fd = skel_raw_tracepoint_open(NULL, skel->progs.new_.prog_fd);\n#endif\n",
        "app__new__attach(struct app *skel)", "\t\tint new_fd;\n",
      ], programs(("new", true, .tracing))),
    TextCase(
      "programs that are not loaded: from the last to the first each gets its own descriptor",
      has: [
        "\tskel->progs.d.prog_fd = skel->progs.b.prog_fd;\n\tskel->progs.c.prog_fd = 0;\n"
          + "\tskel->progs.b.prog_fd = skel->progs.a.prog_fd;\n\tskel->progs.a.prog_fd = 0;\n\treturn 0;\n"
      ], programs(("a", false, .manual), ("b", true, .manual), ("c", false, .manual), ("d", true, .manual))),
    TextCase(
      "a program that is not loaded after all others: they have theirs already",
      has: ["\tskel->progs.b.prog_fd = 0;\n\treturn 0;\n"], lacks: ["progs.a.prog_fd = "],
      programs(("a", true, .manual), ("b", false, .manual))),
    TextCase(
      "sections: mapped as the kernel allows, each with its part of the payload",
      has: [
        "\tinitial = app__payload_part(2, &size);\n", "\tinitial = app__payload_part(3, &size);\n",
        "\t\tPROT_READ, skel->maps.rodata.map_fd);\n", "\t\tPROT_READ | PROT_WRITE, skel->maps.data.map_fd);\n",
        "app__whole_pages(size_t size)\n", "\tvoid *mapped;\n",
        "\t\tskel_free_map_data(skel->data, skel->maps.data.initial_value, app__whole_pages(size));\n",
      ], sections((".rodata", true, true), (".data", true, false))),
    TextCase(
      "a section that is not mapped keeps its part's number and its struct",
      has: ["initial = app__payload_part(3, &size);\n", "\tstruct app__rodata {\n"],
      lacks: ["payload_part(2, ", "skel->rodata"], sections((".rodata", false, true), (".data", true, false))),
    TextCase(
      "an unmapped section has no code for mappings",
      lacks: ["whole_pages", "mapped", "initial", "skel->data"], sections((".data", false, false))),
    TextCase("a type that libbpf.h declares brings it", has: ["#include <bpf/libbpf.h>\n"]) {
      $0.loader = .init(programs: [], sections: [])
      $0.neededTypes = [.init(keyword: .enumeration, name: "libbpf_tristate", complete: true)]
    },
  ]

  @Test("of", arguments: cases)
  func text(_ test: TextCase) { #expect(test.faults(in: headerText(test.layout, .lightSplit)) == []) }

  @Test("the loader is in the header, or in the payload")
  func bytes() {
    let layout = ExportedLayout.layout("app", Self.programs())
    let (embedded, split) = (headerText(layout, .light), headerText(layout, .lightSplit))
    #expect(embedded.contains("\n\t\t\"\\1\\2\";\n") && !embedded.contains("app__payload;"))
    #expect(split.contains("\n{\n\tconst unsigned char *data = app__payload;\n") && !split.contains("data["))
  }

  @Test("headers of the C library are omitted in the kernel, <bpf/skel_internal.h> is not")
  func includes() {
    let text = headerText(.layout("app", Self.programs()), .light)
    #expect(
      text.contains(
        "#ifndef __KERNEL__\n#include <errno.h>\n#include <stddef.h>\n#include <stdlib.h>\n#include <string.h>\n"
          + "#include <unistd.h>\n#endif\n#include <bpf/skel_internal.h>\n"))
  }
}
