import Foundation
import Testing

@testable import TestSupport

/// Objects that conflict: the message has the symbol, both files, and what to do.
@Suite("Links that are refused", .runsTools, .needs(.tool(.clang)))
struct LinkMessageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let sources: [String]
    /// What the message has; `%0` is the first object's path, and so on.
    let says: [String]

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "two definitions of a variable, with an object between them",
      sources: ["int v = 1;", "int other;", "int v = 2;"],
      says: ["%2: error: duplicate definition of 'v'", "also in   %0"]),
    Case(
      name: "two definitions of a function", sources: [function("f"), function("f")],
      says: ["%1: error: duplicate definition of 'f'", "also in   %0"]),
    Case(
      name: "two types of a variable", sources: ["int v = 1;", "extern long v; \(use("v"))"],
      says: ["%1: error: the type of 'v' differs in another object", "long v", "int v"]),
    Case(
      name: "a member that differs",
      sources: ["struct s { int a; int b; } v = {1};", "extern struct s { int a; long b; } v; \(use("v.a"))"],
      says: ["%1: error: the type of 'v' differs", "member 'b'"]),
    Case(
      name: "a member more",
      sources: ["struct s { int a; } v = {1};", "extern struct s { int a; int b; } v; \(use("v.a"))"],
      says: ["%1: error: the type of 'v' differs", "member 'b'"]),
    Case(
      name: "a type of another size",
      sources: [
        "struct s { int a; } v = {1};",
        "extern struct s { int a; } __attribute__((aligned(16))) v; \(use("v.a"))",
      ], says: ["%1: error: the type of 'v' differs", "struct s v of 16 bytes", "struct s v of 4 bytes"]),
    Case(
      name: "a member that differs and is as large",
      sources: ["struct s { int a; int b; } v = {1};", "extern struct s { int a; int c; } v; \(use("v.a"))"],
      says: ["%1: error: the type of 'v' differs", "member 'c'"]),
    Case(
      name: "other parameters", sources: [function("f"), "extern int f(long a, long b); \(use("f(1, 2)"))"],
      says: ["%1: error: the type of 'f' differs", "int f(long, long)"]),
    Case(
      name: "a function and a variable", sources: ["int f = 1;", function("f")],
      says: ["%1: error: 'f' is a function here and a variable in another object", "%0"]),
    Case(
      name: "maps of other sizes", sources: [map("m", "max_entries, 4"), map("m", "max_entries, 8", "__weak ")],
      says: ["%1: error: the map 'm' is defined differently in another object", "attribute", "max_entries", "%0"]),
    Case(
      name: "a map and a variable", sources: [map("m", "max_entries, 4"), "extern int m; \(use("m"))"],
      says: ["%1: error: 'm' is a map in one object and another variable in the other", "%0"]),
    Case(
      name: "a symbol of the kernel and a setting of it",
      sources: [
        "extern int CONFIG_HZ __kconfig; int hertz(void) { return CONFIG_HZ; }",
        "extern int CONFIG_HZ __ksym; \(use("CONFIG_HZ"))",
      ],
      says: ["%1: error: 'CONFIG_HZ' is a symbol of the kernel in one object and a setting", ".ksyms", ".kconfig"]),
    Case(
      name: "zeros in a section of values",
      sources: ["int v SEC(\".bss.x\");", "__asm__(\".section .bss.x,\\\"aw\\\",@progbits; .quad 2\"); \(use("1"))"],
      says: ["%1: error: the attributes of section '.bss.x' differ in another object", "only zeros", "%0"]),
    Case(
      name: "the kernel's and a definition",
      sources: [
        "int LINUX_KERNEL_VERSION = 1;", "extern int LINUX_KERNEL_VERSION __kconfig; \(use("LINUX_KERNEL_VERSION"))",
      ],
      says: ["%1: error: 'LINUX_KERNEL_VERSION' is the kernel's in one object and defined in another", "%0"]),
    Case(
      name: "other licenses", sources: [license("GPL"), license("BSD")],
      says: ["%1: error: the content of section 'license' differs in another object", "%0"]),
    Case(
      name: "constants in a section of variables",
      sources: ["int v SEC(\".data.x\") = 1;", "const int w SEC(\".data.x\") = 2; \(use("w"))"],
      says: ["%1: error: the attributes of section '.data.x' differ in another object", "flags", "%0"]),
  ]

  private static func function(_ name: String) -> String {
    "__attribute__((noinline)) int \(name)(int a) { return a + 1; }"
  }

  private static func use(_ value: String) -> String { "SEC(\"tc\") int program(void *ctx) { return \(value); }" }

  private static func map(_ name: String, _ attribute: String, _ words: String = "") -> String {
    """
    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long); __uint(\(attribute)); } \(name) \
    \(words)SEC(".maps");
    """
  }

  private static func license(_ text: String) -> String { "char LICENSE[] SEC(\"license\") = \"\(text)\";" }

  @Test("have the symbol, the file, and what to do", arguments: cases)
  func message(_ test: Case) throws {
    let scratch = try Scratch()
    let objects = try test.sources.enumerated().map { number, source in
      try BPFCompiler.compile(
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\(source)\n", named: "u\(number)", in: scratch)
    }
    let output = scratch.file("out.bpf.o")
    let result = try Shell.run(Toolchain.bpfgen(), ["link", "-o", output] + objects)
    #expect(result.status == .exited(1))
    for text in test.says {
      let expected = objects.enumerated().reduce(text) { $0.replacing("%\($1.offset)", with: $1.element) }
      #expect(result.stderr.contains(expected), "\(result.stderr)")
    }
    #expect(result.stderr.contains("hint "))
    #expect(access(output, F_OK) != 0)
  }

  @Test("what a library and a final disagree about is one message for each variable, with all differences")
  func contract() throws {
    let scratch = try Scratch()
    let objects = try ["int", "long"].enumerated().map { number, type in
      let source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        \(type) plain = 1; \(number == 0 ? "int gone = 1;" : "")
        struct { \(type) first, second; } pair = {1, 2};
        SEC("tc") int program(void *ctx) { return plain; }

        """
      return try BPFCompiler.compile(source, named: "u\(number)", in: scratch)
    }
    let (library, final) = (objects[0], scratch.file("final.bpf.o"))
    let result = try Shell.run(Toolchain.bpfgen(), ["link", "-o", final, objects[1], "--check", library])
    #expect(result.status == .exited(1) && access(final, F_OK) != 0)
    let hint = "    hint      compile both from the same sources, and link the final again\n"
    #expect(
      result.stderr == """
        \(final): error: the variable 'gone' of its library '\(library)' is missing
            section   .data
            library   int gone
            final     (missing)
        \(hint)\(final): error: its variable 'plain' differs from that of its library '\(library)'
            section   .data
            size      4 in the library, 8 in the final
            type      int in the library, long in the final
        \(hint)\(final): error: its variable 'pair' differs from that of its library '\(library)'
            section   .data
            size      8 in the library, 16 in the final
            member    first: int in the library, long in the final
            member    second: offset 4 in the library, offset 8 in the final
            member    second: int in the library, long in the final
        \(hint)
        """)
  }

  @Test("a variable of a library that another object defines in another section says which")
  func section() throws {
    let scratch = try Scratch()
    let objects = try ["__weak int shared", "int shared = 1"].enumerated().map { number, variable in
      let source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        \(variable);
        SEC("tc") int program_\(number)(void *ctx) { return shared; }

        """
      return try BPFCompiler.compile(source, named: "u\(number)", in: scratch)
    }
    let final = scratch.file("final.bpf.o")
    let result = try Shell.run(
      Toolchain.bpfgen(), ["link", "-o", final] + objects + ["--check", objects[0]])
    #expect(result.status == .exited(1) && access(final, F_OK) != 0)
    #expect(
      result.stderr == """
        \(final): error: its variable 'shared' differs from that of its library '\(objects[0])'
            section   .bss in the library, .data in the final
            hint      declare it for one section in all objects: variables with an initial value are in .data, others in .bss

        """)
  }

  @Test(
    "and what no object defines is named when the object is opened",
    arguments: [
      "extern int missing; \(use("missing"))",
      "extern int missing SEC(\".data.x\"); int own SEC(\".data.x\") = 4; \(use("missing + own"))",
      "extern int missing(int a); \(use("missing(3)"))",
      map("missing", "max_entries, 4", "").replacing("struct {", with: "extern struct {")
        + use("(long)bpf_map_lookup_elem(&missing, &(int){0})"),
    ])
  func undefined(_ source: String) throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(
      "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\(source)\n", named: "u", in: scratch)
    let linked = scratch.file("linked.bpf.o")
    try Shell.run(Toolchain.bpfgen(), ["link", "-o", linked, object]).checked()
    for input in [object, linked] {
      let result = try Shell.run(Toolchain.bpfgen(), ["skeleton", input, "-o", scratch.file("x.skel.h")])
      #expect(result.status == .exited(1))
      #expect(result.stderr.hasPrefix("\(input): error: undefined symbol 'missing'\n"), "\(result.stderr)")
    }
  }

  /// libbpf's linker fails at both: it asks for the size of a function.
  @Test(
    "externs that the kernel provides link with one another, and open",
    arguments: [
      "extern void bpf_rcu_read_lock(void) __ksym; extern void bpf_rcu_read_unlock(void) __ksym; "
        + "SEC(\"tc\") int NAME(void *ctx) { bpf_rcu_read_lock(); bpf_rcu_read_unlock(); return 0; }",
      "SEC(\"tc\") int NAME(struct __sk_buff *skb) { if (skb->len == 7) __builtin_trap(); return 0; }",
    ])
  func kernelExterns(_ source: String) throws {
    let scratch = try Scratch()
    let objects = try ["one", "two"].map { name in
      try BPFCompiler.compile(
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\(source.replacing("NAME", with: name))\n", named: name,
        in: scratch)
    }
    let (stage, linked) = (scratch.file("stage.bpf.o"), scratch.file("linked.bpf.o"))
    try Shell.run(Toolchain.bpfgen(), ["link", "-o", stage, objects[1]]).checked()
    try Shell.run(Toolchain.bpfgen(), ["link", "-o", linked, objects[0], stage]).checked()
    try Shell.run(Toolchain.bpfgen(), ["skeleton", linked, "-o", scratch.file("x.skel.h")]).checked()
  }

  /// libbpf opens no object with a relocation in a map that it does not find.
  @Test("a weak map of maps that another comes before leaves no relocations", arguments: [[0, 1], [1, 0]])
  func weakMapOfMaps(_ order: [Int]) throws {
    let scratch = try Scratch()
    let objects = try ["", "__weak"].enumerated().map { number, word in
      let source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long); __uint(max_entries, 4); };
        struct inner inner\(number) SEC(".maps");
        struct {
          __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, int);
          __array(values, struct inner);
        } outer \(word) SEC(".maps") = { .values = { &inner\(number) } };
        SEC("tc") int program\(number)(void *ctx) { int key = 0; return !!bpf_map_lookup_elem(&outer, &key); }

        """
      return try BPFCompiler.compile(source, named: "u\(number)", in: scratch)
    }
    let linked = scratch.file("linked.bpf.o")
    try Shell.run(Toolchain.bpfgen(), ["link", "-o", linked] + order.map { objects[$0] }).checked()
    try Shell.run(Toolchain.bpfgen(), ["skeleton", linked, "-o", scratch.file("x.skel.h")]).checked()
  }
}
