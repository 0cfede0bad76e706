/// One edit of a source, or of how it is compiled, and whether the headers may notice it.
struct LayoutIDCase: Sendable, CustomStringConvertible {
  var what: String
  var source: LayoutIDSource
  /// Texts of the source, and their replacements.
  var edits: [(old: String, new: String)] = []
  /// What clang is called with instead of `-g -O2`.
  var flags: [String] = ["-g", "-O2"]
  /// A folder below the scratch folder to compile in.
  var folder = "."

  var description: String { "\(source): \(what)" }
}

extension LayoutIDCase {
  /// What no user of a header can notice.
  static let unnoticed: [LayoutIDCase] = [
    LayoutIDCase(
      what: "changed code", source: .application,
      edits: [("errors += retries;", "errors -= 2 * retries + bpf_ktime_get_ns();")]),
    LayoutIDCase(
      what: "more code, and a string constant", source: .application,
      edits: [("bpf_printk(\"seen %d\", seen);", "bpf_printk(\"seen %d of %d, %d\", seen, errors, retries);")]),
    LayoutIDCase(what: "an initial value", source: .application, edits: [("int errors = 3", "int errors = 77")]),
    LayoutIDCase(
      what: "a constant's value", source: .application, edits: [("threshold = 10", "threshold = 99")]),
    LayoutIDCase(
      what: "comments", source: .application,
      edits: [("__u64 seen;", "/* how often */ __u64 seen; // since the start")]),
    LayoutIDCase(
      what: "shifted lines", source: .application, edits: [("struct limits {", "\n\n\n\n\nstruct limits\n{\n")]),
    LayoutIDCase(what: "another build folder", source: .application, folder: "quite/another/folder"),
    LayoutIDCase(what: "DWARF 4", source: .application, flags: ["-gdwarf-4", "-O2"]),
    LayoutIDCase(what: "DWARF 5", source: .application, flags: ["-gdwarf-5", "-O2"]),
    LayoutIDCase(
      what: "mapped debug paths", source: .application,
      flags: ["-g", "-O2", "-fdebug-prefix-map=/tmp=/elsewhere", "-fdebug-compilation-dir=/nowhere"]),
    LayoutIDCase(what: "less optimization", source: .application, flags: ["-g", "-O1"]),
    LayoutIDCase(what: "another instruction set", source: .application, flags: ["-g", "-O2", "-mcpu=v1"]),
    LayoutIDCase(
      what: "the order of unrelated types", source: .application,
      edits: [
        ("struct first_unrelated { int a; };\n", ""),
        (
          "struct second_unrelated { long b; };",
          "struct second_unrelated { long b; };\nstruct first_unrelated { int a; };"
        ),
        (
          "static struct first_unrelated *first;\nstatic struct second_unrelated *second;",
          "static struct second_unrelated *second;\nstatic struct first_unrelated *first;"
        ),
      ]),
    LayoutIDCase(
      what: "the order of types that variables have", source: .application,
      edits: [
        ("enum mode { MODE_OFF, MODE_ON };\n", ""),
        ("struct limits {", "enum mode { MODE_OFF, MODE_ON };\nstruct limits {"),
      ]),
    LayoutIDCase(
      what: "unused types", source: .application,
      edits: [
        ("/* unrelated types */", "struct unused { int z; }; union never { int a; char b; }; enum none { NOTHING };")
      ]),
    LayoutIDCase(
      what: "a type that only code uses", source: .application,
      edits: [
        ("/* unrelated types */", "struct only_code { struct limits limits; int more; };"),
        ("calls++;", "calls++; if (ctx) seen += ((volatile struct only_code *)ctx)->more;"),
      ]),
    LayoutIDCase(what: "max_entries", source: .application, edits: [("max_entries, 64", "max_entries, 65536")]),
    LayoutIDCase(
      what: "a map's type", source: .application, edits: [("BPF_MAP_TYPE_HASH", "BPF_MAP_TYPE_LRU_HASH")]),
    LayoutIDCase(
      what: "a map's value type", source: .application,
      edits: [("__type(value, struct limits)", "__type(value, struct config)")]),
    LayoutIDCase(
      what: "a local static's name", source: .application,
      edits: [("volatile int calls;", "volatile int entered;"), ("calls++", "entered++")]),
    LayoutIDCase(
      what: "what a program attaches to", source: .application, edits: [("raw_tp/sys_enter", "raw_tp/sched_switch")]),
    LayoutIDCase(
      what: "a member's name in a struct of the user", source: .application,
      edits: [("__u64 mask;", "__u64 bits;"), ("config.mask", "config.bits")]),
    LayoutIDCase(
      what: "an enumerator of an enum of the user", source: .application,
      edits: [("MODE_OFF, MODE_ON", "MODE_OFF, MODE_ON, MODE_AUTO")]),
    LayoutIDCase(
      what: "a static function instead of code in place", source: .library,
      edits: [
        ("SEC(\"tracepoint", "static __noinline int more(int x) { return x * wide; }\n\nSEC(\"tracepoint"),
        ("tuned + fallback", "tuned + more(fallback)"),
      ]),
    LayoutIDCase(what: "the element of an array", source: .library, edits: [("{{1}}", "{{1, 2}, {3}}")]),
    LayoutIDCase(what: "the text of a constant", source: .library, edits: [("\"library\"", "\"other\"")]),
    LayoutIDCase(what: "the license", source: .library, edits: [("= \"GPL\"", "= \"Dual BSD/GPL\"")]),
    LayoutIDCase(what: "DWARF 5 and another folder", source: .library, flags: ["-gdwarf-5", "-O2"], folder: "x y"),
    LayoutIDCase(what: "less optimization", source: .library, flags: ["-g", "-O1"]),
  ]

  /// What every header shows.
  static let noticed: [LayoutIDCase] = [
    LayoutIDCase(what: "variable added", source: .application, edits: [("__u64 seen;", "__u64 seen; int added;")]),
    LayoutIDCase(
      what: "variable added at the end", source: .application,
      edits: [("unsigned int retries = 4;", "unsigned int retries = 4; unsigned int added = 1;")]),
    LayoutIDCase(
      what: "variable removed", source: .application,
      edits: [("unsigned int retries = 4;", ""), ("errors += retries", "errors++")]),
    LayoutIDCase(what: "variable resized", source: .application, edits: [("__u64 seen;", "__u32 seen;")]),
    LayoutIDCase(
      what: "last variable resized", source: .application, edits: [("unsigned int retries", "unsigned long retries")]),
    LayoutIDCase(
      what: "variable retyped, same size", source: .application, edits: [("unsigned int retries", "int retries")]),
    LayoutIDCase(
      what: "variable of another named type of the same size", source: .application,
      edits: [("unsigned int retries", "enum mode retries")]),
    LayoutIDCase(
      what: "variable renamed", source: .application,
      edits: [("unsigned int retries", "unsigned int attempts"), ("errors += retries", "errors += attempts")]),
    LayoutIDCase(
      what: "variables of one size reordered", source: .application,
      edits: [("int errors = 3;\nunsigned int retries = 4;", "unsigned int retries = 4;\nint errors = 3;")]),
    LayoutIDCase(
      what: "variable made static", source: .application,
      edits: [("unsigned int retries = 4;", "static volatile unsigned int retries = 4;")]),
    LayoutIDCase(
      what: "static variable exported", source: .application,
      edits: [("static volatile int calls;", "volatile int calls;")]),
    LayoutIDCase(what: ".data to .bss", source: .application, edits: [("int errors = 3;", "int errors;")]),
    LayoutIDCase(what: ".bss to .data", source: .application, edits: [("__u64 seen;", "__u64 seen = 1;")]),
    LayoutIDCase(
      what: ".bss to .rodata", source: .application,
      edits: [
        ("__u64 seen;", "const volatile __u64 seen = 0;"),
        ("seen += first->a + second->b", "errors += first->a + second->b + seen"),
      ]),
    LayoutIDCase(
      what: ".rodata to .data.custom", source: .application,
      edits: [("const volatile __u32 threshold = 10;", "__u32 threshold SEC(\".data.custom\") = 10;")]),
    LayoutIDCase(
      what: ".data.tuning to .data.custom", source: .library, edits: [("\".data.tuning\"", "\".data.custom\"")]),
    LayoutIDCase(
      what: "size of a struct of the user", source: .application, edits: [("__u64 mask;", "__u64 mask; __u64 more;")]),
    LayoutIDCase(
      what: "kconfig variable of another type", source: .application,
      edits: [("extern int LINUX_KERNEL_VERSION", "extern unsigned int LINUX_KERNEL_VERSION")]),
    LayoutIDCase(
      what: "map renamed", source: .application, edits: [("} counts SEC", "} tally SEC"), ("&counts", "&tally")]),
    LayoutIDCase(
      what: "map added", source: .application,
      edits: [
        (
          "SEC(\"raw_tp/sys_enter\")",
          """
          struct {
          	__uint(type, BPF_MAP_TYPE_ARRAY);
          	__uint(max_entries, 1);
          	__type(key, __u32);
          	__type(value, __u32);
          } added SEC(".maps");

          SEC("raw_tp/sys_enter")
          """
        )
      ]),
    LayoutIDCase(
      what: "map removed", source: .library,
      edits: [
        ("struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY);", "static struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY);"),
        ("} slots SEC(\".maps\")", "} slots SEC(\".data.slots\")"),
      ]),
    LayoutIDCase(
      what: "program added", source: .application,
      edits: [("char _license", "SEC(\"raw_tp/sched_switch\") int added(void *ctx) { return 0; }\n\nchar _license")]),
    LayoutIDCase(
      what: "program removed", source: .application,
      edits: [("SEC(\"raw_tp/sys_exit\")\nint", "static __attribute__((unused)) int")]),
    LayoutIDCase(what: "program renamed", source: .application, edits: [("int on_exit", "int at_exit")]),
    LayoutIDCase(
      what: "member of an anonymous struct renamed", source: .library, edits: [("char c; long d;", "char e; long d;")]),
    LayoutIDCase(
      what: "member of an anonymous struct retyped", source: .library,
      edits: [("char c; long d;", "char c; unsigned long d;")]),
    LayoutIDCase(what: "array's shape", source: .library, edits: [("table[3][4]", "table[4][3]")]),
    LayoutIDCase(
      what: "a function pointer's parameter", source: .library, edits: [("(*hook)(int, char *)", "(*hook)(int, int *)")]
    ),
    LayoutIDCase(what: "custom section's name", source: .library, edits: [(".data.tuning", ".data.knobs")]),
  ]

  /// A variable's offset only matters to a skeleton: a subskeleton's pointers are set when it is opened.
  static let noticedBySkeletons: [LayoutIDCase] = [
    LayoutIDCase(
      what: "a static variable in front", source: .library,
      edits: [
        ("char small;\nlong wide;", "char small;\nstatic volatile long inserted;\nlong wide;"),
        ("return hook", "inserted++; return hook"),
      ]),
    LayoutIDCase(
      what: "a wider alignment", source: .library, edits: [("char small;", "char small __attribute__((aligned(64)));")]),
  ]
}
