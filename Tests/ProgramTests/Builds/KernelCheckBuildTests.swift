import Foundation
import Testing

@testable import TestSupport

/// `kernel_checks` of a graph file: what a build asks again after each kind of change, and what it says of failures.
@Suite("kernel_checks in a build", .runsTools, .needs(.tool(.clang)))
struct KernelCheckBuildTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for folder in ["kernels", "in"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    try kernel("5.10.0-1", "int count; int depth;")
    try kernel("6.1.0-1", "int count; int depth; int more;")
    try compile("first", field: "count")
    try compile("second", field: "depth")
    _ = try scratch.write(
      """
      { "bpfgen": 1,
        "objects":       { "first": "in/first.bpf.o", "second": "in/second.bpf.o" },
        "finals":        { "app": { "inputs": ["first", "second"], "output": "gen/app.bpf.o" } },
        "kernels":       { "all": "kernels", "running": { "btf": "/sys/kernel/btf/vmlinux", "version": "6.12" } },
        "kernel_checks": [ { "of": "app", "kernels": ["all"], "report": "gen/app.json" },
                           { "of": "second", "kernels": ["all"] } ] }
      """, to: "bpfgen.json")
  }

  private func kernel(_ name: String, _ members: String) throws {
    let compiled = try BPFCompiler.compile("struct thing { \(members) } thing;", named: "kernel", in: scratch)
    try? FileManager.default.removeItem(atPath: scratch.file("kernels/\(name).btf"))
    try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file("kernels/\(name).btf"))
  }

  private func compile(_ name: String, field: String, adding number: Int = 0, guarded: Bool = false) throws {
    let test = guarded ? "if (!bpf_core_field_exists(((struct thing *)0)->\(field))) return 0;" : ""
    let source = """
      struct thing { int \(field); } __attribute__((preserve_access_index));
      SEC("raw_tp/\(name)") int on_\(name)(void *ctx) {
      	\(test)
      	return \(number) + BPF_CORE_READ((struct thing *)ctx, \(field));
      }
      """
    let compiled = try KernelCases.compile(source, named: name, in: scratch)
    try? FileManager.default.removeItem(atPath: scratch.file("in/\(name).bpf.o"))
    try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file("in/\(name).bpf.o"))
  }

  private func run(_ words: String...) throws -> Shell.Result {
    usleep(20_000)
    return try Shell.run(Toolchain.bpfgen(), ["build", "-v", "-C", scratch.path] + words)
  }

  /// What a build ran, by the names of tasks.
  private func tasks(_ result: Shell.Result) -> Set<String> {
    Set(result.stdout.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("bpfgen: ") })
  }

  private func build() throws -> Set<String> { try tasks(run().checked()) }

  private static let kernels: Set = ["kernel kernels/5.10.0-1.btf", "kernel kernels/6.1.0-1.btf"]
  private static let checks: Set = [
    "kernel-needs second", "kernel-needs app", "link app", "check-kernels gen/app.json", "check-kernels second",
  ]

  @Test("a kernel is asked once, and again only when it or what is asked changed")
  func cutOff() throws {
    #expect(try build() == Self.checks.union(Self.kernels))
    #expect(try build() == [])
    try compile("second", field: "depth", adding: 7)
    #expect(try build() == Self.checks)
    try kernel("6.1.0-1", "long other; int count; int depth;")
    // The same is answered.
    #expect(try build() == ["kernel kernels/6.1.0-1.btf"])
    try kernel("6.2.0-1", "int depth; int count;")
    #expect(
      try build() == ["kernel kernels/6.2.0-1.btf", "check-kernels gen/app.json", "check-kernels second"])
    try compile("second", field: "count")
    #expect(try build() == Self.checks.union(Self.kernels).union(["kernel kernels/6.2.0-1.btf"]))
  }

  @Test("a kernel that does not load an object fails the build with what it lacks, and nothing else is checked again")
  func failure() throws {
    _ = try build()
    try kernel("5.4.0-1", "int count; struct { int depth; } stack;")
    let failed = try run("-k", "0")
    #expect(failed.status == .exited(1))
    #expect(
      tasks(failed) == ["kernel kernels/5.4.0-1.btf", "check-kernels gen/app.json", "check-kernels second"])
    for object in ["in/second.bpf.o", "gen/app.bpf.o"] {
      #expect(failed.stderr.contains("\(object): error: 1 of 3 kernels cannot load this object\n"), "\(failed.stderr)")
    }
    #expect(failed.stderr.contains("5.4.0-1"))
    #expect(failed.stderr.contains("on_second: thing.depth: no such field; the kernel has thing.stack.depth"))
    // The report has it, for a baseline too.
    let report = try JSONDecoder().decode(
      KernelCheckReport.self, from: Data(contentsOf: URL(fileURLWithPath: scratch.file("gen/app.json"))))
    #expect(report.objects[0].outcomes.map(\.outcome) == ["fails", "ok"])
    #expect(report.objects[0].object == "gen/app.bpf.o" && report.kernels[0].btf == "kernels/5.4.0-1.btf")
    #expect(try tasks(run("-k", "0")) == ["check-kernels gen/app.json", "check-kernels second"])
    try compile("second", field: "depth", guarded: true)
    _ = try build()
    #expect(try build() == [])
  }

  @Test("a baseline lets known failures through, and a check that only reports lets all through")
  func baseline() throws {
    try kernel("5.4.0-1", "int count;")
    func write(_ options: String) throws {
      _ = try scratch.write(
        """
        { "bpfgen": 1, "objects": { "second": "in/second.bpf.o" }, "kernels": { "all": "kernels" },
          "kernel_checks": [ { "of": "second", "report": "gen/second.json"\(options) } ] }
        """, to: "bpfgen.json")
    }
    try write("")
    #expect(try run().status == .exited(1))
    try FileManager.default.moveItem(atPath: scratch.file("gen/second.json"), toPath: scratch.file("known.json"))
    try write(", \"baseline\": \"known.json\"")
    _ = try build()
    try kernel("4.19.0-1", "int count;")
    let more = try run()
    #expect(more.status == .exited(1) && more.stderr.contains("1 of 4 kernels cannot load this object"))
    let facts = more.stderr.split(separator: "\n").filter { $0.contains(".0-1") && !$0.contains("thing.depth") }
      .map { $0.split(separator: " ").joined(separator: " ") }
    #expect(facts == ["fails on 4.19.0-1", "in the baseline 5.4.0-1"])
    try write(", \"report_only\": true")
    _ = try build()
    let report = try String(contentsOfFile: scratch.file("gen/second.json"), encoding: .utf8)
    #expect(report.contains("\"4.19.0-1\"") && report.contains("\"fails\""))
    _ = try scratch.write("{}", to: "known.json")
    try write(", \"baseline\": \"known.json\"")
    #expect(try run().stderr.contains("known.json: error: not a report of check-kernels"))
  }

  @Test("the report is the command's, and does not depend on -j or on where the build runs")
  func report() throws {
    try kernel("5.4.0-1", "int depth;")
    func report(_ words: String...) throws -> String {
      try? FileManager.default.removeItem(atPath: scratch.file("gen"))
      _ = try Shell.run(Toolchain.bpfgen(), words)
      return try String(contentsOfFile: scratch.file("gen/app.json"), encoding: .utf8)
    }
    let first = try report("build", "-C", scratch.path, "-j", "1", "-k", "0")
    #expect(try report("build", "-f", scratch.file("bpfgen.json"), "-j", "8", "-k", "0", "--no-state") == first)
    let command = try Shell.run(
      "/usr/bin/env",
      [
        "-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "--format", "json", "--btf", "kernels",
        "gen/app.bpf.o",
      ]
    ).checked()
    #expect(command.stdout == first)
  }

  @Test("graph, query, why and clean know the tasks, and --no-check leaves them out")
  func questions() throws {
    #expect(try tasks(run("--no-check").checked()) == ["link app"])
    _ = try build()
    func ask(_ words: String...) throws -> String {
      try Shell.run("/usr/bin/env", ["-C", scratch.path, Toolchain.bpfgen()] + words).checked().stdout
    }
    #expect(try ask("query", "rdeps", "kernels/6.1.0-1.btf") == "kernel kernels/6.1.0-1.btf\n")
    #expect(
      try ask("query", "rdeps", "--transitive", "in/second.bpf.o").contains("check-kernels gen/app.json\n"))
    #expect(try ask("query", "inputs", "gen/app.json").contains("gen/app.bpf.o\n"))
    #expect(try ask("why", "gen/app.json").contains("up to date"))
    #expect(try ask("graph").contains("gen/app.json"))
    #expect(try ask("graph", "--format", "json").contains("\"answers\""))
    #expect(try ask("emit", "bazel").contains("# kernel_checks are not here"))
    #expect(
      try ask("emit", "ninja").contains(
        "\nbuild .bpfgen/bpfgen.json.kernels | gen/app.json: bpfgen_check_graph bpfgen.json | gen/app.bpf.o in/second.bpf.o\n"
      ))
    #expect(try ask("emit", "make").contains("\nkernels/6.1.0-1.btf:\n"), "one that is removed is the step's error")
    #expect(
      try ask("emit", "make").contains(
        "\n.bpfgen/bpfgen.json.kernels.stamp: gen/app.bpf.o in/second.bpf.o bpfgen.json kernels/5.10.0-1.btf kernels/6.1.0-1.btf kernels "
      ))
    _ = try ask("clean")
    #expect(!FileManager.default.fileExists(atPath: scratch.file("gen/app.json")))
    #expect(FileManager.default.fileExists(atPath: scratch.file("kernels/6.1.0-1.btf")))
  }

  private func errors(_ result: Shell.Result) -> [String] {
    result.stderr.split(separator: "\n").filter { $0.contains(": error: ") }.map(String.init)
  }

  private func report(_ path: String) throws -> KernelCheckReport {
    try KernelCheckReport(json: String(contentsOfFile: scratch.file(path), encoding: .utf8))
  }

  /// Each is a way to name a kernel that cannot be read: what the graph file has, a file to write, and the error.
  private static let unreadable: [(name: String, path: String, text: String?, error: String)] = [
    ("text", "bad/6.3.0-1.btf", "no BTF", "bad/6.3.0-1.btf: error: neither BTF nor an ELF file"),
    ("empty", "bad/6.4.0-1.btf", "", "bad/6.4.0-1.btf: error: "),
    ("gone", "bad/6.5.0-1.btf", nil, "bad/6.5.0-1.btf: error: does not exist"),
    ("folder", "nothing", "nothing/other.txt", "nothing: error: no kernel's BTF is in this folder"),
    ("pattern", "kernels/*.btf", nil, "kernels/*.btf: error: a graph file cannot name kernels with a pattern"),
  ]

  @Test("kernels that cannot be read are one error each, and objects are checked against the others")
  func broken() throws {
    for folder in ["bad", "nothing"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    for entry in Self.unreadable {
      guard let text = entry.text else { continue }
      let isFolder = entry.name == "folder"
      _ = try scratch.write(isFolder ? "" : text, to: isFolder ? text : entry.path)
    }
    try kernel("5.4.0-1", "int count;")
    let named = Self.unreadable.map { "\"\($0.name)\": \"\($0.path)\"" }.joined(separator: ", ")
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "first": "in/first.bpf.o", "second": "in/second.bpf.o" },
        "kernels": { "all": "kernels", \(named) },
        "kernel_checks": [ { "of": "first", "report": "gen/first.json" }, { "of": "second", "report": "gen/second.json" } ] }
      """, to: "bpfgen.json")
    let failed = try run("-k", "0")
    #expect(failed.status == .exited(1))
    #expect(errors(failed).count == Self.unreadable.count + 1, "\(failed.stderr)")
    for entry in Self.unreadable {
      #expect(errors(failed).contains { $0.contains(entry.error) }, "\(entry.name): \(failed.stderr)")
    }
    // The object that a kernel does not load is an error too, which shows what it was not checked against.
    #expect(failed.stderr.contains("in/second.bpf.o: error: 1 of 8 kernels cannot load this object"))
    let facts = failed.stderr.split(separator: "\n").filter { $0.contains("not checked") }
    #expect(facts.count == 1 && Self.unreadable.allSatisfy { facts[0].contains($0.name) }, "\(facts)")
    for (path, outcomes) in [("first", ["ok"]), ("second", ["fails", "ok"])] {
      let report = try report("gen/\(path).json")
      let unread = Set(report.kernels.filter { $0.unreadable == true }.map(\.name))
      #expect(unread == Set(Self.unreadable.map(\.name)))
      #expect(report.objects[0].outcomes.map(\.outcome) == outcomes)
      #expect(unread.isDisjoint(with: report.objects[0].outcomes.flatMap(\.kernels)))
    }
    #expect(failed.stderr.contains("pattern\n    hint   did you mean 'kernels'?\n"), "\(failed.stderr)")
    // Nothing but the error is made again. `check-kernels --graph` has the same errors, and so has a process without a state.
    let again = try run("-k", "0")
    #expect(errors(again) == errors(failed))
    #expect(tasks(again).isDisjoint(with: ["check-kernels gen/first.json", "kernel kernels/5.4.0-1.btf"]))
    try FileManager.default.removeItem(atPath: scratch.file("gen"))
    let step = try Shell.run(
      "/usr/bin/env",
      ["-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "--graph", "bpfgen.json", "--state", "state"])
    #expect(step.status == .exited(1) && errors(step).count == errors(failed).count)
    #expect(try report("gen/first.json").objects[0].outcomes.map(\.outcome) == ["ok"])
  }

  @Test(
    "a kernel that becomes unreadable is not in the report any more, and is when it is repaired; no other one is read")
  func damagedLater() throws {
    _ = try build()
    #expect(try report("gen/app.json").objects[0].outcomes.flatMap(\.kernels) == ["5.10.0-1", "6.1.0-1"])
    let path = scratch.file("kernels/6.1.0-1.btf")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    _ = try scratch.write("no BTF", to: "kernels/6.1.0-1.btf")
    let failed = try run("-k", "0")
    #expect(failed.status == .exited(1) && errors(failed).count == 1, "\(failed.stderr)")
    #expect(tasks(failed) == ["kernel kernels/6.1.0-1.btf", "check-kernels gen/app.json", "check-kernels second"])
    #expect(try report("gen/app.json").objects[0].outcomes.flatMap(\.kernels) == ["5.10.0-1"])
    #expect(try report("gen/app.json").kernels.map(\.unreadable) == [nil, true])
    #expect(try tasks(run("-k", "0")) == ["kernel kernels/6.1.0-1.btf"])
    try whole.write(to: URL(fileURLWithPath: path))
    #expect(try build() == ["kernel kernels/6.1.0-1.btf", "check-kernels gen/app.json", "check-kernels second"])
    #expect(try report("gen/app.json").kernels.map(\.unreadable) == [nil, nil])
    #expect(try build() == [])
  }

  /// A random history of kernels and objects that are damaged, repaired and changed.
  @Test(
    "after each change the reports are those of the command, and a pair's outcome depends on nothing else",
    arguments: 0..<2)
  func random(_ seed: UInt64) throws {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func choose(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let names = ["4.19.0-1", "5.10.0-1", "5.15.0-1", "6.1.0-1"]
    let members = ["int count;", "int count; int depth;", "int depth;", "long depth; int more; int count;"]
    var whole: [[Data]] = []
    for (index, name) in names.enumerated() {
      try kernel(name, members[index])
      whole.append([try Data(contentsOf: URL(fileURLWithPath: scratch.file("kernels/\(name).btf")))])
    }
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "first": "in/first.bpf.o", "second": "in/second.bpf.o" },
        "kernels": { "all": "kernels" },
        "kernel_checks": [ { "of": "first", "report": "gen/first.json", "baseline": "known.json", "report_only": true },
                           { "of": "second", "report": "gen/second.json", "baseline": "known.json", "report_only": true } ] }
      """, to: "bpfgen.json")
    func command(_ words: String...) throws -> Shell.Result {
      try Shell.run(
        "/usr/bin/env",
        ["-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "--format", "json", "--btf", "kernels"] + words
          + ["in/first.bpf.o", "in/second.bpf.o"])
    }
    let complete = try KernelCheckReport(json: command().checked().stdout).pairs
    #expect(complete.count == 8 && Set(complete.values.map(\.outcome)) == ["ok", "fails"])
    // A part of the failures is known.
    try FileManager.default.removeItem(atPath: scratch.file("kernels/6.1.0-1.btf"))
    try FileManager.default.removeItem(atPath: scratch.file("kernels/4.19.0-1.btf"))
    _ = try scratch.write(command().checked().stdout, to: "known.json")
    let objects = try ["first", "second"].map { name in
      (name: name, bytes: try Data(contentsOf: URL(fileURLWithPath: scratch.file("in/\(name).bpf.o"))))
    }
    for step in 0..<8 {
      for (index, name) in names.enumerated() where step == 0 || choose(2) == 0 {
        let path = scratch.file("kernels/\(name).btf")
        switch choose(4) {
        case 0: _ = try scratch.write("no BTF", to: "kernels/\(name).btf")
        case 1: try whole[index][0].prefix(80).write(to: URL(fileURLWithPath: path))
        default: try whole[index][0].write(to: URL(fileURLWithPath: path))
        }
      }
      var readable: [String] = []
      for object in objects {
        let isReadable = choose(4) > 0
        if isReadable { readable.append(object.name) }
        try (isReadable ? object.bytes : Data("no object".utf8)).write(
          to: URL(fileURLWithPath: scratch.file("in/\(object.name).bpf.o")))
      }
      let built = try run("-k", "0")
      let direct = try command("--baseline", "known.json")
      let place: Comment = "seed \(seed), step \(step): \(built.stderr) \(direct.stderr)"
      #expect(built.status == direct.status, place)
      let report = try KernelCheckReport(json: direct.stdout)
      let reported = try readable.map { try self.report("gen/\($0).json").pairs }
      #expect(report.pairs == reported.reduce(into: [:]) { $0.merge($1) { first, _ in first } }, place)
      // Without an object that asks, no kernel is read.
      guard !readable.isEmpty else { continue }
      #expect(errors(built).count == errors(direct).count, place)
      let unread = Set(report.kernels.filter { $0.unreadable == true }.map(\.name))
      #expect(unread.count + objects.count - readable.count == errors(direct).count, place)
      for (pair, outcome) in complete where readable.contains(where: { pair.contains($0) }) {
        let isRead = !unread.contains(String(pair.split(separator: " ")[1]))
        let found = report.pairs[pair]
        #expect((found != nil) == isRead, "\(pair): \(place)")
        guard let found else { continue }
        let isKnown = ["5.10.0-1", "5.15.0-1"].contains { pair.hasSuffix($0) } && outcome.outcome == "fails"
        #expect(found.outcome == outcome.outcome && (found.known == true) == isKnown, "\(pair): \(place)")
      }
    }
  }

  @Test("check-kernels --graph checks what a graph file names, makes nothing of it, and reports what it read")
  func graphFile() throws {
    _ = try build()
    let report = try Data(contentsOf: URL(fileURLWithPath: scratch.file("gen/app.json")))
    try FileManager.default.removeItem(atPath: scratch.file("gen/app.json"))
    let linked = try FileState(scratch.file("gen/app.bpf.o"))
    func check(_ words: String...) throws -> Shell.Result {
      usleep(20_000)
      return try Shell.run(
        "/usr/bin/env",
        ["-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "-v", "--graph", "bpfgen.json"] + words)
    }
    let step = try check("--state", "state", "--stamp", "stamp", "--depfile", "stamp.d").checked()
    #expect(
      tasks(step) == Self.kernels.union(Self.checks).subtracting(["link app"]))
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file("gen/app.json"))) == report)
    #expect(try FileState(scratch.file("gen/app.bpf.o")) == linked)
    let read = Set(try String(contentsOfFile: scratch.file("stamp.d"), encoding: .utf8).split { " \\\n".contains($0) })
    for path in ["stamp:", "bpfgen.json", "gen/app.bpf.o", "in/second.bpf.o", "kernels/5.10.0-1.btf", "kernels"] {
      #expect(read.contains { $0 == path || $0 == path + "/" }, "\(path) in \(read)")
    }
    #expect(tasks(try check("--state", "state").checked()) == [])

    try kernel("5.4.0-1", "int count;")
    let stamp = try FileState(scratch.file("stamp"))
    let failed = try check("--state", "state", "--stamp", "stamp")
    #expect(failed.status == .exited(1) && failed.stderr.contains("1 of 3 kernels cannot load this object"))
    #expect(try FileState(scratch.file("stamp")) == stamp)
    for words in [[], ["--state", "state", "in/second.bpf.o"], ["--state", "state", "--btf", "kernels"]] {
      let wrong = try Shell.run(
        "/usr/bin/env",
        ["-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "--graph", "bpfgen.json"] + words)
      #expect(wrong.status == .exited(2) && wrong.stderr.contains("'--graph' "), "\(words)")
    }
  }

  @Test(
    "objects that cannot be read are one error each, and the others are checked; when they are fixed, no kernel is read twice"
  )
  func brokenObject() throws {
    // A source, one that is linked, and one that is not there.
    _ = try scratch.write(
      """
      { "bpfgen": 1,
        "objects":       { "first": "in/first.bpf.o", "second": "in/second.bpf.o", "gone": "in/gone.bpf.o" },
        "finals":        { "app": { "inputs": ["first"], "output": "gen/app.bpf.o" } },
        "skeletons":     [ { "of": "first", "header": "gen/first.h" } ],
        "kernels":       { "all": "kernels" },
        "kernel_checks": [ { "of": "first" }, { "of": "app" }, { "of": "second", "report": "gen/second.json" }, { "of": "gone" } ] }
      """, to: "bpfgen.json")
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.file("in/first.bpf.o")))
    _ = try scratch.write("no object", to: "in/first.bpf.o")
    let failed = try run("-k", "0")
    #expect(failed.status == .exited(1))
    #expect(errors(failed).count == 2, "\(failed.stderr)")
    #expect(errors(failed).contains { $0.contains("in/first.bpf.o: error: not an ELF file") })
    #expect(failed.stderr.contains("gone.bpf.o"))
    #expect(FileManager.default.fileExists(atPath: scratch.file("gen/second.json")))
    #expect(tasks(failed).isSuperset(of: Self.kernels.union(["check-kernels gen/second.json"])))
    #expect(tasks(try run("-k", "0")).isDisjoint(with: Self.kernels), "what kernels answered is kept")

    // A kernel that cannot load the readable one is its error.
    try kernel("5.4.0-1", "int count;")
    let more = try run("-k", "0")
    #expect(errors(more).contains { $0.contains("in/second.bpf.o: error: 1 of 3 kernels cannot load this object") })
    try FileManager.default.removeItem(atPath: scratch.file("kernels/5.4.0-1.btf"))

    try whole.write(to: URL(fileURLWithPath: scratch.file("in/first.bpf.o")))
    try compile("gone", field: "count")
    let repaired = try run("-k", "0").checked()
    #expect(tasks(repaired).isSuperset(of: Self.kernels.union(["check-kernels first", "check-kernels app"])))
    #expect(try build() == [])
    // Broken and fixed again without another change: no kernel is read.
    _ = try scratch.write("no object", to: "in/first.bpf.o")
    #expect(tasks(try run("-k", "0")).isDisjoint(with: Self.kernels))
    try whole.write(to: URL(fileURLWithPath: scratch.file("in/first.bpf.o")))
    #expect(try build().isDisjoint(with: Self.kernels))
  }
}
