import Foundation
import Testing

@testable import TestSupport

/// Light skeletons: everything that bpftool's have, in C++ too, and loaded by the running kernel.
@Suite(
  "Light skeletons", .runsTools,
  .needs(.tool(.clang), .tool(.clangxx), .tool(.gcc), .tool(.gxx), .tool(.bpftool), .corpus),
  .serialized)
struct LightSkeletonTests {
  /// What bpftool writes this machine's kernel addresses into: externs without a type.
  static let refusedByUs: Set<String> = [
    "get_func_ip_test", "kprobe_multi", "linked_vars", "test_ksyms_weak", "test_snprintf",
  ]

  @Test("for each object for which bpftool writes one, ours has everything that bpftool's has")
  func interface() throws {
    let reports = try Parallel.map(Tier.sample(Corpus.objects(), quick: 24)) { try Self.compare($0) }
    InterfaceReport.record(reports.compactMap(\.report))
    let compared = reports.count { $0.isCompared }
    let alone = reports.count { $0.report != nil && !$0.isCompared }
    print("light skeletons: \(compared) compared with bpftool's, \(alone) where bpftool's does not compile")
    #expect(compared >= Tier.count(quick: 12, full: 340))
  }

  @Test("each header that needs no user types compiles without a warning in some dialect")
  func compiles() throws {
    let headers = try Tier.sample(LightHeaders.shared(), quick: 20)
    let failures = try Parallel.map(Array(headers.enumerated())) { number, header in
      let scratch = try Scratch()
      let dialect = Self.dialects[number % Self.dialects.count]
      let result = try dialect.check(scratch.write(header.user, to: "user"))
      return result.succeeded ? nil : "\(header.name): \(dialect.testDescription): \(result.firstErrors)"
    }.compactMap(\.self)
    for failure in failures { Issue.record("\(failure)") }
    print("light skeletons: \(headers.count) compiled")
    #expect(headers.count >= Tier.count(quick: 20, full: 300))
  }

  static let dialects =
    [(Tool.gcc, "gnu99"), (.clang, "gnu17"), (.gxx, "c++11"), (.clangxx, "c++20")]
    .map { Dialect(compiler: $0.0, standard: $0.1) }

  @Test("programs load and attach on the running kernel if they do with bpftool's header")
  func kernel() throws {
    // What attaches itself; the others are not tested by more than loading.
    let headers = try LightHeaders.shared().filter { try $0.text.contains("= skel_raw_tracepoint_open(") }
    let runs = try Parallel.map(Array(headers.prefix(70))) { try LightRun($0) }
    try #require(!runs.isEmpty)
    if runs.allSatisfy({ !$0.reference.isAttached && !$0.embedded.isAttached }) {
      try Test.cancel("SKIPPED: this kernel lets this user load no program")
    }
    for run in runs {
      #expect(run.embedded == run.split, "\(run.name)")
      // bpftool's fails if a program marked '?' is between others.
      let isNoReference = run.reference.status == nil
      #expect(run.embedded == run.reference || run.embedded.isAttached || isNoReference, "\(run.name)")
    }
    let attached = runs.count { $0.embedded.isAttached }
    print("light skeletons: \(attached) of \(runs.count) loaded and attached, split and self-contained")
    #expect(attached >= Tier.count(quick: 2, full: 15))
  }

  @Test("variables are set before loading and shared with the kernel after it, and descriptors are in order")
  func values() throws {
    for isSplit in [false, true] {
      for compiler in [Tool.gcc, .gxx] {
        let sample = try LightSample()
        try sample.generate(.original, isSplit: isSplit)
        try sample.compile(with: compiler)
        try sample.link(isSplit ? "light.lskel.o" : nil).checked()
        let result = try Shell.run(sample.scratch.file("user"), [])
        if result.stdout.contains("Operation not permitted") { try Test.cancel("SKIPPED: no right to load programs") }
        #expect(result.succeeded, "\(compiler.rawValue), \(isSplit ? "split" : "self-contained"): \(result.stdout)")
      }
    }
  }

  @Test("other code does not change the split header, and links with the old object files")
  func otherCode() throws {
    let sample = try LightSample()
    try sample.generate(.original, isSplit: true)
    try sample.compile(with: .gcc)
    let header = try FileState(sample.header)
    let payload = try Data(contentsOf: URL(fileURLWithPath: sample.scratch.file("light.lskel.o")))
    try sample.generate(.otherCode, isSplit: true)
    #expect(try FileState(sample.header) == header)
    #expect(try Data(contentsOf: URL(fileURLWithPath: sample.scratch.file("light.lskel.o"))) != payload)
    try sample.link("light.lskel.o").checked()
  }

  @Test("a header and a payload of different layouts do not link")
  func stale() throws {
    let sample = try LightSample()
    try sample.generate(.original, isSplit: true)
    try sample.compile(with: .gcc)
    try sample.generate(.otherLayout, isSplit: true)
    let result = try sample.link("light.lskel.o")
    #expect(!result.succeeded)
    #expect(result.stderr.contains("undefined reference to `light_payload_of_layout_"), "\(result.stderr)")
  }

  @Test("the payload of a skeleton cannot be used")
  func otherKind() throws {
    let sample = try LightSample()
    try sample.generate(.original, isSplit: true)
    try sample.compile(with: .gcc)
    try Generator.bpfgen(
      .skeleton, of: sample.object(.original), name: "light", header: sample.scratch.file("other.h"),
      payload: sample.scratch.file("other.o")
    ).checked()
    #expect(try !sample.link("other.o").succeeded)
  }

  @Test("a second run keeps its own header, and replaces an edited one")
  func again() throws {
    let sample = try LightSample()
    try sample.generate(.original, isSplit: false)
    let header = try FileState(sample.header)
    try sample.generate(.original, isSplit: false)
    #expect(try FileState(sample.header) == header)
    let text = try String(contentsOfFile: sample.header, encoding: .utf8)
    _ = try sample.scratch.write(text + "\n", to: "light.lskel.h")
    try sample.generate(.original, isSplit: false)
    #expect(try String(contentsOfFile: sample.header, encoding: .utf8) == text)
  }

  static let refusals: [(object: String, words: String)] = [
    ("bpf_dctcp", "is a struct_ops map"), ("test_pinning", "map 'pinmap' is pinned by name"),
    ("test_ksyms", "'bpf_link_fops' is an extern without a type"),
    ("freplace_connect4", "libbpf: prog 'new_do_bind': attach program FD is not set"),
  ]

  @Test("an object without a possible loader is refused with the reason", arguments: refusals)
  func refused(object: String, words: String) throws {
    let scratch = try Scratch()
    let path = "\(Corpus.folder)/obj/\(object).bpf.o"
    let header = scratch.file("refused.h")
    let result = try Shell.run(Toolchain.bpfgen(), ["light-skeleton", path, "-o", header])
    #expect(result.status == .exited(1))
    #expect(result.stderr.hasPrefix("\(path): error: ") && result.stderr.contains(words), "\(result.stderr)")
    #expect(result.stdout.isEmpty)
    #expect(access(header, F_OK) != 0)
  }

  static let wrongUses: [(options: [String], words: String)] = [
    (["--payload", "x.c"], "a light skeleton's payload is an object file"),
    (["--like", "x.o"], "'--like' needs '--payload'"),
  ]

  @Test("conflicting options are refused", arguments: wrongUses)
  func usage(options: [String], words: String) throws {
    let result = try Shell.run(Toolchain.bpfgen(), ["light-skeleton", "x.bpf.o", "-o", "x.h"] + options)
    #expect(result.status == .exited(2))
    #expect(result.stderr.contains(words), "\(result.stderr)")
  }
}

extension LightSkeletonTests {
  static func generate(_ object: String, name: String, header: String, payload: String? = nil) throws -> Shell.Result {
    let split = payload.map { ["--payload", $0] } ?? []
    return try Shell.run(Toolchain.bpfgen(), ["light-skeleton", object, "--name", name, "-o", header] + split)
  }

  /// - Returns: `false` when bpftool makes none; it crashes on nine objects of the corpus.
  static func bpftool(_ object: String, name: String, header: String) throws -> Bool {
    let result = try Shell.run(Tool.bpftool.required(), ["-L", "gen", "skeleton", object, "name", name])
    if result.succeeded { try Data(result.stdout.utf8).write(to: URL(fileURLWithPath: header)) }
    return result.succeeded
  }

  /// - Returns: no report where bpftool makes no header, or ours is refused as it should be.
  private static func compare(
    _ object: Corpus.Object
  ) throws -> (report: InterfaceReport?, isCompared: Bool) {
    let scratch = try Scratch()
    let name = ReferenceCache.headerName(object)
    let (reference, ours) = (scratch.file("reference.h"), scratch.file("ours.h"))
    guard try bpftool(object.path, name: name, header: reference) else { return (nil, false) }
    let result = try generate(object.path, name: name, header: ours)
    if refusedByUs.contains(object.name) {
      #expect(!result.succeeded && result.stderr.contains("extern without a type"), "\(object.name)")
      return (nil, false)
    }
    do {
      try result.checked()
      let types = try TypesHeader(of: object.path, writingTo: scratch.file("types.h"))
      let candidate = try HeaderInterface(header: ours, name: name, types: types)
      // bpftool's asks for the links of an object that has no programs.
      guard let expected = try? HeaderInterface(header: reference, name: name, types: types) else {
        return (InterfaceReport(object: object.name, differences: []), false)
      }
      let missing = expected.missing(from: candidate, name: name)
      return (InterfaceReport(object: object.name, differences: missing.map(\.description)), true)
    } catch let failure as Shell.Failure {
      return (InterfaceReport(object: object.name, differences: ["\(failure)"]), false)
    }
  }
}

// MARK: - Headers of the corpus

/// The light skeleton of an object whose users declare no types.
struct LightHeader: Sendable {
  var name: String
  var object: String
  var path: String

  var text: String { get throws { try String(contentsOfFile: path, encoding: .utf8) } }

  /// A file that calls all that the header offers.
  var user: String { Self.user(of: path, name: name) }

  static func user(of header: String, name: String) -> String {
    """
    #include <stdio.h>
    #include <string.h>
    #include <errno.h>
    #include "\(header)"
    int main(void)
    {
    	struct \(name) *skel = \(name)__open();
    	int err = skel ? \(name)__load(skel) : -1;
    	if (err) {
    		printf("load: %s\\n", strerror(errno));
    		\(name)__destroy(skel);
    		return 2;
    	}
    	err = \(name)__attach(skel);
    	printf("attach: %d\\n", err);
    	\(name)__detach(skel);
    	\(name)__destroy(skel);
    	skel = \(name)__open_and_load();
    	if (!skel)
    		printf("load twice: %s\\n", strerror(errno));
    	\(name)__destroy(skel);
    	return err || !skel;
    }

    """
  }
}

enum LightHeaders {
  static func shared() throws -> [LightHeader] { try made.get() }

  /// Kept for the life of the process: the headers are in it.
  private static let scratch = Result { try Scratch() }

  private static let made: Result<[LightHeader], any Error> = Result {
    let scratch = try Self.scratch.get()
    return try Parallel.map(Corpus.objects()) { object -> LightHeader? in
      let name = "light_" + ReferenceCache.headerName(object)
      let path = scratch.file("\(name).h")
      guard try LightSkeletonTests.generate(object.path, name: name, header: path).succeeded else { return nil }
      let header = LightHeader(name: name, object: object.path, path: path)
      return try header.text.contains("Types that must be declared") ? nil : header
    }.compactMap(\.self)
  }
}

/// What the running kernel does with an object, through three headers.
struct LightRun: Sendable {
  struct Outcome: Equatable, Sendable {
    var status: Shell.Status?
    var output: String

    var isAttached: Bool { status == .exited(0) }
  }

  var name: String
  var reference: Outcome
  var embedded: Outcome
  var split: Outcome

  init(_ header: LightHeader) throws {
    let scratch = try Scratch()
    name = header.name
    let (theirs, apart) = (scratch.file("reference.h"), scratch.file("split.h"))
    let hasReference = try LightSkeletonTests.bpftool(header.object, name: name, header: theirs)
    // bpftool's is not valid C if a variable is a tristate.
    let theirOutcome = hasReference ? try? Self.run(theirs, name, [], in: scratch) : nil
    reference = theirOutcome ?? Outcome(status: nil, output: "")
    embedded = try Self.run(header.path, name, ["-Wall", "-Wextra", "-Werror"], in: scratch)
    let payload = scratch.file("payload.o")
    try LightSkeletonTests.generate(header.object, name: name, header: apart, payload: payload).checked()
    split = try Self.run(apart, name, ["-Wall", "-Wextra", "-Werror", payload], in: scratch)
  }

  private static func run(_ header: String, _ name: String, _ flags: [String], in scratch: Scratch) throws -> Outcome {
    let source = try scratch.write(LightHeader.user(of: header, name: name), to: "user.c")
    let program = scratch.file("user")
    // No libbpf: that is what light skeletons are for.
    try Shell.run(Tool.gcc.required(), [source, "-O1", "-o", program] + (flags.isEmpty ? ["-w"] : flags)).checked()
    let result = try Shell.run(program, [])
    return Outcome(status: result.status, output: result.stdout)
  }
}

// MARK: - An object of our own

/// A small object, its light skeleton, and a program on it.
struct LightSample {
  enum Edit: String {
    case original
    /// Another constant, another message, other instructions; the same variables.
    case otherCode
    /// A variable more.
    case otherLayout
  }

  let scratch: Scratch
  var header: String { scratch.file("light.lskel.h") }

  init() throws {
    scratch = try Scratch()
    _ = try scratch.write(Self.user, to: "user.c")
  }

  func object(_ edit: Edit) throws -> String {
    try BPFCompiler.compile(Self.source(edit), named: edit.rawValue, in: scratch)
  }

  func generate(_ edit: Edit, isSplit: Bool) throws {
    let payload = isSplit ? scratch.file("light.lskel.o") : nil
    try LightSkeletonTests.generate(object(edit), name: "light", header: header, payload: payload).checked()
  }

  func compile(with compiler: Tool) throws {
    let flags = ["-x", compiler == .gxx ? "c++" : "c", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    try Shell.run(
      compiler.required(), flags + ["-c", scratch.file("user.c"), "-o", scratch.file("user.o")]
    ).checked()
  }

  /// libbpf is there for the program's own questions to the kernel.
  func link(_ payload: String?) throws -> Shell.Result {
    let inputs = [scratch.file("user.o")] + (payload.map { [scratch.file($0)] } ?? [])
    return try Shell.run(Tool.gcc.required(), inputs + ["-o", scratch.file("user"), "-lbpf"])
  }

  private static func source(_ edit: Edit) -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, int); __type(value, long); }
      hits SEC(".maps");

    const volatile int step = \(edit == .otherCode ? 7 : 3);
    long start = \(edit == .otherCode ? 2000 : 1000);
    long total;
    \(edit == .otherLayout ? "long extra;" : "")

    SEC("?raw_tracepoint/sys_exit")
    int left_out(void *ctx) { return 0; }

    SEC("raw_tracepoint/sys_enter")
    int first(void *ctx)
    {
      \(edit == .otherCode ? "bpf_printk(\"another message\");" : "")
      __sync_fetch_and_add(&total, step);
      __sync_fetch_and_add(&start, 1);
      return 0;
    }

    SEC("?socket")
    int left_out_too(void *ctx) { return 0; }

    SEC("socket")
    int second(void *ctx) { return 0; }

    char LICENSE[] SEC("license") = "GPL";
    """
  }

  private static let user = """
    #include <stdio.h>
    #include <string.h>
    #include <bpf/bpf.h>
    #include "light.lskel.h"
    static int named(int fd, const char *name)
    {
    	struct bpf_prog_info info;
    	__u32 size = sizeof(info);
    	memset(&info, 0, sizeof(info));
    	return fd > 0 && !bpf_obj_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, name);
    }
    #define CHECK(condition) do { if (!(condition)) { puts(#condition); return 1; } } while (0)
    int main(void)
    {
    	struct light *skel = light__open();
    	long seen;
    	struct bpf_map_info map;
    	__u32 size = sizeof(map);
    	CHECK(skel);
    	CHECK(skel->rodata->step == 3 && skel->data->start == 1000 && skel->bss->total == 0);
    	*(int *)(size_t)&skel->rodata->step = 5;
    	skel->data->start = 100000;
    	skel->maps.hits.max_entries = 9;
    	if (light__load(skel)) { puts(strerror(errno)); return 1; }
    	CHECK(skel->rodata->step == 5 && skel->data->start == 100000 && skel->bss->total == 0);
    	CHECK(named(skel->progs.first.prog_fd, "first") && named(skel->progs.second.prog_fd, "second"));
    	CHECK(!skel->progs.left_out.prog_fd && !skel->progs.left_out_too.prog_fd);
    	memset(&map, 0, sizeof(map));
    	CHECK(!bpf_obj_get_info_by_fd(skel->maps.hits.map_fd, &map, &size) && map.max_entries == 9);
    	CHECK(!light__attach(skel));
    	CHECK(skel->links.first_fd > 0 && !skel->links.left_out_fd && !skel->links.second_fd);
    	CHECK(sysconf(_SC_PAGESIZE) > 0 && !usleep(1));
    	light__detach(skel);
    	seen = skel->bss->total;
    	CHECK(seen > 0 && seen % 5 == 0 && skel->data->start > 100000);
    	CHECK(!usleep(1) && skel->bss->total == seen && !skel->links.first_fd);
    	light__destroy(skel);
    	skel = light__open_and_load();
    	CHECK(skel);
    	light__destroy(skel);
    	light__destroy(NULL);
    	return 0;
    }

    """
}
