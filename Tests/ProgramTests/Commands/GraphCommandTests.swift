import Foundation
import Testing

@testable import TestSupport

/// `bpfgen graph` as a user runs it.
@Suite("bpfgen graph", .runsTools)
struct GraphCommandTests {
  private static func project(_ text: String) throws -> Scratch {
    let scratch = try Scratch()
    _ = try scratch.write(text, to: "bpfgen.json")
    return scratch
  }

  private static func graph(
    _ scratch: Scratch, _ more: String..., environment: [String: String] = [:]
  ) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), ["graph", "-f", scratch.file("bpfgen.json")] + more, environment: environment)
  }

  private static func nodes(_ scratch: Scratch) throws -> [DrawnGraph.Node] {
    try DrawnGraph(file: scratch.file("bpfgen.json")).nodes
  }

  @Test("SVG without Graphviz is an error that says how to get it; the other formats need nothing")
  func noGraphviz() throws {
    let scratch = try Self.project(LargeGraph.hostile)
    let nowhere = ["PATH": scratch.file("nowhere")]
    let result = try Self.graph(scratch, "--format", "svg", "-o", scratch.file("x.svg"), environment: nowhere)
    #expect(result.status == .exited(1) && result.stdout.isEmpty)
    #expect(result.stderr.contains("dot: error: Graphviz is not installed"))
    #expect(result.stderr.contains("apt install graphviz"))
    #expect(!FileManager.default.fileExists(atPath: scratch.file("x.svg")))
    for format in ["dot", "json", "html"] {
      try Self.graph(scratch, "--format", format, environment: nowhere).checked()
    }
  }

  @Test("what Graphviz refuses is told in its own words")
  func brokenGraphviz() throws {
    let scratch = try Self.project(LargeGraph.hostile)
    let dot = try scratch.write("#!/bin/sh\ncat >/dev/null\necho 'out of ink' >&2\nexit 3\n", to: "dot.sh")
    try Shell.run("/usr/bin/env", ["install", "-D", "-m", "755", dot, scratch.file("bin/dot")]).checked()
    let result = try Self.graph(
      scratch, "--format", "svg", environment: ["PATH": "\(scratch.file("bin")):/usr/bin:/bin"])
    #expect(result.status == .exited(1) && result.stdout.isEmpty)
    #expect(result.stderr.contains("failed with exit status 3") && result.stderr.contains("out of ink"))
  }

  @Test("-o writes what standard output gets, leaves an equal file alone, and spares the graph file")
  func output() throws {
    let scratch = try Self.project(try LargeGraph.text(units: 2))
    for format in ["dot", "json", "html"] {
      let file = scratch.file("graph.\(format)")
      #expect(try Self.graph(scratch, "--format", format, "-o", file).checked().stdout.isEmpty)
      #expect(
        try String(contentsOfFile: file, encoding: .utf8) == Self.graph(scratch, "--format", format).checked().stdout)
      let before = try FileState(file)
      try Self.graph(scratch, "--format", format, "-o", file).checked()
      #expect(try FileState(file) == before)
    }
    let clash = try Self.graph(scratch, "-o", scratch.file("bpfgen.json"))
    #expect(clash.status == .exited(2) && clash.stderr.contains("is an input"))
  }

  @Test("a large graph is 5,000 nodes, drawn in one run")
  func large() throws {
    let scratch = try Self.project(try LargeGraph.text(units: 625))
    #expect(try Self.nodes(scratch).count == 625 * 8 + 63)
  }
}
