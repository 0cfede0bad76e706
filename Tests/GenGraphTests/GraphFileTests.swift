import Foundation
import GenGraph
import Testing

/// Errors in graph files have file, line and column.
@Suite("An error in a graph file has a position")
struct GraphFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let column: Int
    let problem: GraphFileError.Problem
    var testDescription: String { text }
  }

  static let cases: [Case] = [
    Case(text: "", line: 1, column: 1, problem: .syntax("expected a value, found the end of the file")),
    Case(text: "{\"bpfgen\": 1,\n  nope}", line: 2, column: 3, problem: .syntax("expected a name in quotes")),
    Case(text: "{\"bpfgen\": 1} x", line: 1, column: 15, problem: .syntax("expected the end of the file")),
    Case(text: "[]", line: 1, column: 1, problem: .wrongType(expected: "an object", found: "a list")),
    Case(text: "{}", line: 1, column: 1, problem: .missingKey("bpfgen", of: "a graph file")),
    Case(text: "{\"bpfgen\": 2}", line: 1, column: 12, problem: .version("2")),
    Case(
      text: "{\"bpfgen\": 1,\n \"skeletns\": []}", line: 2, column: 2,
      problem: .unknownKey(
        "skeletns", closest: "skeletons",
        known: [
          "bpfgen", "objects", "libraries", "finals", "skeletons", "subskeletons", "light_skeletons", "min_core_btfs",
          "kernels", "kernel_checks", "include",
        ])),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"light_skeletons\": [{\"of\": \"a\", \"header\": \"h\", \"payload\": \"p.c\"}]}",
      line: 2, column: 60, problem: .badLightPayloadName("p.c")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"light_skeletons\": [{\"of\": \"a\", \"header\": \"h\", \"strip\": true}]}",
      line: 2, column: 49,
      problem: .unknownKey(
        "strip", closest: nil, known: ["of", "header", "name", "payload", "like", "scope", "assert_members"])),
    Case(
      text: "{\"bpfgen\": 1, \"objects\": []}", line: 1, column: 26,
      problem: .wrongType(expected: "an object", found: "a list")),
    Case(
      text: "{\"bpfgen\": 1, \"objects\": {\"a\": 1}}", line: 1, column: 32,
      problem: .wrongType(expected: "a string", found: "a number")),
    Case(text: "{\"bpfgen\": 1, \"bpfgen\": 1}", line: 1, column: 15, problem: .duplicateKey("bpfgen")),
    Case(text: "{\"bpfgen\": 1, \"objects\": {\"a:b\": \"x\"}}", line: 1, column: 27, problem: .badName("a:b")),
    Case(
      text: "{\"bpfgen\": 1, \"finals\": {\"f\": {\"inputs\": [], \"output\": \"o\"}}}", line: 1, column: 42,
      problem: .emptyList("inputs", of: "'f'")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"main\": \"m.o\"},\n \"skeletons\": [{\"of\": \"mian\", \"header\": \"h\"}]}",
      line: 2,
      column: 23, problem: .unknownName("mian", closest: "main")),
    Case(
      text: "{\"bpfgen\": 1, \"objects\": {\"a\": \"m.o\"},\n \"skeletons\": [{\"of\": \"a\", \"header\": \"../h\"}]}",
      line: 2,
      column: 38, problem: .outsideRoot(path: "../h", root: ".")),
    Case(
      text: "{\"bpfgen\": 1, \"objects\": {\"int\": \"m.o\"},\n \"skeletons\": [{\"of\": \"int\", \"header\": \"h\"}]}",
      line: 2,
      column: 23, problem: .badObjectName("int")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"finals\": {\"f\": {\"inputs\": [\"a\"], \"output\": \"x\"}, \"g\": {\"inputs\": [\"a\"], \"output\": \"x\"}}}",
      line: 2, column: 52, problem: .twoWriters(path: "x", first: "g.json:2:13")),
    Case(
      text:
        "{\"bpfgen\": 1, \"finals\": {\"f\": {\"inputs\": [\"g\"], \"output\": \"x\"},\n \"g\": {\"inputs\": [\"f\"], \"output\": \"y\"}}}",
      line: 1, column: 26, problem: .cycle(["f", "g", "f"])),
    Case(
      text: minimal("\"of\": [], \"btfs\": [\"k\"], \"out_dir\": \"d\""), line: 2, column: 27,
      problem: .emptyList("of", of: "an entry of min_core_btfs")),
    Case(
      text: minimal("\"of\": \"a\", \"btfs\": [\"k\"], \"out_dir\": \"d\""), line: 2, column: 27,
      problem: .wrongType(expected: "a list", found: "a string")),
    Case(
      text: minimal("\"of\": [\"b\"], \"btfs\": [\"k\"], \"out_dir\": \"d\""), line: 2, column: 28,
      problem: .unknownName("b", closest: "a")),
    Case(
      text: minimal("\"of\": [\"a\"], \"btfs\": [\"k\"]"), line: 2, column: 20,
      problem: .missingKey("out_dir", of: "an entry of min_core_btfs")),
    Case(
      text: minimal("\"of\": [\"a\"], \"btfs\": [\"x/k\", \"y/k\"], \"out_dir\": \"d\""), line: 2, column: 50,
      problem: .twoKernels(path: "d/k", first: "x/k", second: "y/k")),
    Case(
      text: minimal("\"of\": [\"a\"], \"btfs\": [\"k/a.o\"], \"out_dir\": \".\""), line: 2, column: 43,
      problem: .outputIsInput("a.o")),
    Case(
      text: minimal("\"of\": [\"a\"], \"btfs\": [\"x/k\"], \"out_dir\": \"x\""), line: 2, column: 62,
      problem: .outputIsInput("x/k")),
    Case(
      text: minimal("\"of\": [\"a\"], \"btfs\": [\"k\"], \"out_dir\": \"../h\""), line: 2, column: 60,
      problem: .outsideRoot(path: "../h", root: ".")),
    Case(
      text: "{\"bpfgen\": 1, \"include\": [\"g.json\"]}", line: 1, column: 27,
      problem: .includeLoop(["g.json", "g.json"])),
    Case(
      text: "{\"bpfgen\": 1, \"objects\": {\"a\": \"x\", \"a\": \"y\"}}",
      line: 1, column: 37, problem: .nameClash("a", first: TextPosition(line: 1, column: 27))),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"finals\": {\"a\": {\"inputs\": [\"a\"], \"output\": \"o\"}}}",
      line: 2, column: 13, problem: .nameClash("a", first: TextPosition(line: 1, column: 27))),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"skeletons\": [{\"of\": \"b.json:a\", \"header\": \"h\"}]}",
      line: 2, column: 23, problem: .unknownFile("b.json")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"skeletons\": [{\"of\": \"a\", \"header\": \"h\"}, {\"of\": \"a\", \"header\": \"./h\"}]}",
      line: 2, column: 66, problem: .twoWriters(path: "h", first: "g.json:2:38")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"skeletons\": [{\"of\": \"a\", \"header\": \"h\", \"payload\": \"h.o\"}],\n \"min_core_btfs\": [{\"of\": [\"a\"], \"btfs\": [\"k/h.o\"], \"out_dir\": \".\"}]}",
      line: 3, column: 43, problem: .twoWriters(path: "h.o", first: "g.json:2:54")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"skeletons\": [{\"of\": \"a\", \"header\": \"g.json\"}]}",
      line: 2, column: 38, problem: .outputIsInput("g.json")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"skeletons\": [{\"of\": \"a\", \"header\": \".bpfgen/h\"}]}",
      line: 2, column: 38, problem: .outputIsInput(".bpfgen/h")),
    Case(
      text:
        "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"finals\": {\"f\": {\"inputs\": [\"a\"], \"output\": \".bpfgen/f.o\"}}}",
      line: 2, column: 13, problem: .outputIsInput(".bpfgen/f.o")),
    Case(text: skeleton("\"payload\": \"p\""), line: 2, column: 54, problem: .badPayloadName("p")),
    Case(
      text: skeleton("\"payload\": \"p.c\", \"strip\": true"), line: 2, column: 70, problem: .strippedSource("p.c")),
    Case(text: skeleton("\"scope\": \"x\""), line: 2, column: 52, problem: .scopeWithoutPayload),
    Case(text: skeleton("\"payload\": \"p.o\", \"scope\": \"\""), line: 2, column: 70, problem: .badScope("")),
    Case(
      text: skeleton("\"payload\": \"p.o\", \"scope\": \"a\\tb\""), line: 2, column: 70, problem: .badScope("a\tb")),
    Case(
      text: skeleton("\"payload\": \"p.o\", \"scope\": 1"), line: 2, column: 70,
      problem: .wrongType(expected: "a string", found: "a number")),
    Case(text: skeleton("\"payload\": \"a.o\""), line: 2, column: 54, problem: .outputIsInput("a.o")),
    Case(text: skeleton("\"payload\": \"x/../a.o\""), line: 2, column: 54, problem: .outputIsInput("a.o")),
    Case(text: kernels("[]", "[]"), line: 1, column: 50, problem: .wrongType(expected: "an object", found: "a list")),
    Case(
      text: kernels("{\"k\": 1}", "[]"), line: 1, column: 56,
      problem: .wrongType(expected: "an object", found: "a number")),
    Case(text: kernels("{\"k\": {}}", "[]"), line: 1, column: 56, problem: .missingKey("btf", of: "'k'")),
    Case(
      text: kernels("{\"k\": {\"btf\": \"k\", \"version\": \"5.4.1\"}}", "[]"), line: 1, column: 80,
      problem: .badKernelVersion("5.4.1")),
    Case(
      text: kernels("{\"k\": \"x\", \"k\": \"y\"}", "[]"), line: 1, column: 61,
      problem: .nameClash("k", first: TextPosition(line: 1, column: 51))),
    Case(text: kernels("{}", "[{\"of\": \"a\"}]"), line: 2, column: 20, problem: .noKernelsToCheck),
    Case(
      text: kernels("{\"k\": \"k\"}", "[{\"of\": \"a\", \"kernels\": []}]"), line: 2, column: 43,
      problem: .emptyList("kernels", of: "an entry of kernel_checks")),
    Case(
      text: kernels("{\"kern\": \"k\"}", "[{\"of\": \"a\", \"kernels\": [\"kerm\"]}]"), line: 2, column: 44,
      problem: .unknownKernels("kerm", closest: "kern")),
    Case(
      text: kernels("{\"k\": \"k\"}", "[{\"of\": \"a\", \"kernels\": [\"x.json:k\"]}]"), line: 2, column: 44,
      problem: .unknownFile("x.json")),
    Case(
      text: kernels("{\"k\": \"k\"}", "[{\"of\": \"a\", \"report_only\": true}]"), line: 2, column: 20,
      problem: .missingKey("report", of: "a check with 'report_only'")),
    Case(
      text: kernels("{\"k\": \"k\"}", "[{\"of\": \"a\", \"report\": \"r\", \"baseline\": \"./r\"}]"), line: 2,
      column: 42,
      problem: .outputIsInput("r")),
    Case(text: String(repeating: "[", count: 100), line: 1, column: 65, problem: .syntax("values are nested too deep")),
  ]

  /// A graph file with an entry of `min_core_btfs` that has these keys.
  private static func minimal(_ keys: String) -> String {
    "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"min_core_btfs\": [{\(keys)}]}"
  }

  /// A graph file with these kernels and checks against them.
  private static func kernels(_ kernels: String, _ checks: String) -> String {
    "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\"kernels\": \(kernels),\n \"kernel_checks\": \(checks)}"
  }

  /// A graph file with a skeleton that has these options.
  private static func skeleton(_ options: String) -> String {
    "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"},\n \"skeletons\": [{\"of\": \"a\", \"header\": \"h\", \(options)}]}"
  }

  @Test("where, and what", arguments: cases)
  func wrong(_ c: Case) throws {
    let folder = NSTemporaryDirectory() + "graph-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try c.text.write(toFile: folder + "/g.json", atomically: true, encoding: .utf8)
    let error = #expect(throws: GraphFileError.self) { try Project(graphFile: folder + "/g.json") }
    #expect(error?.position == TextPosition(line: c.line, column: c.column))
    // What names a path names it below the folder of this run.
    #expect(
      "\(error!.problem)".replacingOccurrences(of: folder + "/", with: "").replacingOccurrences(of: folder, with: ".")
        == "\(c.problem)".replacingOccurrences(
          of: "path: \"../h\"", with: "path: \"\(URL(fileURLWithPath: folder).deletingLastPathComponent().path)/h\""))
  }

  @Test("an output whose name begins with an accent is outside the root like any other")
  func accentBehindSlash() throws {
    let folder = NSTemporaryDirectory() + "graph-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let skeleton = "{\"of\": \"a\", \"header\": \"../\u{301}h\"}"
    let text = "{\"bpfgen\": 1, \"objects\": {\"a\": \"a.o\"}, \"skeletons\": [\(skeleton)]}"
    try text.write(toFile: folder + "/g.json", atomically: true, encoding: .utf8)
    let error = #expect(throws: GraphFileError.self) { try Project(graphFile: folder + "/g.json") }
    guard case .outsideRoot = error?.problem else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
