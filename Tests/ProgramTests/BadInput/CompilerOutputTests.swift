import Foundation
import Testing

@testable import TestSupport

/// What compilers write and no header can be made of: the message names it, says what to write instead, and never calls the
/// compiler's own output damaged.
@Suite("Unusual output of compilers", .runsTools, .needs(.tool(.clang)))
struct CompilerOutputTests {
  /// A source, the flags that make it unusual, and what the commands answer.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var flags: [String] = []
    var compilers: [Tool] = [.clang]
    /// What a message about a header has in it, what it is about and the hint; empty where there is a header.
    var header: [String] = []
    /// The same for `link`.
    var link: [String] = []
    var testDescription: String { name }
  }

  private static let program = "SEC(\"raw_tp/x\") int p(void *ctx) { return counter++; }"
  private static let counter = "int counter;\n" + program
  private static let all: [Tool] = [.clang, .clang14, .clang15, .clang16, .clang19]

  static let cases: [Case] = [
    Case(
      name: "a common symbol", text: counter, flags: ["-fcommon"], compilers: all + [.bpfgcc],
      header: ["'counter' is a common symbol", "= 0"], link: ["'counter' is a common symbol", "= 0"]),
    Case(
      name: "a common symbol that no program uses", text: "int unused[4];\nint counter = 1;\n" + program,
      flags: ["-fcommon"], header: ["'unused' is a common symbol"], link: ["'unused' is a common symbol"]),
    Case(
      name: "a variable without const in .rodata",
      text: "const volatile int first = 7; int counter; SEC(\".rodata\") int ports[2] = {1};\n"
        + "SEC(\"raw_tp/x\") int p(void *ctx) { return first + ports[counter & 1]; }", compilers: [.clang, .clang19],
      header: ["two sections '.rodata'", "constant   'first'", "writable   'ports'", "make 'ports' const"],
      link: ["two sections '.rodata'", "make 'ports' const"]),
    Case(
      name: "the same the other way round",
      text: "int counter; SEC(\".rodata\") int ports[2] = {1}; const volatile int first = 7;\n"
        + "SEC(\"raw_tp/x\") int p(void *ctx) { return first + ports[counter & 1]; }",
      header: ["two sections '.rodata'", "make 'ports' const"], link: ["two sections '.rodata'"]),
    Case(
      name: "static variables of both kinds",
      text: "static const volatile int first = 7; static volatile int second SEC(\".rodata\") = 8;\n"
        + "SEC(\"raw_tp/x\") int p(void *ctx) { return first + second; }",
      header: ["two sections '.rodata'", "make 'second' const"], link: ["two sections '.rodata'"]),
    Case(
      name: "a constant in .data", text: "int counter = 3; SEC(\".data\") const volatile int fixed = 2;\n" + program,
      header: ["two sections '.data'", "remove `const` from 'fixed'"], link: ["two sections '.data'"]),
    Case(
      name: "a section for each variable, all of one name",
      text: "int more = 3; int again = 4; int counter = 1;\n" + program,
      flags: ["-fdata-sections", "-fno-unique-section-names"],
      header: ["two sections '.data'", "-fno-unique-section-names"], link: ["two sections '.data'"]),
    Case(
      name: "a section of variables without a size",
      text: "int counter; int none[0] SEC(\".data.none\") = {};\n" + program,
      compilers: all, header: ["section '.data.none' is empty", "'none'", "give it a size"]),
    Case(
      name: "a .bss of variables without a size",
      text: "struct {} nothing; SEC(\"raw_tp/x\") int p(void *ctx) { return (long)&nothing; }",
      header: ["section '.bss' is empty", "'nothing'"]),
    Case(name: "a variable without a size beside others", text: "struct {} nothing; int none[0];\n" + counter),
    Case(
      name: "sections that clang's BTF does not know of", text: counter, flags: ["-fdata-sections"],
      compilers: [.clang14, .clang15], header: ["'counter' in different sections", "-fdata-sections"],
      link: ["'counter' in different sections"]),
    Case(
      name: "a section for each variable", text: counter, flags: ["-fdata-sections"], compilers: [.clang, .clang19]),
    Case(
      name: "line tables only", text: counter, flags: ["-gline-tables-only"], compilers: all,
      header: ["incomplete BTF", "compile with -g:"], link: ["incomplete BTF"]),
    Case(
      name: "few types", text: counter, flags: ["-g1"], compilers: all, header: ["incomplete BTF"],
      link: ["incomplete BTF"]),
    Case(
      name: "no debug information", text: counter, flags: ["-g0"],
      header: ["no BTF type information", "compile with `clang -g"],
      link: ["no BTF type information", "bpftool   failed to find BTF info for object"]),
    Case(
      name: "DWARF without BTF", text: counter, flags: ["-gdwarf-4"], compilers: [.bpfgcc],
      header: ["no BTF type information", "DWARF", "gcc with -gbtf"], link: ["no BTF type information"]),
    Case(
      name: "nothing", text: "", compilers: all, header: ["no program, map or variable", "define one"]),
    Case(
      name: "nothing that is used", text: "static int unused; struct only { int type; };",
      header: ["no program, map or variable", "that nothing uses"]),
    Case(
      name: "thread-local by its section", text: "int counter SEC(\".tbss\");\n" + program,
      header: ["'counter' is thread-local", ".tbss"], link: ["'counter' is thread-local"]),
    Case(
      name: "LLVM's bitcode", text: counter, flags: ["-flto"], header: ["not an ELF file", "without -flto"],
      link: ["without -flto"]),
    Case(
      name: "gcc's intermediate code", text: counter, flags: ["-flto"], compilers: [.bpfgcc],
      header: ["link-time optimization", "without -flto"], link: ["link-time optimization"]),
    Case(name: "assembly text", text: counter, flags: ["-S"], header: ["this is text"], link: ["this is text"]),
    Case(name: "preprocessed text", text: counter, flags: ["-E"], header: ["this is text"], link: ["this is text"]),
    Case(
      name: "an alias", text: "int counter; extern int other __attribute__((alias(\"counter\")));\n" + program,
      link: ["symbol 'other'", "aliases"]),
    Case(
      name: "an alias that gcc describes",
      text: "int counter; extern int other __attribute__((alias(\"counter\")));\n" + program, compilers: [.bpfgcc],
      header: ["two variables of '.bss' overlap", "'other' and 'counter'", "alias"],
      link: ["gcc 12 omits functions"]),
    Case(
      name: "an extern variable",
      text: "int counter; extern int other; SEC(\"raw_tp/x\") int p(void *ctx) { return counter += other; }",
      header: ["'other'", "link it with the object that defines the symbol"]),
    Case(
      name: "an extern map",
      text: "extern struct { int type; } other SEC(\".maps\");\n"
        + "SEC(\"raw_tp/x\") int p(void *ctx) { int key = 0; bpf_map_lookup_elem(&other, &key); return 0; }",
      header: ["'.maps'", "link it with the object that defines the symbol\n"]),
    Case(
      name: "an extern variable of a section",
      text: "extern long other SEC(\".data.x\"); SEC(\"raw_tp/x\") int p(void *ctx) { return other; }",
      header: ["'other'", "link it with the object that defines the symbol\n"]),
    Case(
      name: "calls that the compiler inserts", text: counter, flags: ["-pg"], header: ["'mcount'", "-fsanitize, -pg"],
      link: ["'mcount'", "-pg"]),
    Case(
      name: "a static map",
      text: "static struct { int (*type)[2]; } only SEC(\".maps\");\n"
        + "SEC(\"raw_tp/x\") int p(void *ctx) { int key = 0; bpf_map_lookup_elem(&only, &key); return 0; }",
      header: ["'only'", "remove `static`"]),
    Case(
      name: "a static program", text: "SEC(\"raw_tp/x\") __attribute__((used)) static int p(void *ctx) { return 0; }",
      header: ["'p' is static", "remove `static`"]),
    Case(
      name: "a map of old", text: "struct { int type; } old SEC(\"maps\");\nint counter;\n" + program,
      header: ["legacy map definitions", "SEC(\".maps\")"]),
    Case(
      name: "a variable in a section of no map", text: "int counter SEC(\"mydata\");\n" + program,
      header: ["'mydata'", "move the variable"]),
    Case(
      name: "a complex number", text: "_Complex float wave;\n" + counter,
      header: ["'wave' has no type in the BTF", "_Complex"]),
    Case(
      name: "a variable of 3 GiB", text: "char large[3u << 30];\n" + counter,
      header: ["'large' is too large", "2 GiB"],
      link: ["2 GiB"]),
    Case(
      name: "cold code that is split off",
      text: """
        int g[64];
        __attribute__((cold)) extern int slow(int) __ksym __weak;
        SEC("tc") int q3(struct __sk_buff *c) {
          if (__builtin_expect(c->len > 100, 0)) {
            slow(1); g[1]++; slow(2); g[2] = g[1] * 3; bpf_printk("x %d", g[1]);
          }
          return 0;
        }
        """, header: ["cold code out of the function 'q3'", "-fno-split-cold-code"],
      link: ["cold code out of the function 'q3'"]),
    Case(
      name: "a function in a section of its own",
      text: "__attribute__((cold, noinline)) int other(int x) { return x * 3; }\n"
        + "SEC(\"tc\") int p(struct __sk_buff *c) { return other(c->len); }",
      header: ["bad call relo", "cold"]),
    Case(name: "no optimization", text: counter, flags: ["-O0"], compilers: all),
    Case(name: "position independence", text: counter, flags: ["-fPIC"], compilers: all),
    Case(name: "a section for each function", text: counter, flags: ["-ffunction-sections"], compilers: all),
    Case(name: "DWARF in a file of its own", text: counter, flags: ["-gsplit-dwarf"]),
    Case(name: "a constructor", text: counter + "\n__attribute__((constructor)) static void start(void) {}"),
    Case(name: "the first instructions", text: counter, flags: ["-mcpu=v1"], compilers: all),
    Case(name: "the newest instructions", text: counter, flags: ["-mcpu=v4"], compilers: [.clang19]),
    Case(
      name: "a program of the host", text: "int main(void) { return 0; }", flags: ["host"],
      header: ["not a BPF object", "-target bpf"], link: ["not a BPF object"]),
    Case(
      name: "assembly without a size", text: ".section \"raw_tp/x\",\"ax\"\n.globl p\n.type p,@function\np:\n exit\n",
      flags: ["-xassembler"], header: ["function 'p' has no size", ".size p, . - p"], link: ["'p' has no size"]),
    Case(
      name: "assembly", text: ".section \"raw_tp/x\",\"ax\"\n.globl p\np:\n exit\n", flags: ["-xassembler"],
      header: ["no BTF type information", "code in assembly has none"], link: ["no BTF type information"]),
  ]

  @Test("each has its own message, or a header", arguments: cases)
  func message(_ c: Case) throws {
    for compiler in c.compilers where compiler.path != nil {
      let scratch = try Scratch()
      let object = try Self.compile(c, by: compiler, in: scratch)
      for (command, expected) in [("skeleton", c.header), ("subskeleton", c.header), ("link", c.link)] {
        let result = try Shell.run(Toolchain.bpfgen(), [command, object, "-o", scratch.file("out.\(command)")])
        let about = "\(compiler.rawValue), \(command): \(result.stderr)"
        #expect(result.succeeded == expected.isEmpty, "\(about)")
        for text in expected { #expect(result.stderr.contains(text), "\(text)\n\(about)") }
        #expect(!result.stderr.contains("damage"), "\(about)")
        #expect(expected.isEmpty || result.stderr.contains("\n    hint "), "\(about)")
      }
    }
  }

  private static func compile(_ c: Case, by compiler: Tool, in scratch: Scratch) throws -> String {
    let object = scratch.file("odd.bpf.o")
    if c.flags == ["host"] {
      let source = try scratch.write(c.text, to: "odd.c")
      try Shell.run(Tool.gcc.required(), ["-g", "-c", source, "-o", object]).checked()
      return object
    }
    let isAssembly = c.flags == ["-xassembler"]
    let text =
      isAssembly || !c.text.contains("SEC(")
      ? c.text
      : "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\(c.text)\nchar LICENSE[] SEC(\"license\") = \"GPL\";\n"
    let source = try scratch.write(text, to: isAssembly ? "odd.s" : "odd.c")
    let folders = ["/usr/include", "/usr/include/x86_64-linux-gnu", "/usr/include/aarch64-linux-gnu"]
    let mode = c.flags.contains("-S") || c.flags.contains("-E") ? [] : ["-c"]
    // gcc's BTF is requested by name; a case with only DWARF has none.
    var base = compiler == .bpfgcc ? (c.flags == ["-gdwarf-4"] ? [] : ["-gbtf"]) : ["-g", "-target", "bpf"]
    base += isAssembly ? [] : ["-O2", "-w"]
    try Shell.run(
      compiler.required(),
      base + c.flags.filter { $0 != "-xassembler" } + folders.flatMap { ["-idirafter", $0] } + mode
        + [source, "-o", object]
    ).checked()
    return object
  }
}
