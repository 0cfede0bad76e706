import Foundation
import Testing

@testable import HandmadeObjects
@testable import TestSupport

/// `bpfgen check-kernels` on kernels of a few types: what it prints, and what it does with wrong input.
@Suite("bpfgen check-kernels", .runsTools, .needs(.tool(.clang)))
struct CheckKernelsCommandTests {
  /// An object's BTF serves as a kernel's.
  private static let kernels = [
    "5.4.0-9": "struct thing { int count; struct { int depth; } stack; };",
    "5.4.0-10": "struct thing { int count; struct { int depth; } stack; };",
    "5.15.0-2": "struct thing { int __count; struct { int depth; } stack; };",
    "6.1.0-1": "struct thing { int __count; int depth; struct extra { int x; } extra; };",
  ]

  private static let object = """
    struct thing { int __count; int depth; } __attribute__((preserve_access_index));
    struct extra { int x; } __attribute__((preserve_access_index));
    struct thing___old { int count; } __attribute__((preserve_access_index));
    SEC("raw_tp/sys_enter") int count(void *ctx) {
    	if (bpf_core_field_exists(((struct thing *)0)->__count))
    		return BPF_CORE_READ((struct thing *)ctx, __count);
    	return BPF_CORE_READ((struct thing___old *)ctx, count);
    }
    SEC("raw_tp/sys_exit") int depth(void *ctx) {
    	return BPF_CORE_READ((struct thing *)ctx, depth);
    }
    """

  private struct Project {
    let scratch: Scratch
    let object: String

    init(_ kernels: [String: String] = CheckKernelsCommandTests.kernels) throws {
      scratch = try Scratch()
      object = try KernelCases.compile(CheckKernelsCommandTests.object, named: "app", in: scratch)
      try FileManager.default.createDirectory(atPath: scratch.file("kernels"), withIntermediateDirectories: true)
      for (name, types) in kernels { try add(types, as: "kernels/\(name).btf") }
    }

    func add(_ types: String, as path: String) throws {
      let compiled = try BPFCompiler.compile("\(types)\nstruct thing thing;", named: "kernel", in: scratch)
      try? FileManager.default.removeItem(atPath: scratch.file(path))
      try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file(path))
    }

    func run(_ words: String...) throws -> Shell.Result {
      try Shell.run(Toolchain.bpfgen(), ["check-kernels", "--btf", scratch.file("kernels"), object] + words)
    }
  }

  @Test("kernels with one outcome are one entry, in ranges of versions, with what they have instead")
  func text() throws {
    let project = try Project()
    let lines = try project.run().checked().stdout.split(separator: "\n").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    #expect(lines[0].hasSuffix("app.bpf.o: 4 kernels: 1 guarded, 3 fails"))
    #expect(lines.contains("fails on 5.4.0-9 to 5.4.0-10 (2 kernels)"))
    #expect(lines.contains("fails on 5.15.0-2"))
    #expect(lines.contains("guarded on 6.1.0-1"))
    #expect(lines.contains { $0.hasSuffix(": depth: thing.depth: no such field; the kernel has thing.stack.depth") })
    #expect(lines.contains { $0.contains("app.bpf.c:") && $0.contains("count: thing.count: no such field") })
    #expect(lines.contains { $0.hasSuffix("no such field; the kernel has thing.__count (not reached)") })
  }

  @Test("the report does not depend on the number of threads, and the exit status depends only on --exit-code")
  func status() throws {
    let project = try Project()
    let runs = try [project.run("-j", "1"), project.run("-j", "7"), project.run("--exit-code")]
    #expect(Set(runs.map(\.stdout)).count == 1)
    #expect(runs.map(\.status) == [.exited(0), .exited(0), .exited(1)])
    let stamp = project.scratch.file("stamp")
    #expect(try project.run("--exit-code", "--stamp", stamp).status == .exited(1))
    #expect(!FileManager.default.fileExists(atPath: stamp))
    let depfile = project.scratch.file("depfile")
    try project.run("--stamp", stamp, "--depfile", depfile).checked()
    let rule = try String(contentsOfFile: depfile, encoding: .utf8)
    #expect(rule.contains("5.4.0-10.btf") && rule.contains("app.bpf.o"))
  }

  /// Each is a pattern, and the folders that decide what it matches.
  private static let patternFolders: [(pattern: String, folders: Set<String>)] = [
    ("pd/*/5*", ["pd", "pd/a1", "pd/a2", "pd/b[1]"]),
    ("pd/*/sub/*.btf", ["pd", "pd/a1", "pd/a2", "pd/b[1]", "pd/a1/sub"]),
    ("pd/a?/sub/5.5.0-1.btf", ["pd", "pd/a1", "pd/a2", "pd/a1/sub"]),
    ("pd//a[12]/./5*", ["pd", "pd/a1", "pd/a2", "pd/a1/.", "pd/a2/."]),
    ("pd/a1/5*", ["pd/a1"]),
    ("p?/a1/5*", [".", "pd/a1", "pd"]),
    ("pd/a1*", ["pd", "pd/a1", "pd/a1/sub"]),
    ("pd/b\\[1]/*", ["pd", "pd/b[1]"]),
  ]

  @Test(
    "a depfile lists each folder that decides what a pattern matches, also when nothing in it does",
    arguments: patternFolders.indices)
  func patternDepfile(_ number: Int) throws {
    let (pattern, folders) = Self.patternFolders[number]
    let project = try Project([:])
    for folder in ["pd/a1/sub", "pd/a2", "pd/b[1]", "other"] {
      try FileManager.default.createDirectory(atPath: project.scratch.file(folder), withIntermediateDirectories: true)
    }
    let types = "struct thing { int __count; int depth; };"
    for path in ["a1/5.4.0-1.btf", "a1/sub/5.5.0-1.btf", "b[1]/6.1.0-1.btf"] {
      try project.add(types, as: "pd/" + path)
    }
    func check(_ pattern: String) throws -> Set<String> {
      try Shell.run(
        "/usr/bin/env",
        [
          "-C", project.scratch.path, Toolchain.bpfgen(), "check-kernels", "--btf", pattern, "--stamp", "stamp",
          "--depfile", "depfile", "app.bpf.o",
        ]
      ).checked()
      let rule = try String(contentsOfFile: project.scratch.file("depfile"), encoding: .utf8)
      let words = rule.replacingOccurrences(of: "\\\n", with: " ").split { $0 == " " || $0 == "\n" }
      let paths = words.map { $0.replacingOccurrences(of: "\\", with: "") }
      return Set(
        paths.filter { path in
          var isFolder: ObjCBool = false
          let full = path.hasPrefix("/") ? path : project.scratch.file(path)
          return FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) && isFolder.boolValue
        })
    }
    #expect(try check(pattern) == folders)
    let absolute = try check(project.scratch.file(pattern))
    let expected = folders.subtracting(["."]).map { project.scratch.file($0) }
    #expect(absolute.subtracting([project.scratch.path]) == Set(expected), "\(absolute)")
  }

  @Test(
    "Ninja checks a kernel that is added to a folder in which a pattern matched nothing",
    .enabled(if: access("/usr/bin/ninja", X_OK) == 0, "SKIPPED: ninja is not installed"))
  func patternInNinja() throws {
    let project = try Project([:])
    for folder in ["pd/a1", "pd/a2"] {
      try FileManager.default.createDirectory(atPath: project.scratch.file(folder), withIntermediateDirectories: true)
    }
    let types = "struct thing { int __count; int depth; };"
    try project.add(types, as: "pd/a1/5.1.0-1")
    _ = try project.scratch.write(
      """
      rule check
        command = \(Toolchain.bpfgen()) check-kernels --btf 'pd/*/5*' --stamp $out --depfile $out.d $in
        depfile = $out.d
        deps = gcc
      build out/stamp: check app.bpf.o

      """, to: "build.ninja")
    func build() throws -> String {
      usleep(20_000)
      return try Shell.run("/usr/bin/env", ["-C", project.scratch.path, "/usr/bin/ninja", "-v"]).checked().stdout
    }
    #expect(try build().contains("check-kernels"))
    #expect(try build().contains("no work to do"))
    try project.add(types, as: "pd/a2/5.3.0-1")
    #expect(try build().contains(": 2 kernels: "))
    #expect(try build().contains("no work to do"))
    try FileManager.default.createDirectory(
      atPath: project.scratch.file("pd/a3"), withIntermediateDirectories: true)
    try project.add(types, as: "pd/a3/5.2.0-1")
    #expect(try build().contains(": 3 kernels: "))
    #expect(try build().contains("no work to do"))
  }

  @Test("a baseline leaves only new failures")
  func baseline() throws {
    let project = try Project()
    let known = try project.scratch.write(project.run("--format", "json").checked().stdout, to: "known.json")
    let same = try project.run("--baseline", known, "--exit-code")
    #expect(same.succeeded, "\(same.stdout)")
    // What is guarded in the baseline is a new failure without its guard.
    let text = try String(contentsOfFile: known, encoding: .utf8)
    let guarded = try project.scratch.write(
      text.replacingOccurrences(of: "\"fails\"", with: "\"guarded\""), to: "guarded.json")
    let unguarded = try project.run("--baseline", guarded, "--exit-code")
    #expect(unguarded.status == .exited(1) && unguarded.stdout.contains("fails on 5.15.0-2"), "\(unguarded.stdout)")
    try project.add("struct thing { int count; };", as: "kernels/6.2.0-1.btf")
    let more = try project.run("--baseline", known, "--exit-code")
    #expect(more.status == .exited(1) && more.stdout.contains("fails on 6.2.0-1\n"), "\(more.stdout)")
    #expect(!more.stdout.contains("fails on 5.4"))
    let other = try project.scratch.write("{}", to: "other.json")
    let wrong = try project.run("--baseline", other)
    #expect(wrong.status == .exited(1) && wrong.stderr.contains("not a report of check-kernels"))
    let later = try project.scratch.write(
      text.replacingOccurrences(of: "\"bpfgen_check_kernels\": 1", with: "\"bpfgen_check_kernels\": 2"),
      to: "later.json")
    for words in [[], ["--state", project.scratch.file("state")]] {
      let run = try Shell.run(
        Toolchain.bpfgen(),
        ["check-kernels", "--btf", project.scratch.file("kernels"), "--baseline", later, project.object] + words)
      #expect(run.status == .exited(1))
      #expect(run.stderr.contains("later.json: error: a report of check-kernels in the format of another version"))
    }
  }

  @Test("with a state only what changed is checked again, and failures are errors")
  func state() throws {
    let project = try Project(["5.10.0-1": "struct thing { int __count; int depth; };"])
    let (state, stamp) = (project.scratch.file("state"), project.scratch.file("stamp"))
    func check(_ words: String...) throws -> (ran: Set<String>, result: Shell.Result) {
      usleep(20_000)
      let result = try Shell.run(
        "/usr/bin/env",
        ["-C", project.scratch.path, Toolchain.bpfgen(), "check-kernels", "-v", "--state", "state", "--btf", "kernels"]
          + words + ["app.bpf.o"])
      return (Set(result.stdout.split(separator: "\n").map(String.init)), result)
    }
    #expect(
      try check("--stamp", "stamp").ran
        == ["kernel-needs app.bpf.o", "kernel kernels/5.10.0-1.btf", "check-kernels app.bpf.o"])
    #expect(FileManager.default.fileExists(atPath: stamp) && FileManager.default.fileExists(atPath: state))
    #expect(try check().ran == [])
    try FileManager.default.removeItem(atPath: stamp)
    try project.add("struct thing { int count; };", as: "kernels/5.4.0-1.btf")
    let failed = try check("--stamp", "stamp")
    #expect(failed.ran == ["kernel kernels/5.4.0-1.btf", "check-kernels app.bpf.o"])
    #expect(failed.result.status == .exited(1) && !FileManager.default.fileExists(atPath: stamp))
    #expect(failed.result.stderr.contains("app.bpf.o: error: 1 of 2 kernels cannot load this object\n"))
    // A baseline may be of another folder: objects have their files' names there.
    let known = try project.run("--format", "json").checked().stdout
    _ = try project.scratch.write(known, to: "known.json")
    #expect(try check("--baseline", "known.json").ran == ["check-kernels app.bpf.o"])
    #expect(try check("--baseline", "known.json").ran == [])
    // Damage costs work.
    _ = try project.scratch.write("nothing of ours", to: "state/check-kernels")
    let again = try check("--baseline", "known.json")
    #expect(again.ran.count == 4 && again.result.stderr.contains("warning: the state of earlier builds is damaged"))
    let wrong = try check("--format", "json")
    #expect(wrong.result.status == .exited(2))
    let quiet = try project.run("--exit-code", "--quiet")
    #expect(quiet.status == .exited(1) && quiet.stdout == "" && quiet.stderr.contains("app.bpf.o: error: 1 of 2"))
  }

  @Test("modules of a kernel's folder have types, functions and attach targets that the kernel itself does not have")
  func modules() throws {
    var kernel = BTFBuilder()
    let int = kernel.int()
    _ = kernel.composite(.structure, "thing", bytes: 4, [.init(name: "count", type: int)])
    var module = kernel
    _ = module.composite(
      .structure, "module_thing", bytes: 8, [.init(name: "here", type: int, offsetBits: 32)])
    let none = module.add(.functionPrototype, int)
    _ = module.add(.function, name: module.string("module_kfunc"), vlen: 0, none)
    let prototype = module.add(.functionPrototype, vlen: 1, int, [module.string("argument"), int])
    _ = module.add(.function, name: module.string("module_target"), vlen: 0, prototype)
    let scratch = try Scratch()
    func write(_ bytes: [UInt8], _ path: String) throws {
      let url = URL(fileURLWithPath: scratch.file(path))
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
    try write(kernel.bytes, "kernels/6.1.0-1/vmlinux")
    try write(module.bytes(continuing: kernel), "kernels/6.1.0-1/some-module")

    func check(_ programs: String, _ kernel: String = "kernels") throws -> KernelCheckReport.Object {
      let object = try KernelCases.compile(
        """
        struct thing { int count; } __attribute__((preserve_access_index));
        struct module_thing { int here; } __attribute__((preserve_access_index));
        struct module_thing___old { int gone; } __attribute__((preserve_access_index));
        extern int module_kfunc(void) __ksym;
        SEC("raw_tp/sys_enter") int own(struct thing *ctx) { return BPF_CORE_READ(ctx, count); }
        \(programs)
        """, named: "app", in: scratch)
      return try KernelCheckReport(["--btf", scratch.file(kernel), object]).objects[0]
    }
    let all = """
      SEC("raw_tp/sys_exit") int reads(void *ctx) { return BPF_CORE_READ((struct module_thing *)ctx, here); }
      SEC("syscall") int calls(void *ctx) { return module_kfunc(); }
      SEC("fentry/module_target") int enters(unsigned long long *ctx) { return ctx[0]; }
      SEC("fexit/some_module:module_target") int leaves(unsigned long long *ctx) { return ctx[1]; }
      """
    // With the other files of a kernel's folder: kernels of their own, and in folders too, and a module `.btf`.
    try write(kernel.bytes, "mixed/6.1.0-1/vmlinux")
    try write(module.bytes(continuing: kernel), "mixed/6.1.0-1/some-module.btf")
    try write(kernel.bytes, "mixed/6.1.0-1/5.4.0-7.btf")
    try write(Array(kernel.bytes.prefix(30)), "mixed/6.1.0-1/5.5.0-1.btf")
    try write(kernel.bytes, "mixed/6.1.0-1/older/4.19.0-3/vmlinux")
    let object = try KernelCases.compile(
      """
      struct module_thing { int here; } __attribute__((preserve_access_index));
      SEC("raw_tp/sys_exit") int reads(void *ctx) { return BPF_CORE_READ((struct module_thing *)ctx, here); }
      """, named: "mixed", in: scratch)
    let mixed = try Shell.run(
      Toolchain.bpfgen(), ["check-kernels", "--format", "json", "--btf", scratch.file("mixed"), object])
    #expect(mixed.status == .exited(1) && mixed.stderr.contains("5.5.0-1.btf: error: "), "\(mixed.stderr)")
    let found = try KernelCheckReport(json: mixed.stdout)
    #expect(found.kernels.map(\.name) == ["4.19.0-3", "5.4.0-7", "5.5.0-1", "6.1.0-1"])
    #expect(
      found.objects[0].outcomes.map { [$0.outcome] + $0.kernels } == [
        ["fails", "4.19.0-3", "5.4.0-7"], ["ok", "6.1.0-1"],
      ])

    let whole = try check(all)
    #expect(
      whole.outcomes.map(\.outcome) == ["ok"] && whole.unchecked == ["module_kfunc (whether programs may call it)"],
      "\(whole)")
    let alone = try check(all, "kernels/6.1.0-1/vmlinux")
    #expect(
      Set(alone.outcomes.flatMap(\.findings).map(\.subject)) == ["module_thing.here", "module_kfunc", "module_target"])
    #expect(alone.outcomes.map(\.outcome) == ["fails"] && alone.unchecked == ["some_module:module_target"])
    let wrong = try check(
      """
      SEC("raw_tp/sys_exit") int reads(void *ctx) { return BPF_CORE_READ((struct module_thing___old *)ctx, gone); }
      SEC("fentry/other_module:module_target") int enters(void *ctx) { return 0; }
      SEC("fentry/some_module:module_target") int argument(unsigned long long *ctx) { return ctx[1]; }
      """)
    let problems = wrong.outcomes.flatMap(\.findings).map { "\($0.program ?? ""): \($0.problem)" }
    #expect(
      Set(problems) == [
        "reads: no such field", "enters: no such function to attach to",
        "argument: argument 2 is read, and the kernel's function has 1",
      ])

    // A module is a part of its kernel for a build too, and what is wrong with it is said of its file.
    func ran() throws -> Shell.Result {
      usleep(20_000)
      return try Shell.run(
        "/usr/bin/env",
        ["-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "-v", "--state", "state", "--btf", "kernels"]
          + ["app.bpf.o"])
    }
    _ = try check(all)
    #expect(try ran().checked().stdout.contains("kernel kernels/6.1.0-1/vmlinux\n"))
    #expect(try ran().checked().stdout == "")
    try write([1, 2, 3], "kernels/6.1.0-1/some-module")
    let broken = try ran()
    #expect(broken.status == .exited(1) && broken.stderr.contains("kernels/6.1.0-1/some-module: error: "))
    let run = try Shell.run(
      Toolchain.bpfgen(), ["check-kernels", "--btf", scratch.file("kernels"), scratch.file("app.bpf.o")])
    #expect(run.status == .exited(1) && run.stderr.contains("some-module: error: "))
    var file = ObjectBuilder()
    file.section(".BTF", module.bytes(continuing: kernel))
    file.section(".BTF.base", kernel.bytes)
    try write(file.bytes, "kernels/6.1.0-1/some-module")
    #expect(try ran().stderr.contains("some-module: error: a module's BTF that extends its own .BTF.base"))
  }

  @Test("SARIF has a result for each thing that is missing, at its source line")
  func sarif() throws {
    struct Log: Decodable {
      struct Run: Decodable {
        struct Result: Decodable {
          struct Message: Decodable { let text: String }
          struct Location: Decodable {
            struct Physical: Decodable {
              struct Artifact: Decodable { let uri: String }
              struct Region: Decodable { let startLine: Int }
              let artifactLocation: Artifact
              let region: Region?
            }
            let physicalLocation: Physical
          }
          let ruleId: String
          let level: String
          let message: Message
          let locations: [Location]
        }
        let results: [Result]
      }
      let version: String
      let runs: [Run]
    }
    let project = try Project()
    let text = try project.run("--format", "sarif").checked().stdout
    let log = try JSONDecoder().decode(Log.self, from: Data(text.utf8))
    #expect(log.version == "2.1.0")
    let results = try #require(log.runs.first).results
    #expect(Set(results.map(\.level)) == ["error", "note"] && results.allSatisfy { $0.ruleId == "core-relocation" })
    let depth = try #require(results.first { $0.message.text.contains("thing.stack.depth") })
    #expect(depth.message.text.contains("On 5.4.0-9 to 5.15.0-2 (3 kernels)"))
    let location = try #require(depth.locations.first).physicalLocation
    #expect(location.artifactLocation.uri.hasSuffix("app.bpf.c") && (location.region?.startLine ?? 0) > 0)
  }

  @Test("needs have an id that other code does not change")
  func needs() throws {
    let project = try Project()
    func id(_ text: String) throws -> String {
      let object = try KernelCases.compile(text, named: "other", in: project.scratch)
      return try KernelCheckReport(["--btf", project.scratch.file("kernels"), object]).objects[0].needs
    }
    let first = try id(Self.object)
    #expect(try id(Self.object.replacingOccurrences(of: "\treturn BPF", with: "\treturn 3 + BPF")) == first)
    #expect(try id(Self.object.replacingOccurrences(of: "ctx, depth", with: "ctx, __count")) != first)
  }

  @Test("an unreadable kernel or object is one error, and the others are checked")
  func errors() throws {
    let project = try Project()
    for name in ["broken", "same"] { _ = try project.scratch.write("no BTF", to: "kernels/\(name).btf") }
    let text = try project.scratch.write("no object", to: "text.bpf.o")
    let run = try project.run(text, project.scratch.file("absent.bpf.o"))
    #expect(run.status == .exited(1))
    for name in ["broken.btf", "same.btf", "text.bpf.o", "absent.bpf.o"] {
      #expect(
        run.stderr.split(separator: "\n").count { $0.contains("\(name): error: ") } == 1, "\(name): \(run.stderr)")
    }
    #expect(run.stdout.contains("app.bpf.o: 6 kernels: 1 guarded, 3 fails, 2 not checked\n"), "\(run.stdout)")
    #expect(run.stdout.contains("\n  not checked, their BTF cannot be read: broken, same\n"))

    let empty = project.scratch.file("empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    let none = try Shell.run(Toolchain.bpfgen(), ["check-kernels", "--btf", empty, project.object])
    #expect(none.status == .exited(1) && none.stderr.contains("no kernel's BTF is in this folder"))
  }

  /// Arguments of `--btf` that lead to no kernel, with the error and the hint.
  private static let wrong: [(argument: String, error: String, hint: String)] = [
    ("kernls", "kernls: error: does not exist", "did you mean 'kernels'?"),
    ("kernels/5.4.0-19.btf", "kernels/5.4.0-19.btf: error: does not exist", "did you mean 'kernels/5.4.0-10.btf'?"),
    ("kernls/*.btf", "kernls/*.btf: error: no file matches this pattern", "did you mean 'kernels/*.btf'?"),
    ("kernels/*.bft", "kernels/*.bft: error: no file matches this pattern", "name a kernel's BTF"),
    ("empty", "empty: error: no kernel's BTF is in this folder", "a folder has files named *.btf"),
    ("zero.btf", "zero.btf: error: the file is empty", "copy it again"),
    ("app.bpf.c/x", "app.bpf.c/x: error: ", ""),
  ]

  @Test("what --btf names wrongly is one error with a hint, and the others are checked", arguments: wrong.indices)
  func wrongKernels(_ number: Int) throws {
    let (argument, error, hint) = Self.wrong[number]
    let project = try Project()
    try FileManager.default.createDirectory(atPath: project.scratch.file("empty"), withIntermediateDirectories: true)
    _ = try project.scratch.write("", to: "zero.btf")
    func check(_ words: [String], _ kernels: [String] = ["kernels"]) throws -> Shell.Result {
      try Shell.run(
        "/usr/bin/env",
        ["-C", project.scratch.path, Toolchain.bpfgen(), "check-kernels"]
          + (kernels + [argument]).flatMap { ["--btf", $0] }
          + ["app.bpf.o"] + words)
    }
    for words in [["--format", "json"], ["--state", "state"], ["--format", "sarif"], ["--format", "html"], []] {
      let run = try check(words)
      let errors = run.stderr.split(separator: "\n").filter {
        $0.contains(": error: ") && !$0.contains("cannot load this object")
      }
      #expect(run.status == .exited(1) && errors.count == 1, "\(words): \(run.stderr)")
      #expect(errors[0].hasPrefix(error), "\(words): \(run.stderr)")
      #expect(run.stderr.contains("    hint   \(hint)") || hint == "", "\(words): \(run.stderr)")
      switch words.last {
      case "json":
        let report = try KernelCheckReport(json: run.stdout)
        #expect(report.kernels.filter { $0.unreadable == true }.map(\.btf) == [argument])
        #expect(report.objects[0].outcomes.flatMap(\.kernels).count == 4)
      case "sarif":
        #expect(
          run.stdout.contains("\"executionSuccessful\": false") && run.stdout.contains("No object was checked against"))
      case "html": #expect(run.stdout.contains("\"unreadable\""))
      case "state": #expect(run.stderr.contains("app.bpf.o: error: 3 of 5 kernels cannot load this object"))
      default: #expect(run.stdout.contains("app.bpf.o: 5 kernels: 1 guarded, 3 fails, 1 not checked\n"))
      }
    }
    // A check without other kernels is not "ok" either.
    let alone = try check([], [])
    #expect(
      alone.status == .exited(1) && alone.stdout.contains("app.bpf.o: 1 kernel: 1 not checked\n"), "\(alone.stdout)")
    #expect(try check(["--stamp", "stamp"], []).status == .exited(1))
    #expect(!FileManager.default.fileExists(atPath: project.scratch.file("stamp")))
  }

  @Test("an object that cannot be read is an error with a hint, and visible in the reports for programs")
  func wrongObjects() throws {
    let project = try Project()
    _ = try project.scratch.write("no object", to: "text.o")
    func check(_ words: [String]) throws -> Shell.Result {
      try Shell.run(
        "/usr/bin/env",
        ["-C", project.scratch.path, Toolchain.bpfgen(), "check-kernels", "--btf", "kernels"] + words)
    }
    struct Log: Decodable {
      let runs: [Run]
    }
    struct Run: Decodable {
      let results: [Result]
      let invocations: [Invocation]?
    }
    struct Result: Decodable {
      let ruleId: String
    }
    struct Invocation: Decodable {
      let executionSuccessful: Bool
      let toolExecutionNotifications: [Notification]
    }
    struct Notification: Decodable {
      let level: String
      let message: [String: String]
    }
    for (words, unread, isChecked) in [
      (["nope.o"], ["nope.o"], false), (["text.o", "app.bpf.o", "ap.bpf.o"], ["text.o", "ap.bpf.o"], true),
      (["app.bpf.o"], [], true),
    ] {
      let run = try check(["--format", "sarif"] + words)
      #expect(run.status == .exited(unread.isEmpty ? 0 : 1))
      let log = try JSONDecoder().decode(Log.self, from: Data(run.stdout.utf8)).runs[0]
      #expect(log.results.isEmpty == !isChecked)
      #expect(log.invocations?.map(\.executionSuccessful) == (unread.isEmpty ? nil : [false]), "\(run.stdout)")
      let notifications = log.invocations?.flatMap(\.toolExecutionNotifications) ?? []
      #expect(notifications.count == unread.count && notifications.allSatisfy { $0.level == "error" })
      for (notification, path) in zip(notifications, unread) {
        #expect(notification.message["text"]?.hasPrefix("\(path): ") == true, "\(notification)")
      }
      let json = try check(["--format", "json"] + words)
      let report = try #require(JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any])
      #expect(report["unreadable"] as? [String] == (unread.isEmpty ? nil : unread))
    }
    for words in [[], ["--state", "state"]] {
      for (name, hint) in [("nope.o", "make it first, or correct its path"), ("ap.bpf.o", "did you mean 'app.bpf.o'?")]
      {
        let run = try check(words + [name])
        #expect(run.status == .exited(1))
        #expect(run.stderr.contains("\(name): error: does not exist\n    hint   \(hint)\n"), "\(run.stderr)")
      }
    }
  }

  @Test("a range of kernels does not reach over one that was not read")
  func ranges() throws {
    let project = try Project()
    _ = try project.scratch.write("no BTF", to: "kernels/5.4.0-9a.btf")
    let text = try project.run().stdout
    #expect(text.contains("fails on 5.4.0-9, 5.4.0-10\n"), "\(text)")
  }

  @Test("a path with a blank that the shell split is suggested in quotes")
  func blank() throws {
    let project = try Project()
    try FileManager.default.moveItem(
      atPath: project.scratch.file("kernels"), toPath: project.scratch.file("my kernels"))
    for words in [[], ["--state", "state"]] {
      let run = try Shell.run(
        "/usr/bin/env",
        ["-C", project.scratch.path, Toolchain.bpfgen(), "check-kernels", "--btf", "my", "kernels", "app.bpf.o"] + words
      )
      #expect(run.stderr.contains("hint   write the path in quotes: 'my kernels'\n"), "\(words): \(run.stderr)")
    }
  }

  @Test("source files below the working directory are shown relative to it")
  func relativeSources() throws {
    let project = try Project()
    let run = try Shell.run(
      "/usr/bin/env",
      ["-C", project.scratch.path, Toolchain.bpfgen(), "check-kernels", "--btf", "kernels", "app.bpf.o"]
    ).checked()
    #expect(run.stdout.contains("\n    app.bpf.c:10: depth: "), "\(run.stdout)")
    #expect(try project.run().stdout.contains("\n    \(project.scratch.file("app.bpf.c")):10: depth: "))
  }

  @Test("known failures are counted and marked in each format, and the exit status is that of new ones")
  func known() throws {
    let project = try Project()
    let known = try project.scratch.write(project.run("--format", "json").checked().stdout, to: "known.json")
    let same = try project.run("--baseline", known, "--exit-code").checked().stdout
    #expect(same.contains(": 4 kernels: 1 guarded, 3 fails (all in the baseline)\n"), "\(same)")
    #expect(same.contains("\n  fails, as in the baseline, on 5.4.0-9 to 5.4.0-10 (2 kernels)\n"), "\(same)")
    #expect(try project.run("--baseline", known, "--quiet", "--exit-code").checked().stderr == "")

    // Another kernel, and another need on a known one.
    try project.add("struct thing { int count; };", as: "kernels/6.2.0-1.btf")
    try project.add("struct thing { int other; };", as: "kernels/5.15.0-2.btf")
    let more = try project.run("--baseline", known, "--exit-code")
    #expect(more.status == .exited(1))
    #expect(more.stdout.contains(": 5 kernels: 1 guarded, 4 fails (2 in the baseline)\n"), "\(more.stdout)")
    #expect(more.stdout.contains(": depth: thing.depth: no such field (in the baseline)\n"), "\(more.stdout)")
    let quiet = try project.run("--baseline", known, "--quiet").stderr
    #expect(quiet.contains("error: 2 of 5 kernels cannot load this object\n"), "\(quiet)")
    #expect(quiet.contains("    in the baseline   5.4.0-9 to 5.4.0-10 (2 kernels)\n"), "\(quiet)")

    let report = try KernelCheckReport(json: project.run("--baseline", known, "--format", "json").checked().stdout)
    let pairs = report.pairs.mapValues { $0.known == true }
    #expect(
      Dictionary(
        uniqueKeysWithValues: pairs.map { ($0.key.split(separator: " ").last.map(String.init) ?? "", $0.value) })
        == ["5.4.0-9": true, "5.4.0-10": true, "5.15.0-2": false, "6.1.0-1": false, "6.2.0-1": false])
    let partly = try #require(report.objects[0].outcomes.first { $0.kernels == ["5.15.0-2"] })
    #expect(
      Set(partly.findings.map { "\($0.subject) \($0.known == true)" })
        == ["thing.depth true", "thing.count false", "thing.__count false"])
    // The report is the next baseline: it has all failures.
    let next = try project.scratch.write(project.run("--baseline", known, "--format", "json").stdout, to: "next.json")
    #expect(try project.run("--baseline", next, "--exit-code").succeeded)

    let sarif = try project.run("--baseline", known, "--format", "sarif").checked().stdout
    #expect(sarif.contains("\"baselineState\": \"new\"") && sarif.contains("\"baselineState\": \"unchanged\""))
    #expect(try !project.run("--format", "sarif").stdout.contains("baselineState"))
    #expect(try project.run("--baseline", known, "--format", "html").stdout.contains("\"known\":"))
  }

  @Test("a baseline holds however the same kernels and objects are named later")
  func baselineNames() throws {
    let project = try Project([:])
    for folder in ["kernels/debian", "kernels/ubuntu", "copy", "out"] {
      try FileManager.default.createDirectory(atPath: project.scratch.file(folder), withIntermediateDirectories: true)
    }
    try project.add("struct thing { int count; };", as: "kernels/debian/5.15.0-2.btf")
    try project.add("struct thing { int other; };", as: "kernels/debian/5.10.0-1.btf")
    func run(_ words: [String], in folder: String = ".") throws -> Shell.Result {
      try Shell.run(
        "/usr/bin/env",
        ["-C", project.scratch.file(folder), Toolchain.bpfgen(), "check-kernels", "--exit-code"] + words)
    }
    _ = try project.scratch.write(
      run(["--btf", "kernels/debian", "--format", "json", "app.bpf.o"]).stdout, to: "known.json")
    let known = ["--baseline", project.scratch.file("known.json")]
    try FileManager.default.copyItem(atPath: project.object, toPath: project.scratch.file("out/app.bpf.o"))
    for words in [
      ["--btf", "kernels"], ["--btf", "./kernels//debian"], ["--btf", project.scratch.file("kernels")],
      ["--btf", "kernels/*/*.btf"], ["--btf", "kernels/debian/5.15.0-2.btf"], ["--state", "state", "--btf", "kernels"],
    ] {
      #expect(try run(words + known + ["app.bpf.o"]).succeeded, "\(words)")
      #expect(try run(words + known + ["out/app.bpf.o"]).succeeded, "\(words)")
    }
    #expect(try run(["--btf", ".", project.scratch.file("app.bpf.o")] + known, in: "kernels").succeeded)
    _ = try project.scratch.write(
      """
      { "bpfgen": 1, "objects": { "app": "app.bpf.o" }, "kernels": { "one": "kernels", "two": "kernels/debian/5.10.0-1.btf" },
        "kernel_checks": [ { "of": "app", "baseline": "known.json" }, { "of": "app", "kernels": ["two"], "baseline": "known.json" } ] }
      """, to: "bpfgen.json")
    try Shell.run(Toolchain.bpfgen(), ["build", "-C", project.scratch.path]).checked()

    // Another kernel of the same file name, and another object of the same one, are new.
    try project.add("struct thing { int count; };", as: "kernels/ubuntu/5.15.0-2.btf")
    let more = try run(["--btf", "kernels"] + known + ["app.bpf.o"])
    #expect(more.status == .exited(1) && more.stdout.contains("fails on ubuntu/5.15.0-2\n"), "\(more.stdout)")
    #expect(more.stdout.contains("fails, as in the baseline, on debian/5.10.0-1"), "\(more.stdout)")
    let graph = try Shell.run(Toolchain.bpfgen(), ["build", "-C", project.scratch.path])
    #expect(
      graph.status == .exited(1) && graph.stderr.contains("  ubuntu/5.15.0-2\n"), "\(graph.stderr)")
    for words in [[], ["--state", "state"]] {
      let two = try run(["--btf", "kernels/debian"] + known + ["app.bpf.o", "out/app.bpf.o"] + words)
      #expect(two.status == .exited(1) && (two.stdout + two.stderr).contains("out/app.bpf.o: "), "\(two.stdout)")
    }
  }

  /// The first commands after a heading of the guide.
  private static func documented(_ heading: String, _ number: Int) throws -> String {
    let text = try String(contentsOfFile: "\(Toolchain.root)/docs/check-kernels.md", encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n## \(heading)\n").last)
    let blocks = section.components(separatedBy: "\n```sh\n").dropFirst()
    return try #require(blocks.dropFirst(number).first?.components(separatedBy: "\n```").first)
  }

  @Test("the first baseline is made as the guide shows, for the command and for a graph file")
  func firstBaseline() throws {
    let project = try Project()
    let program = URL(fileURLWithPath: try Toolchain.bpfgen()).deletingLastPathComponent().path
    func run(_ commands: String) throws -> Shell.Result {
      try Shell.run(
        "/usr/bin/env", ["-C", project.scratch.path, "PATH=\(program):/usr/bin:/bin", "sh", "-e", "-c", commands])
    }
    let both = try run(Self.documented("Baselines", 0)).checked()
    #expect(both.stdout.contains("3 fails (all in the baseline)\n"), "\(both.stdout)")

    try FileManager.default.removeItem(atPath: project.scratch.file("known.json"))
    let graph = { (baseline: String) in
      """
      { "bpfgen": 1, "objects": { "app": "app.bpf.o" }, "kernels": { "all": "kernels" },
        "kernel_checks": [ { "of": "app", "report": "gen/app.kernels.json"\(baseline) } ] }
      """
    }
    // Where it is named and not there, the message leads to it.
    _ = try project.scratch.write(graph(", \"baseline\": \"known.json\""), to: "bpfgen.json")
    let missing = try run("bpfgen build")
    #expect(missing.stderr.contains("known.json: error: does not exist\n    hint   make the first baseline with"))
    #expect(
      try project.run("--baseline", project.scratch.file("known.json")).stderr.contains("make the first baseline"))
    _ = try project.scratch.write(graph(""), to: "bpfgen.json")
    try run(Self.documented("Baselines", 1)).checked()
    _ = try project.scratch.write(graph(", \"baseline\": \"known.json\""), to: "bpfgen.json")
    try run("bpfgen build").checked()
    // The report stays the same when it is copied again.
    let report = project.scratch.file("gen/app.kernels.json")
    let text = try String(contentsOfFile: report, encoding: .utf8)
    #expect(text.contains("\"known\": true"))
    try run("cp gen/app.kernels.json known.json && bpfgen build").checked()
    #expect(try String(contentsOfFile: report, encoding: .utf8) == text)
  }

  @Test("folders are searched recursively, and one with a vmlinux is a kernel with its name")
  func folders() throws {
    let project = try Project([:])
    for folder in ["kernels/debian/6.1.0-3", "kernels/ubuntu"] {
      try FileManager.default.createDirectory(atPath: project.scratch.file(folder), withIntermediateDirectories: true)
    }
    let types = "struct thing { int __count; int depth; };"
    try project.add(types, as: "kernels/debian/6.1.0-3/vmlinux")
    try project.add(types, as: "kernels/ubuntu/5.15.0-2.btf")
    let report = try KernelCheckReport(["--btf", project.scratch.file("kernels"), project.object])
    #expect(report.kernels.map(\.name) == ["5.15.0-2", "6.1.0-3"])
    // The same names in two folders: the folders distinguish them.
    try project.add(types, as: "kernels/debian/5.15.0-2.btf")
    let longer = try KernelCheckReport(["--btf", project.scratch.file("kernels"), project.object])
    #expect(longer.kernels.map(\.name) == ["debian/5.15.0-2", "debian/6.1.0-3", "ubuntu/5.15.0-2"])
  }

  @Test("a kernel's version is in its name, and its third number may be anything")
  func version() throws {
    let project = try Project([:])
    // Without this enumerator a verifier is too old to read the version.
    let types =
      "enum bpf_attach_type { BPF_CGROUP_GETSOCKOPT, BPF_TRACE_FENTRY };\nstruct thing { enum bpf_attach_type type; };"
    for name in ["5.4.0-42", "5.15.0-2"] { try project.add(types, as: "kernels/\(name).btf") }
    func outcomes(_ condition: String) throws -> [String: String] {
      let object = try KernelCases.compile(
        """
        struct thing { int gone; } __attribute__((preserve_access_index));
        extern int LINUX_KERNEL_VERSION __kconfig;
        PROGRAM { return LINUX_KERNEL_VERSION \(condition) ? BPF_CORE_READ((struct thing *)ctx, gone) : 0; }
        """, named: "version", in: project.scratch)
      let report = try KernelCheckReport(["--btf", project.scratch.file("kernels"), object])
      return Dictionary(
        uniqueKeysWithValues: report.objects[0].outcomes.flatMap { outcome in
          outcome.kernels.map { ($0, outcome.outcome) }
        })
    }
    #expect(try outcomes(">= KERNEL(5, 10)") == ["5.4.0-42": "guarded", "5.15.0-2": "fails"])
    #expect(try outcomes("< KERNEL(5, 10)") == ["5.4.0-42": "fails", "5.15.0-2": "guarded"])
    #expect(try outcomes("> KERNEL(5, 4) + 100") == ["5.4.0-42": "may-fail", "5.15.0-2": "fails"])
    #expect(try outcomes("== KERNEL(5, 10)") == ["5.4.0-42": "guarded", "5.15.0-2": "guarded"])

    // The file says it, whatever a graph file calls the kernel, and the folder, also where it is the current one.
    _ = try outcomes("< KERNEL(5, 10)")
    let folder = project.scratch.file("5.4.0-9")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: project.scratch.file("kernels/5.4.0-42.btf"), toPath: folder + "/vmlinux")
    _ = try project.scratch.write(
      """
      { "bpfgen": 1, "objects": { "version": "version.bpf.o" },
        "kernels": { "focal-20.04": "5.4.0-9/vmlinux", "6.1": "kernels/5.15.0-2.btf", "vendor": "5.4.0-9" },
        "kernel_checks": [ { "of": "version", "report": "report.json", "report_only": true } ] }
      """, to: "bpfgen.json")
    try Shell.run(Toolchain.bpfgen(), ["build", "-C", project.scratch.path]).checked()
    let report = try KernelCheckReport(
      json: try String(contentsOfFile: project.scratch.file("report.json"), encoding: .utf8))
    #expect(
      Set(report.objects[0].outcomes.map { [$0.outcome] + $0.kernels }) == [
        ["fails", "focal-20.04"], ["guarded", "6.1"],
      ])
    for kernel in ["vmlinux", "./vmlinux", "."] {
      let here = try Shell.run(
        "/usr/bin/env",
        ["-C", folder, Toolchain.bpfgen(), "check-kernels", "--btf", kernel, project.scratch.file("version.bpf.o")]
      ).checked()
      #expect(here.stdout.contains("fails on 5.4.0-9"), "\(kernel): \(here.stdout)")
    }
  }
}
