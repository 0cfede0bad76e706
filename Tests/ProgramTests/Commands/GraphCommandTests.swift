import Foundation
import Testing

@testable import TestSupport

/// `bpfgen graph` as a user runs it.
@Suite("bpfgen graph", .runsTools)
struct GraphCommandTests {
  @Test("SVG without Graphviz is an error with a hint; the other formats need nothing")
  func noGraphviz() throws {
    let project = try GraphProject(LargeGraph.hostile)
    let nowhere = ["PATH": project.scratch.file("nowhere")]
    let result = try project.graph("--format", "svg", "-o", project.scratch.file("x.svg"), environment: nowhere)
    #expect(result.status == .exited(1) && result.stdout.isEmpty)
    #expect(result.stderr.contains("dot: error: Graphviz is not installed"))
    #expect(result.stderr.contains("apt install graphviz"))
    #expect(!FileManager.default.fileExists(atPath: project.scratch.file("x.svg")))
    for format in ["dot", "json", "html"] {
      try project.graph("--format", format, environment: nowhere).checked()
    }
  }

  @Test("an error of Graphviz is reported with its own message")
  func brokenGraphviz() throws {
    let project = try GraphProject(LargeGraph.hostile)
    _ = try project.scratch.writeScript("cat >/dev/null\necho 'out of ink' >&2\nexit 3", to: "bin/dot")
    let result = try project.graph(
      "--format", "svg", environment: ["PATH": "\(project.scratch.file("bin")):/usr/bin:/bin"])
    #expect(result.status == .exited(1) && result.stdout.isEmpty)
    #expect(result.stderr.contains("failed with exit status 3") && result.stderr.contains("out of ink"))
  }

  @Test("-o writes the same as to standard output, keeps an equal file, and refuses the graph file")
  func output() throws {
    let project = try GraphProject(try LargeGraph.text(units: 2))
    for format in ["dot", "json", "html"] {
      let file = project.scratch.file("graph.\(format)")
      #expect(try project.graph("--format", format, "-o", file).checked().stdout.isEmpty)
      #expect(
        try String(contentsOfFile: file, encoding: .utf8) == project.graph("--format", format).checked().stdout)
      let before = try FileState(file)
      try project.graph("--format", format, "-o", file).checked()
      #expect(try FileState(file) == before)
    }
    let clash = try project.graph("-o", project.scratch.file("bpfgen.json"))
    #expect(clash.status == .exited(2) && clash.stderr.contains("is both an input and an output"))
  }

  @Test("a large graph is 5,000 nodes, drawn in one run")
  func large() throws {
    let project = try GraphProject(try LargeGraph.text(units: 625))
    #expect(try project.nodes.count == 625 * 8 + 63)
  }
}
