import Foundation
import Testing

/// `bpfgen build` as a user runs it: real objects, the binary, killed and crowded.
@Suite("bpfgen build")
struct BuildCommandTests {
  /// One object for all projects: its debug information names the folder in which it was compiled.
  private static let object: Result<Data, any Error> = Result {
    let scratch = try Scratch()
    let source = """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      int counter = 1;
      SEC("raw_tracepoint") int prog(void *ctx) { return counter; }
      char LICENSE[] SEC("license") = "GPL";
      """
    return try Data(contentsOf: URL(fileURLWithPath: BPFCompiler.compile(source, named: "x", in: scratch)))
  }

  /// A project of many copies of two small objects, skeletons with payloads and subskeletons.
  private static func project(objects: Int) throws -> Scratch {
    let scratch = try Scratch()
    let object = try Self.object.get()
    var names: [String] = []
    var skeletons: [String] = []
    var subskeletons: [String] = []
    for number in 0..<objects {
      try object.write(to: URL(fileURLWithPath: scratch.file("o\(number).bpf.o")))
      names.append("\"o\(number)\": \"o\(number).bpf.o\"")
      skeletons.append(
        "{ \"of\": \"o\(number)\", \"header\": \"gen/o\(number).skel.h\", \"payload\": \"gen/o\(number).skel.o\" }")
      subskeletons.append("{ \"of\": \"o\(number)\", \"header\": \"gen/o\(number).subskel.h\" }")
    }
    let text = """
      { "bpfgen": 1, "objects": { \(names.joined(separator: ",\n")) },
        "skeletons": [ \(skeletons.joined(separator: ",\n")) ],
        "subskeletons": [ \(subskeletons.joined(separator: ",\n")) ] }
      """
    _ = try scratch.write(text, to: "bpfgen.json")
    return scratch
  }

  private static func build(_ scratch: Scratch, _ more: String...) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), ["build", "-C", scratch.path] + more)
  }

  private static func outputs(_ scratch: Scratch) throws -> [String: Data] {
    var found: [String: Data] = [:]
    let folder = scratch.file("gen")
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      found[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    return found
  }

  @Test("killed at any moment: the next run makes all outputs right and leaves nothing lying about")
  func killed() throws {
    let wanted = try Self.project(objects: 60)
    try Self.build(wanted).checked()
    let clean = try Self.outputs(wanted)
    #expect(clean.count == 180)

    let scratch = try Self.project(objects: 60)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      try? FileManager.default.removeItem(atPath: scratch.file("gen"))
      if Bool.random(using: &random) { try? FileManager.default.removeItem(atPath: scratch.file(".bpfgen")) }
      // A whole build takes some 60 ms here.
      let delay = Double.random(in: 0.001...0.06, using: &random)
      _ = try Shell.run(
        "/usr/bin/env", ["timeout", "-s", "KILL", "\(delay)", Toolchain.bpfgen(), "build", "-q", "-C", scratch.path])
      try Self.build(scratch, "-q").checked()
      let outputs = try Self.outputs(scratch)
      let wrong = clean.filter { outputs[$0.key] != $0.value }.keys.sorted()
      #expect(wrong.isEmpty && outputs.count == clean.count, "after \(delay) s")
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file(".bpfgen/tmp")).isEmpty)
      #expect(try Self.build(scratch).checked().stdout.contains("nothing to do"))
    }
  }

  @Test("two builds in one folder: the second waits, and finds nothing left to do")
  func twoAtOnce() throws {
    let scratch = try Self.project(objects: 200)
    let results = try Parallel.map([1, 2, 3]) { _ in try Self.build(scratch).checked().stdout }
    #expect(results.filter { $0.contains("nothing to do") }.count == 2, "\(results)")
    #expect(try Self.outputs(scratch).count == 600)
  }

  @Test("a second run opens no input and no output")
  func opensNothing() throws {
    let scratch = try Self.project(objects: 20)
    try Self.build(scratch).checked()
    let trace = try Shell.run(
      "/usr/bin/env",
      ["strace", "-f", "-e", "trace=openat,open", Toolchain.bpfgen(), "build", "-C", scratch.path]
    ).checked()
    let opened = trace.stderr.split(separator: "\n").filter {
      $0.contains(".bpf.o\"") || $0.contains(".skel.") || $0.contains(".subskel.")
    }
    #expect(opened.isEmpty, "\(opened)")
  }

  @Test("errors of several tasks come in the order of the graph, whatever the number of jobs")
  func order() throws {
    let scratch = try Self.project(objects: 30)
    for number in [3, 7, 21] { _ = try scratch.write("no object", to: "o\(number).bpf.o") }
    let one = try Self.build(scratch, "-k", "0", "-j", "1")
    let many = try Self.build(scratch, "-k", "0", "-j", "16")
    #expect(one.status == .exited(1) && many.status == .exited(1))
    #expect(one.stderr == many.stderr)
    #expect(one.stderr.components(separatedBy: "not an ELF file").count == 4)
  }

  @Test("check compares what lies on disk, query says what needs what, clean removes what was made")
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
    try Self.build(scratch).checked()
    let bpfgen = try Toolchain.bpfgen()
    try Shell.run(bpfgen, ["check", "-f", file]).checked()

    // Another library of the same size in place of the linked one: the member that differs is named.
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
