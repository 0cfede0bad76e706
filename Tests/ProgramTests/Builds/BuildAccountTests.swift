import Foundation
import Testing

@testable import TestSupport

/// What a build reports about itself: why, when, how long, from what.
@Suite("A build accounts for what it did", .runsTools)
struct BuildAccountTests {
  private let scratch: Scratch
  private let file: String

  /// Two objects `a` and `b`, a skeleton with its payload of the one, and one that holds its bytes of the other.
  init() throws {
    scratch = try Scratch()
    for name in ["a", "b"] { try Self.compile(name, scratch) }
    let graph = """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o", "b": "b.bpf.o" },
        "skeletons": [ { "of": "a", "header": "gen/a.skel.h", "payload": "gen/a.skel.o" },
                       { "of": "b", "header": "gen/b.skel.h" } ] }
      """
    file = try scratch.write(graph, to: "bpfgen.json")
  }

  private static func compile(_ name: String, type: String = "int", value: Int = 1, _ scratch: Scratch) throws {
    let source = """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      \(type) counter_\(name) = 1;
      SEC("raw_tracepoint") int prog(void *ctx) { return counter_\(name) + \(value); }
      char LICENSE[] SEC("license") = "GPL";
      """
    _ = try BPFCompiler.compile(source, named: name, in: scratch)
  }

  private func bpfgen(_ command: String, _ more: String...) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), [command, "-f", file] + more)
  }

  /// The lines about one task of `why`'s answer, label by label.
  private func why(_ task: String, _ node: String) throws -> [String: String] {
    let lines = try bpfgen("why", node).checked().stdout.split(separator: "\n").map(String.init)
    var rows: [String: String] = [:]
    let start = try #require(lines.firstIndex { $0.hasPrefix(task) }, "\(lines)")
    for line in lines[(start + 1)...].prefix(while: { $0.hasPrefix("    ") }) {
      rows[String(line.dropFirst(4).prefix(10))] = String(line.dropFirst(17))
    }
    return rows
  }

  @Test("why reports the last decision about an output, the one before, and the next one")
  func why() throws {
    let header = scratch.file("gen/a.skel.h")
    #expect(try why("header", header)["last build"] == "not recorded")
    try bpfgen("build").checked()
    #expect(try why("header", header)["last build"] == "ran for the first time")
    #expect(try why("header", header)["next build"] == "up to date")

    try Self.compile("a", value: 2, scratch)
    #expect(try why("inspect", "a")["next build"]?.hasSuffix("a.bpf.o' changed") == true)
    try bpfgen("build").checked()
    #expect(try why("header", header)["last build"]?.hasPrefix("kept") == true)
    #expect(try why("header", header)["before tha"] == "1 build ago: ran for the first time")
    #expect(try why("payload", "a")["last build"]?.hasSuffix("a.bpf.o' changed") == true)
    #expect(try why("payload", "a")["details   "] == nil)

    try Self.compile("a", type: "long", scratch)
    try bpfgen("build").checked()
    #expect(try why("header", header)["last build"] == "ran: the exported layout of a changed")
    let details = "'bpfgen diff OLD \(scratch.file("a.bpf.o"))' lists what changed since an object OLD"
    #expect(try why("header", header)["details   "] == details)

    _ = try scratch.write(String(contentsOfFile: header, encoding: .utf8) + "edited", to: "gen/a.skel.h")
    #expect(try why("header", header)["next build"] == "would run: '\(header)' was edited")
    try FileManager.default.removeItem(atPath: header)
    #expect(try why("header", header)["next build"] == "would run: '\(header)' was missing")

    _ = try scratch.write("no object", to: "a.bpf.o")
    #expect(try bpfgen("build").status == .exited(1))
    #expect(try why("inspect", "a")["last build"]?.hasPrefix("failed") == true)
    #expect(try why("header", header)["last build"]?.hasPrefix("skipped") == true)
    #expect(try why("header", scratch.file("gen/b.skel.h"))["last build"]?.hasPrefix("kept") == true)
  }

  @Test("why reports a changed contract of a library and its final, and not as a changed layout")
  func whyContract() throws {
    let graph = """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o" },
        "finals": { "app": { "inputs": ["a"], "output": "gen/app.bpf.o" } },
        "subskeletons": [ { "of": "a", "header": "gen/a.subskel.h" } ],
        "skeletons": [ { "of": "app", "header": "gen/app.skel.h" } ] }
      """
    _ = try scratch.write(graph, to: "bpfgen.json")
    try bpfgen("build").checked()
    try Self.compile("a", type: "long", scratch)
    let explained = try bpfgen("build", "--explain").checked().stdout
    #expect(explained.contains("check a in app: the contract of a changed\n"), "\(explained)")
    #expect(explained.contains("a.subskel.h: the exported layout of a changed\n"), "\(explained)")
  }

  @Test("why for a part that was not in the last build, and for an unknown name")
  func whyOther() throws {
    try bpfgen("build").checked()
    try bpfgen("build", "b").checked()
    #expect(try why("payload", "a")["last build"] == "not part of the build")
    let unknown = try bpfgen("why", scratch.file("gen/a.skel.hh"))
    #expect(unknown.status == .exited(2))
    #expect(unknown.stderr.contains("did you mean '\(scratch.file("gen/a.skel.h"))'?"))
  }

  @Test("why accepts a source's path, and the last part of an unambiguous path")
  func whyByFile() throws {
    try bpfgen("build").checked()
    #expect(try why("inspect", scratch.file("a.bpf.o"))["next build"] == "up to date")
    #expect(try why("payload", "a.bpf.o")["next build"] == "up to date")
    #expect(try why("header", "a.skel.h")["next build"] == "up to date")
    #expect(try bpfgen("query", "outputs", "a.bpf.o").checked().stdout == scratch.file("gen/a.skel.o") + "\n")
    let part = try bpfgen("why", "gen")
    #expect(part.status == .exited(2) && part.stderr.contains("nothing in the graph is named 'gen'"))
  }

  @Test("--depfile lists all sources and the graph file, for the stamp or for the outputs, as make reads it")
  func depfile() throws {
    try bpfgen("build", "--depfile", scratch.file("d"), "--stamp", scratch.file("s")).checked()
    let text = try String(contentsOfFile: scratch.file("d"), encoding: .utf8)
    for leaf in ["a.bpf.o", "b.bpf.o", "bpfgen.json"] { #expect(text.contains(" \(scratch.file(leaf)) \\\n")) }
    #expect(text.hasPrefix("\(scratch.file("s")):"))

    _ = try scratch.write(
      "all: s\ns: ; echo ran; \(try Toolchain.bpfgen()) build -q --depfile d --stamp s\n-include d\n", to: "Makefile")
    let make = { try Shell.run("/usr/bin/env", ["make", "-s", "-C", scratch.path]).checked().stdout }
    // make compares names as texts: its own first run writes the depfile for the stamp as it calls it.
    try FileManager.default.removeItem(atPath: scratch.file("s"))
    #expect(try make() == "ran\n")
    #expect(try make() == "")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 10)], ofItemAtPath: scratch.file("b.bpf.o"))
    #expect(try make() == "ran\n")

    // Without a stamp the rule is for the outputs; of one target, for its own.
    try bpfgen("build", "--depfile", scratch.file("d"), "b").checked()
    let targets = try String(contentsOfFile: scratch.file("d"), encoding: .utf8).prefix { $0 != ":" }
    #expect(targets == scratch.file("gen/b.skel.h"))
  }

  @Test("--trace can be read by Chrome's trace viewer: one bar per task, with its worker")
  func trace() throws {
    try bpfgen("build", "--trace", scratch.file("t.json"), "-j", "2").checked()
    let data = try Data(contentsOf: URL(fileURLWithPath: scratch.file("t.json")))
    let trace = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    #expect(Set(events.compactMap { $0["cat"] as? String }) == ["inspect", "header", "payload"])
    #expect(events.count == 5)
    for event in events {
      #expect(event["ph"] as? String == "X")
      #expect((0..<2).contains(event["tid"] as? Int ?? -1))
      #expect((event["ts"] as? Double ?? -1) >= 0 && (event["dur"] as? Double ?? -1) > 0)
      #expect((event["args"] as? [String: Any])?["reason"] as? String == "it has not run before")
    }
  }

  @Test("a path is escaped in the trace and in JSON answers, whatever it contains")
  func hostilePaths() throws {
    let names = ["a\"}]}, {\"x\": \"", "back\\slash\\", "<script><b>", "größe\u{2028}", "$(x) `y` %s"]
    let headers = names.map { "gen/\($0).h" }
    let graph: [String: Any] = [
      "bpfgen": 1, "objects": ["a": "a.bpf.o"],
      "skeletons": headers.enumerated().map { ["of": "a", "header": $1, "name": "a\($0)"] },
    ]
    try JSONSerialization.data(withJSONObject: graph).write(to: URL(fileURLWithPath: file))
    try bpfgen("build", "--trace", scratch.file("t.json")).checked()
    let data = try Data(contentsOf: URL(fileURLWithPath: scratch.file("t.json")))
    let trace = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    #expect(Set(events.compactMap { $0["name"] as? String }) == Set(headers.map { "header \($0)" } + ["inspect a"]))
    let answer = try bpfgen("query", "outputs", "a", "--transitive", "--format", "json").checked().stdout
    let outputs = try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String])
    #expect(Set(outputs) == Set(headers.map(scratch.file)))
  }

  @Test("--stats counts tasks, files, bytes and the time of each kind of work")
  func statistics() throws {
    let first = try bpfgen("build", "--stats").checked().stdout
    #expect(first.contains("tasks   5 ran, 0 kept, 0 failed, 0 skipped\n"))
    #expect(first.contains("files   3 written\n"))
    for phase in ["time", "stat", "hash", "open", "emit", "write"] { #expect(first.contains("\n    \(phase) ")) }
    let outputs = try ["a.skel.h", "a.skel.o", "b.skel.h"].map {
      try Data(contentsOf: URL(fileURLWithPath: scratch.file("gen/\($0)"))).count
    }
    #expect(first.contains("read, \(outputs.reduce(0, +)) written\n"))
    let second = try bpfgen("build", "--stats").checked().stdout
    #expect(second.contains("tasks   0 ran, 5 kept, 0 failed, 0 skipped\n"))
    #expect(second.contains("bytes   0 read, 0 written\n"))
  }

  @Test(
    "a terminal shows one live line with counts, which is removed at the end; -q shows nothing",
    arguments: [true, false])
  func statusLine(_ isQuiet: Bool) throws {
    let command = "'\(try Toolchain.bpfgen())' build -f '\(file)'" + (isQuiet ? " -q" : "")
    let shown = try Shell.run("/usr/bin/env", ["TERM=xterm", "script", "-qec", command, "/dev/null"]).checked().stdout
    guard !isQuiet else { return #expect(shown.isEmpty) }
    #expect(shown.contains("[0/5] inspect a"))
    // The last thing before the summary clears the line.
    #expect(shown.contains("\r\u{1b}[Kbpfgen: 5 ran, 0 kept, 3 files written"))
    #expect(!shown.dropLast(2).contains("\n"))
  }

  @Test("a status line that a narrower terminal wraps is removed from all its rows")
  func resizedTerminal() throws {
    let project = try ManyCopies(objects: 200)
    let graph = project.scratch.file("bpfgen.json")
    // The terminal becomes narrower several times during the build, each time with a line of the other width on it.
    let command = """
      '\(try Toolchain.bpfgen())' build -j 1 -f '\(graph)' & build=$!
      while kill -0 $build; do stty cols 200; sleep 0.1; stty cols 10; sleep 0.1; done 2>/dev/null
      wait $build
      """
    let shown = try Shell.run(
      "/usr/bin/env", ["-u", "XTERM_VERSION", "TERM=xterm", "script", "-qec", command, "/dev/null"]
    ).checked().stdout
    #expect(shown.contains("\r\u{1b}[K\u{1b}[A\u{1b}[K"), "\(shown)")
    #expect(shown.contains("\u{1b}[Kbpfgen: "), "\(shown)")
  }

  @Test("a terminal without escape sequences gets neither a status line nor colors")
  func dumbTerminal() throws {
    _ = try scratch.write("no object", to: "b.bpf.o")
    let build = "'\(try Toolchain.bpfgen())' build -f '\(file)'"
    let show = { (terminal: String) in
      try Shell.run("/usr/bin/env", ["TERM=\(terminal)", "script", "-qec", build, "/dev/null"]).stdout
    }
    #expect(try show("xterm").contains("\u{1b}[K"))
    let plain = try show("dumb")
    #expect(!plain.contains("\u{1b}") && plain.contains("b.bpf.o: error: "))
  }

  @Test("a dry run reports what would run, runs nothing, and records nothing")
  func dryRun() throws {
    let dry = try bpfgen("build", "-n", "--explain").checked().stdout
    let lines = ["inspect a", "inspect b"].map { "would run: \($0): it has not run before\n" }.joined()
    #expect(dry == lines + "bpfgen: 2 would run, up to 3 more, depending on their results\n")
    #expect(!FileManager.default.fileExists(atPath: scratch.file("gen")))
    #expect(try why("header", scratch.file("gen/a.skel.h"))["last build"] == "not recorded")
  }
}
