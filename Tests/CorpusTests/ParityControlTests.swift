import Foundation
import Testing

@testable import TestSupport

/// The comparison of ``ParityTests`` finds what it is meant to find, and nothing else: a header of bpftool's is
/// changed by hand in one place and compared with the unchanged one.
@Suite("The parity comparison sees each kind of change", .runsTools, .needs(.tool(.clang), .tool(.bpftool)))
struct ParityControlTests {
  /// One change of a header's text and what the comparison must say of it.
  struct Control: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kind: HeaderKind = .skeleton
    /// Texts of the header, which must occur, and their replacements.
    var edits: [(from: String, to: String)]
    var expected: [MissingPart]
  }

  static let controls: [Control] = [
    Control(testDescription: "no change", edits: [], expected: []),
    Control(
      testDescription: "a variable lost its name",
      edits: [("\t\tint ready;", "\t\tint :32;"), ("sizeof(s->bss->ready)", "4")],
      expected: [.member("ctl__bss.ready")]),
    Control(
      testDescription: "a member of a struct without a name lost its name",
      edits: [("\t\t\tint low;", "\t\t\tint :32;")],
      expected: [.member("ctl__bss.range.low")]),
    Control(
      testDescription: "a member of an array of structs without a name has another type",
      edits: [("\t\t\tint left;", "\t\t\tunsigned int left;")],
      expected: [.memberType("ctl__bss.pairs[].left", reference: "int", candidate: "unsigned int")]),
    Control(
      testDescription: "a map's member is gone",
      edits: [("\t\tstruct bpf_map *counts;\n", ""), ("&obj->maps.counts", "&obj->maps.events")],
      expected: [.member("ctl.maps.counts")]),
    Control(
      testDescription: "a variable has another type of the same size",
      edits: [("\t\tint ready;", "\t\tunsigned int ready;")],
      expected: [.memberType("ctl__bss.ready", reference: "int", candidate: "unsigned int")]),
    Control(
      testDescription: "a variable has another qualifier",
      edits: [("\t\tint ready;", "\t\tconst int ready;")],
      expected: [.memberType("ctl__bss.ready", reference: "int", candidate: "const int")]),
    Control(
      testDescription: "a variable stands elsewhere",
      edits: [("\t\tshort shift;", "\t\tint gap;\n\t\tshort shift;")],
      expected: [
        .recordSize("ctl__data", reference: 8, candidate: 12),
        .memberOffset("ctl__data.shift", referenceBits: 32, candidateBits: 64),
      ]),
    Control(
      testDescription: "a data section is longer",
      edits: [("\t\tshort shift;", "\t\tshort shift;\n\t\tint behind;")],
      expected: [.recordSize("ctl__data", reference: 8, candidate: 12)]),
    Control(
      testDescription: "packing after the closing brace is seen",
      edits: [("\t} *data;", "\t} __attribute__((packed)) *data;")],
      expected: [.recordSize("ctl__data", reference: 8, candidate: 6)]),
    Control(
      testDescription: "two maps changed places",
      edits: [
        (
          "\t\tstruct bpf_map *counts;\n\t\tstruct bpf_map *events;",
          "\t\tstruct bpf_map *events;\n\t\tstruct bpf_map *counts;"
        )
      ],
      expected: [.memberOrder("ctl.maps.counts")]),
    Control(
      testDescription: "a data section's struct has another name",
      edits: [("struct ctl__data ", "struct ctl__numbers ")],
      expected: [
        .memberType("ctl.data", reference: "struct ctl__data *", candidate: "struct ctl__numbers *"),
        .record("ctl__data"),
      ]),
    Control(
      testDescription: "a function is gone",
      edits: [("ctl__detach", "ctl_detach")], expected: [.function("ctl__detach")]),
    Control(
      testDescription: "a function returns another type",
      edits: [("static inline int\nctl__attach", "static inline long\nctl__attach")],
      expected: [
        .prototype(
          "ctl__attach", reference: "static int(struct ctl *)", candidate: "static long(struct ctl *)")
      ]),
    Control(
      testDescription: "a function takes another parameter",
      edits: [("ctl__open_opts(const struct bpf_object_open_opts *opts)", "ctl__open_opts(const void *opts)")],
      expected: [
        .prototype(
          "ctl__open_opts", reference: "static struct ctl *(const struct bpf_object_open_opts *)",
          candidate: "static struct ctl *(const void *)")
      ]),
    Control(
      testDescription: "more is offered",
      edits: [
        ("\t\tstruct bpf_map *events;", "\t\tstruct bpf_map *events;\n\t\tstruct bpf_map *more;"),
        (
          "static inline struct ctl *\nctl__open(void)",
          "static int ctl__more(void);\nstatic struct ctl *ctl__open(void)"
        ),
      ],
      expected: []),
    Control(
      testDescription: "behind a subskeleton's pointer a member has another type", kind: .subskeleton,
      edits: [("\t\t\tint low;", "\t\t\tlong low;")],
      expected: [
        .memberType("ctl__bss.range->low", reference: "int", candidate: "long"),
        .memberOffset("ctl__bss.range->high", referenceBits: 32, candidateBits: 64),
      ]),
    Control(
      testDescription: "a subskeleton's variable is no pointer", kind: .subskeleton,
      edits: [("\t\tint *ready;", "\t\tlong ready;")],
      expected: [.memberType("ctl__bss.ready", reference: "int *", candidate: "long")]),
  ]

  private static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, long); }
      counts SEC(".maps");
    struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

    int scale = 3;
    short shift = 4;
    int ready;
    struct { int low; int high; } range;
    struct { int left; int right; } pairs[3];

    SEC("raw_tp/sys_enter") int count(void *ctx) { return ready + range.low + pairs[0].left + scale + shift; }

    char LICENSE[] SEC("license") = "GPL";
    """

  @Test(arguments: controls)
  func reportsExactlyThis(_ control: Control) throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(Self.source, named: "ctl", in: scratch)
    let types = try TypesHeader(of: object, writingTo: scratch.file("types.h"))
    let header = scratch.file("reference.h")
    try Generator.bpftool(control.kind, of: object, name: "ctl", header: header).checked()

    var text = try String(contentsOfFile: header, encoding: .utf8)
    for edit in control.edits {
      #expect(text.contains(edit.from), "the header has no '\(edit.from)'")
      text = text.replacingOccurrences(of: edit.from, with: edit.to)
    }
    let mutant = try scratch.write(text, to: "mutant.h")

    let reference = try HeaderInterface(header: header, name: "ctl", types: types)
    let candidate = try HeaderInterface(header: mutant, name: "ctl", types: types)
    #expect(reference.missing(from: candidate, name: "ctl") == control.expected)
  }

  @Test("a header whose own assert fails does not count as one")
  func failingAssert() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(Self.source, named: "ctl", in: scratch)
    let types = try TypesHeader(of: object, writingTo: scratch.file("types.h"))
    let header = scratch.file("reference.h")
    try Generator.bpftool(.skeleton, of: object, name: "ctl", header: header).checked()
    let text = try String(contentsOfFile: header, encoding: .utf8)
    let mutant = try scratch.write(
      text.replacingOccurrences(of: "\t\tint ready;", with: "\t\tlong ready;"), to: "mutant.h")
    #expect(throws: Shell.Failure.self) { try HeaderInterface(header: mutant, name: "ctl", types: types) }
  }
}
