import Foundation
import Testing

@testable import TestSupport

/// `bpfgen build` as a user runs it: real objects, the binary.
@Suite("bpfgen build", .runsTools)
struct BuildCommandTests {
  @Test("two builds in one folder: the second waits, and finds nothing left to do")
  func twoAtOnce() throws {
    let project = try ManyCopies(objects: 200)
    let results = try Parallel.map([1, 2, 3]) { _ in try project.build().checked().stdout }
    #expect(results.filter { $0.contains("nothing to do") }.count == 2, "\(results)")
    #expect(try project.outputs().count == 600)
  }

  /// Has the lock while a command begins to wait for it, then removes the folder of the state, as clean does.
  private static let removedMeanwhile = """
    cd "$2" && mkdir -p .bpfgen && exec 9>.bpfgen/lock && flock 9
    "$1" "$3" 9>&- 2>words &
    until grep -q waiting words; do sleep 0.05; done
    rm -r .bpfgen
    exec 9>&-
    wait $!
    """

  @Test(
    "a command that waited for a build enters the folder, even if it was removed meanwhile",
    arguments: ["build", "clean"])
  func removedMeanwhile(_ command: String) throws {
    let project = try ManyCopies(objects: 20)
    if command == "clean" { try project.build().checked() }
    let result = try Shell.run(
      "/bin/sh", ["-c", Self.removedMeanwhile, "sh", Toolchain.bpfgen(), project.scratch.path, command]
    ).checked()
    if command == "build" {
      #expect(result.stdout.contains("\(project.outputCount) files written"))
      #expect(try project.stateFiles() == ManyCopies.quietStateFiles)
      #expect(try project.build().checked().ranCount == 0)
    } else {
      #expect(try project.outputs().isEmpty)
      #expect(access(project.scratch.file(".bpfgen"), F_OK) != 0)
    }
  }

  @Test("two graph files in one folder are two graphs")
  func twoFiles() throws {
    let project = try ManyCopies(objects: 2)
    let other = """
      { "bpfgen": 1, "objects": { "o1": "o1.bpf.o" }, "skeletons": [ { "of": "o1", "header": "other/o1.h" } ] }
      """
    _ = try project.scratch.write(other, to: "other.json")
    func build(_ file: String) throws -> String {
      try Shell.run(
        Toolchain.bpfgen(), ["build", "-v", "-C", project.scratch.path, "-f", file]
      ).checked().stdout
    }
    _ = try build("bpfgen.json")
    #expect(try build("other.json").contains("header other/o1.h"))
    for file in ["bpfgen.json", "other.json"] { #expect(try build(file).contains("nothing to do")) }

    func clean(_ file: String) throws {
      try Shell.run(Toolchain.bpfgen(), ["clean", "-C", project.scratch.path, "-f", file]).checked()
    }
    try clean("other.json")
    #expect(try project.stateFiles() == ManyCopies.quietStateFiles)
    #expect(try build("bpfgen.json").contains("nothing to do"))
    try clean("bpfgen.json")
    #expect(access(project.scratch.file(".bpfgen"), F_OK) != 0)
  }

  @Test("a second run opens no input and no output")
  func opensNothing() throws {
    let project = try ManyCopies(objects: 20)
    try project.build().checked()
    let trace = try Shell.run(
      "/usr/bin/env",
      ["strace", "-f", "-e", "trace=openat,open", Toolchain.bpfgen(), "build", "-C", project.scratch.path]
    ).checked()
    let opened = trace.stderr.split(separator: "\n").filter {
      $0.contains(".bpf.o\"") || $0.contains(".skel.") || $0.contains(".subskel.")
    }
    #expect(opened.isEmpty, "\(opened)")
  }

  /// Without strace, 10 to 11: 3 are libbpf's. Traced, a build is too slow to see that the file system's stamps are fine,
  /// and reads each output again, which takes 5.
  @Test("a first build makes at most 18 system calls per output")
  func callsPerOutput() throws {
    let project = try ManyCopies(objects: 100)
    let trace = try Shell.run(
      "/usr/bin/env",
      ["strace", "-f", "-c", "-U", "name,calls", Toolchain.bpfgen(), "build", "-C", project.scratch.path]
    ).checked()
    let counts = trace.stderr.split(separator: "\n").compactMap { line -> (name: Substring, calls: Int)? in
      let words = line.split(separator: " ")
      guard words.count == 2, let calls = Int(words[1]) else { return nil }
      return (words[0], calls)
    }
    let total = try #require(counts.first { $0.name == "total" }).calls
    #expect(total > 3 * project.outputCount)
    #expect(total <= 18 * project.outputCount, "\(trace.stderr)")
  }

  @Test(
    "without a state a build asks nothing of earlier ones, leaves nothing to later ones, and says what it did not read")
  func stateless() throws {
    let project = try ManyCopies(objects: 3)
    let bpfgen = try Toolchain.bpfgen()
    let declared = try project.scratch.write("./o1.bpf.o\nunread\no2.bpf.o\n", to: "declared")
    _ = try project.scratch.write("", to: "unread")
    let list = project.scratch.file("unused")
    let words = [
      "-C", project.scratch.path, bpfgen, "build", "--no-state", "--declared-inputs=\(declared)",
      "--unused-inputs-list",
      list,
    ]
    for _ in 0..<2 {
      let run = try Shell.run("/usr/bin/env", words).checked()
      #expect(!run.stdout.contains("nothing to do"))
      #expect(try String(contentsOfFile: list, encoding: .utf8) == "unread\n")
    }
    let made = try project.outputs()
    let entries = try FileManager.default.contentsOfDirectory(atPath: project.scratch.path)
    #expect(!entries.contains(".bpfgen") && !entries.contains { $0.contains(".tmp") }, "\(entries)")
    try project.build().checked()
    #expect(try project.outputs() == made)

    let half = try Shell.run("/usr/bin/env", words.dropLast(2))
    #expect(half.status == .exited(2) && half.stderr.contains("must be used together"))
  }

  @Test("errors of several tasks are in the order of the graph, whatever the number of jobs")
  func order() throws {
    let project = try ManyCopies(objects: 30)
    for number in [3, 7, 21] { _ = try project.scratch.write("no object", to: "o\(number).bpf.o") }
    let one = try project.build("-k", "0", "-j", "1")
    let many = try project.build("-k", "0", "-j", "16")
    #expect(one.status == .exited(1) && many.status == .exited(1))
    #expect(one.stderr == many.stderr)
    #expect(one.stderr.components(separatedBy: "not an ELF file").count == 4)
  }

  @Test("check compares what is on disk, query reports what needs what, clean removes what was made")
  func otherCommands() throws {
    let scratch = try Scratch()
    let prelude = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
    func library(_ member: String) -> String {
      prelude + "struct limits { int low; \(member); };\nstruct limits limits = { 1, 2 };\n"
    }
    let main =
      prelude
      + "SEC(\"raw_tracepoint\") int prog(void *ctx) { return 0; }\nchar LICENSE[] SEC(\"license\") = \"GPL\";\n"
    _ = try BPFCompiler.compile(library("int high"), named: "lib", in: scratch)
    _ = try BPFCompiler.compile(main, named: "main", in: scratch)
    let graph = """
      { "bpfgen": 1, "objects": { "lib": "lib.bpf.o", "main": "main.bpf.o" },
        "libraries": { "thelib": { "inputs": ["lib"], "output": "gen/thelib.bpf.o" } },
        "finals": { "app": { "inputs": ["main", "thelib"], "output": "gen/app.bpf.o" } },
        "subskeletons": [ { "of": "thelib", "header": "gen/lib.subskel.h" } ] }
      """
    let file = try scratch.write(graph, to: "bpfgen.json")
    let bpfgen = try Toolchain.bpfgen()
    let early = try Shell.run(bpfgen, ["check", "-C", scratch.path])
    #expect(early.status == .exited(1))
    #expect(
      early.stderr.hasPrefix("gen/thelib.bpf.o: error: is not built yet, and neither is 'gen/app.bpf.o'\n"), "\(early)")
    #expect(early.stderr.contains("run `bpfgen build`") && early.stderr.components(separatedBy: "error:").count == 2)
    try Shell.run(bpfgen, ["build", "-C", scratch.path]).checked()
    try Shell.run(bpfgen, ["check", "-f", file]).checked()

    // Another library of the same size replaces the linked one: the member that differs is named.
    let other = try BPFCompiler.compile(library("float high"), named: "other", in: scratch)
    try Shell.run(bpfgen, ["link", "-o", scratch.file("gen/thelib.bpf.o"), other]).checked()
    let check = try Shell.run(bpfgen, ["check", "-f", file])
    #expect(check.status == .exited(1))
    for words in ["gen/app.bpf.o: error:", "gen/thelib.bpf.o", "'limits'", "high", "float", "int"] {
      #expect(check.stderr.contains(words), "\(words) in \(check.stderr)")
    }

    let inputs = try Shell.run(bpfgen, ["query", "inputs", "app", "-f", file, "--transitive"]).checked().stdout
    #expect(
      inputs.split(separator: "\n").map { $0.split(separator: "/").last! } == [
        "thelib.bpf.o", "lib.bpf.o", "main.bpf.o",
      ])
    let needs = try Shell.run(bpfgen, ["query", "rdeps", "thelib", "-f", file, "--format", "json"]).checked().stdout
    let parsed = try JSONSerialization.jsonObject(with: Data(needs.utf8)) as? [String]
    #expect(parsed == ["inspect thelib", "link app"])

    _ = try scratch.write("mine", to: "gen/mine")
    try Shell.run(bpfgen, ["clean", "-f", file]).checked()
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("gen")) == ["mine"])
    #expect(!FileManager.default.fileExists(atPath: scratch.file(".bpfgen")))
  }
}
