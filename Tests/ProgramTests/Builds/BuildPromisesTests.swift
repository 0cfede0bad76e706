import BPF
import Files
import Foundation
import Testing

@testable import TestSupport

/// Builds with unusual spellings, symbolic links and targets.
@Suite("A build is the same from everywhere, and keeps its hands off what is not its own", .runsTools)
struct BuildPromisesTests {
  private let scratch: Scratch

  /// A library in a final, both with headers, and an object that is only linked.
  init() throws {
    scratch = try Scratch()
    for name in ["lib", "main"] { try Self.compile(name, scratch) }
    try write(payload: "gen/app.skel.o")
  }

  private static func compile(_ name: String, type: String = "int", _ scratch: Scratch) throws {
    let source = """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      \(type) counter_\(name) = 1;
      SEC("raw_tracepoint") int prog_\(name)(void *ctx) { return counter_\(name); }
      char LICENSE_\(name)[] SEC("license") = "GPL";
      """
    _ = try BPFCompiler.compile(source, named: name, in: scratch)
  }

  private func write(payload: String, final: String = "gen/app.bpf.o", header: String = "gen/app.skel.h") throws {
    let graph = """
      { "bpfgen": 1, "objects": { "lib": "lib.bpf.o", "main": "main.bpf.o" },
        "libraries": { "thelib": { "inputs": ["lib"], "output": "gen/thelib.bpf.o" } },
        "finals": { "app": { "inputs": ["main", "thelib"], "output": "\(final)" } },
        "skeletons": [ { "of": "app", "header": "\(header)", "payload": "\(payload)" } ],
        "subskeletons": [ { "of": "thelib", "header": "gen/lib.subskel.h" } ] }
      """
    _ = try scratch.write(graph, to: "bpfgen.json")
  }

  private func bpfgen(from folder: String? = nil, _ words: String...) throws -> Shell.Result {
    try Shell.run(
      "/usr/bin/env", ["-C", folder ?? scratch.path, "timeout", "20", try Toolchain.bpfgen()] + words)
  }

  @Test("another spelling of the graph file's path is the same graph")
  func spellings() throws {
    try bpfgen("build").checked()
    let parent = (scratch.path as NSString).deletingLastPathComponent
    let name = (scratch.path as NSString).lastPathComponent
    for (folder, words) in [
      (scratch.path, ["-f", scratch.file("bpfgen.json")]), (scratch.file("gen"), ["-f", "../bpfgen.json"]),
      (parent, ["-f", "\(name)/bpfgen.json"]), (parent, ["-C", name]),
    ] {
      let build = try Shell.run("/usr/bin/env", ["-C", folder, try Toolchain.bpfgen(), "build"] + words).checked()
      #expect(build.stdout == "bpfgen: nothing to do (8 tasks)\n", "\(folder) \(words)")
    }
    for output in ["gen/app.skel.h", scratch.file("gen/app.skel.h")] {
      #expect(try bpfgen("why", output).checked().stdout.contains("kept: "), "\(output)")
    }
    let below = try bpfgen(from: scratch.file("gen"), "why", "-f", "../bpfgen.json", "app.skel.h").checked().stdout
    #expect(below.contains("kept: "))
  }

  @Test("a tree that is copied with its state is up to date at its new path")
  func copied() throws {
    try bpfgen("build").checked()
    let copy = try Scratch()
    try Shell.run("/usr/bin/env", ["cp", "-a", scratch.path + "/.", copy.path]).checked()
    // Its files are other files, so they are read; what they hold is the same.
    #expect(try bpfgen(from: copy.path, "build").checked().stdout == "bpfgen: nothing to do (8 tasks)\n")
  }

  @Test("an object that is only linked can be a target")
  func objectName() throws {
    try bpfgen("build").checked()
    try Self.compile("main", type: "long", scratch)
    #expect(try bpfgen("query", "rdeps", "main").checked().stdout == "link app\n")
    #expect(try bpfgen("why", "main").checked().stdout.contains("would run: 'main.bpf.o' changed"))
    #expect(try bpfgen("build", "main").checked().stdout.contains("files written"))
    #expect(try bpfgen("build").checked().stdout.contains("nothing to do"))
  }

  @Test("a C payload changes when its object gets another path")
  func movedObject() throws {
    try write(payload: "gen/app.skel.c")
    try bpfgen("build").checked()
    try write(payload: "gen/app.skel.c", final: "gen/other.bpf.o")
    try bpfgen("build").checked()
    let payload = try String(contentsOfFile: scratch.file("gen/app.skel.c"), encoding: .utf8)
    #expect(payload.contains("other.bpf.o") && !payload.contains("app.bpf.o"))
  }

  @Test("--no-check and back again runs only what changed")
  func noCheck() throws {
    try bpfgen("build").checked()
    #expect(try bpfgen("build", "--no-check").checked().stdout == "bpfgen: nothing to do (7 tasks)\n")
    #expect(try bpfgen("build").checked().stdout == "bpfgen: nothing to do (8 tasks)\n")
  }

  @Test("a final is checked against its libraries even if only a part of it is requested")
  func targetIsChecked() throws {
    try bpfgen("build").checked()
    // The library's own header is another part; the check only needs its inspection.
    let dry = try bpfgen("build", "-n", "gen/app.skel.h").checked().stdout
    #expect(dry == "bpfgen: nothing to do (6 tasks)\n")
    #expect(try bpfgen("build", "-n", "--no-check", "gen/app.skel.h").checked().stdout.contains("(4 tasks)"))
  }

  @Test(
    "a link in an output's place is replaced, and what it leads to is left alone",
    arguments: ["main.bpf.o", "bpfgen.json"])
  func link(_ target: String) throws {
    try bpfgen("build").checked()
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.file(target)))
    let header = scratch.file("gen/app.skel.h")
    let wanted = try Data(contentsOf: URL(fileURLWithPath: header))
    try FileManager.default.removeItem(atPath: header)
    try FileManager.default.createSymbolicLink(atPath: header, withDestinationPath: "../\(target)")
    try bpfgen("build").checked()
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file(target))) == before)
    #expect(try Data(contentsOf: URL(fileURLWithPath: header)) == wanted)
    #expect(try bpfgen("build").checked().stdout.contains("nothing to do"))
  }

  @Test("a pipe at an output's path is refused without waiting")
  func pipe() throws {
    try FileManager.default.createDirectory(atPath: scratch.file("gen"), withIntermediateDirectories: true)
    mkfifo(scratch.file("gen/app.skel.h"), 0o644)
    let build = try bpfgen("build")
    #expect(build.status == .exited(1))
    #expect(build.stderr.contains("gen/app.skel.h"))
  }

  @Test(
    "nothing is written over what is read or made",
    arguments: [["--depfile", "bpfgen.json"], ["--trace", "main.bpf.o"], ["--stamp", "gen/app.skel.h"]])
  func overInputs(_ words: [String]) throws {
    try bpfgen("build").checked()
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.file(words[1])))
    #expect(try bpfgen("build", words[0], words[1]).status == .exited(2))
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file(words[1]))) == before)
  }

  @Test("an output in the folder of the state is refused")
  func stateFolder() throws {
    try write(payload: "gen/app.skel.o", header: ".bpfgen/bpfgen.json.state")
    let build = try bpfgen("build")
    #expect(build.status == .exited(2))
    #expect(build.stderr.contains("bpfgen.json:4:"))
  }

  @Test("missing objects are reported up to the limit of -k")
  func missing() throws {
    let graph = """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o", "b": "b.bpf.o" },
        "skeletons": [ { "of": "a", "header": "gen/a.skel.h" }, { "of": "b", "header": "gen/b.skel.h" } ] }
      """
    _ = try scratch.write(graph, to: "bpfgen.json")
    #expect(try bpfgen("build").stderr.components(separatedBy: "and no step makes it").count == 2)
    #expect(try bpfgen("build", "-k", "0").stderr.components(separatedBy: "and no step makes it").count == 3)
  }

  @Test("the linker gets the bytes that were checked, whatever is at their paths by then")
  func linkedBytes() throws {
    let files = try ["main.bpf.o", "lib.bpf.o"].map { try FileContent(path: scratch.file($0)) }
    let linked = try StaticLinker.link(files.map { ($0.path, $0.bytes) })
    // A compiler begins to write again.
    for file in files { truncate(file.path, 100) }
    #expect(try StaticLinker.link(files.map { ($0.path, $0.bytes) }) == linked)
  }
}
