import Foundation
import Testing

@testable import HandmadeObjects
@testable import TestSupport

/// What `bpfgen check-kernels` suggests for what a kernel does not have: something that fits, or nothing.
@Suite("Suggestions of bpfgen check-kernels", .runsTools, .needs(.tool(.clang)))
struct KernelSuggestionTests {
  private static let kernel = """
    enum level { LOW };
    struct peer { int id; };
    struct clock { enum level state; int depth; long total; };
    struct thing {
    	struct clock clock;
    	unsigned int __state;
    	int unrelated;
    	long total_count;
    	long flags_;
    	int temperature;
    	struct peer *partner;
    	char *first, *second;
    };
    """

  /// By a field of `struct thing` the kernel's field, without `thing.`.
  private static let fields: [(declaration: String, name: String, suggestion: String?)] = [
    ("long state", "state", "__state"),
    ("int depth", "depth", "clock.depth"),
    ("long depth", "depth", nil),
    ("long flags", "flags", "flags_"),
    ("long count", "count", "total_count"),
    ("int temprature", "temprature", "temperature"),
    ("struct peer *other", "other", "partner"),
    ("int nothing", "nothing", nil),
    ("char *third", "third", nil),
    ("int stately", "stately", nil),
  ]

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.file("kernels"), withIntermediateDirectories: true)
  }

  private func add(_ types: String, as name: String) throws {
    let compiled = try BPFCompiler.compile("\(types)\nstruct thing thing;", named: "kernel", in: scratch)
    try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file("kernels/\(name).btf"))
  }

  private func check(_ object: String, named name: String = "app") throws -> KernelCheckReport {
    try KernelCheckReport([
      "--btf", scratch.file("kernels"), KernelCases.compile(object, named: name, in: scratch),
    ])
  }

  /// What a quiet check prints on standard error.
  private func message(_ object: String) throws -> String {
    let path = try KernelCases.compile(object, named: "app", in: scratch)
    return try Shell.run(Toolchain.bpfgen(), ["check-kernels", "-q", "--btf", scratch.file("kernels"), path]).stderr
  }

  @Test("a field of another name is suggested if its name or its type says that it is meant", arguments: fields)
  func suggested(_ field: (declaration: String, name: String, suggestion: String?)) throws {
    try add(Self.kernel, as: "6.1.0-1")
    let report = try check(
      """
      struct peer;
      struct thing { \(field.declaration); } __attribute__((preserve_access_index));
      PROGRAM { return (long)BPF_CORE_READ((struct thing *)ctx, \(field.name)); }
      """)
    let findings = report.objects[0].outcomes.flatMap(\.findings)
    #expect(findings.map(\.problem) == ["no such field"])
    #expect(findings[0].instead == field.suggestion.map { "the kernel has thing.\($0)" })
  }

  @Test("kernels that differ in nothing but suggestions are one group, with those that they have in common")
  func groups() throws {
    try add("struct thing { int __count; int depth_max; };", as: "5.4.0-1")
    try add("struct thing { int count_; int depth_max; };", as: "5.4.0-2")
    try add("struct thing { int depth_max; int depth_min; };", as: "5.4.0-3")
    let report = try check(
      """
      struct thing { int count; int depth; } __attribute__((preserve_access_index));
      PROGRAM { return BPF_CORE_READ((struct thing *)ctx, count) + BPF_CORE_READ((struct thing *)ctx, depth); }
      """)
    try #require(report.objects[0].outcomes.map(\.kernels) == [["5.4.0-1", "5.4.0-2", "5.4.0-3"]])
    let instead = report.objects[0].outcomes[0].findings.map { "\($0.subject): \($0.instead ?? "")" }
    #expect(Set(instead) == ["thing.count: ", "thing.depth: the kernel has thing.depth_max"])
  }

  @Test("hints fit what is missing")
  func hints() throws {
    try add("struct thing { int count; };", as: "6.1.0-1")
    let cases: [(source: String, hint: String)] = [
      ("PROGRAM { return READ_GONE; }", "test for the type with bpf_core_type_exists(); or accept it with a baseline"),
      (
        """
        struct thing { int depth; } __attribute__((preserve_access_index));
        PROGRAM { return BPF_CORE_READ((struct thing *)ctx, depth); }
        """, "test for the field with bpf_core_field_exists(); or accept it with a baseline"
      ),
      (
        "extern int absent(int) __ksym; SEC(\"syscall\") int program(void *ctx) { return absent(1); }",
        "declare it __weak, and call it only where bpf_ksym_exists() is true; or accept it with a baseline"
      ),
      (
        "extern int absent(int) __ksym __weak; SEC(\"syscall\") int program(void *ctx) { return absent(1); }",
        "call it only where bpf_ksym_exists() is true; or accept it with a baseline"
      ),
      (
        "SEC(\"fentry/absent\") int program(void *ctx) { return 0; }",
        "load the program only where its target is: SEC(\"?...\") and bpf_program__set_autoload(); or accept"
      ),
    ]
    for (source, hint) in cases {
      let text = try message(source)
      #expect(text.contains("hint       \(hint)"), "\(text)")
      #expect(text.contains("bpf_core_field_exists") == hint.contains("bpf_core_field_exists"))
    }
  }

  @Test("a module's BTF without its kernel's is not to be named with an option that the command does not have")
  func module() throws {
    var kernel = BTFBuilder()
    _ = kernel.int()
    var module = kernel
    _ = module.composite(.structure, "module_thing", bytes: 4, [])
    let path = scratch.file("nf_nat.btf")
    try Data(module.bytes(continuing: kernel)).write(to: URL(fileURLWithPath: path))
    let object = try KernelCases.compile("PROGRAM { return 0; }", named: "app", in: scratch)
    let run = try Shell.run(Toolchain.bpfgen(), ["check-kernels", "--btf", path, object])
    #expect(run.status == .exited(1) && run.stderr.contains("is one kernel") && !run.stderr.contains("--base"))
  }

  @Test("a kernel's version is the plausible one in its name, and reported where it matters")
  func versions() throws {
    // With what shows that the verifier reads constants.
    let verifier = "enum bpf_attach_type { BPF_CGROUP_GETSOCKOPT, BPF_TRACE_FENTRY } age;"
    for name in ["ubuntu-22.04-5.10.0", "6.1.0-1", "vendor-5.4-6.1", "plain"] {
      try add("struct thing { int count; }; \(verifier)", as: name)
    }
    let source =
      "extern int LINUX_KERNEL_VERSION __kconfig;\n"
      + "struct thing { int gone; } __attribute__((preserve_access_index));\n"
      + "PROGRAM { return LINUX_KERNEL_VERSION < KERNEL(5, 15) ? BPF_CORE_READ((struct thing *)ctx, gone) : 0; }"
    let report = try check(source)
    let outcomes = Dictionary(
      uniqueKeysWithValues: report.objects[0].outcomes.flatMap { outcome in
        outcome.kernels.map { ($0, outcome.outcome) }
      })
    #expect(
      outcomes == [
        "ubuntu-22.04-5.10.0": "fails", "6.1.0-1": "guarded", "vendor-5.4-6.1": "may-fail", "plain": "may-fail",
      ])
    #expect(
      report.objects[0].unchecked == ["LINUX_KERNEL_VERSION (of kernels whose names have no version, or several)"])
    let text = try Shell.run(
      Toolchain.bpfgen(), ["check-kernels", "--btf", scratch.file("kernels"), scratch.file("app.bpf.o")]
    ).checked().stdout
    #expect(text.contains("versions taken from names: 5.10 for ubuntu-22.04-5.10.0\n"), "\(text)")
  }

  @Test("a setting of the kernel's configuration that is not weak is not checked, and a weak one needs no check")
  func settings() throws {
    try add("struct thing { int count; };", as: "6.1.0-1")
    func unchecked(_ weak: String) throws -> [String] {
      let source = "extern int CONFIG_NO_SUCH_SETTING __kconfig\(weak);\nPROGRAM { return CONFIG_NO_SUCH_SETTING; }"
      let object = try check(source).objects[0]
      #expect(object.outcomes.map(\.outcome) == ["ok"])
      return object.unchecked
    }
    #expect(try unchecked("") == ["CONFIG_NO_SUCH_SETTING (whether the kernel's configuration has it)"])
    #expect(try unchecked(" __weak") == [])
  }
}
