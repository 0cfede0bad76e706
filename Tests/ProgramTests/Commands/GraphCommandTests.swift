import Foundation
import FoundationXML
import Testing

@testable import TestSupport

/// `bpfgen graph` as a user runs it, and its texts as Graphviz reads them.
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

  /// What Graphviz draws on each node, by the node's name, and its edges.
  private static func drawn(_ dot: String, in scratch: Scratch) throws -> (labels: [String: String], edges: Set<String>)
  {
    struct Operation: Decodable {
      let text: String?
    }
    struct Object: Decodable {
      let name: String
      let drawing: [Operation]?

      enum CodingKeys: String, CodingKey {
        case name
        case drawing = "_ldraw_"
      }
    }
    struct Edge: Decodable {
      let tail: Int
      let head: Int
    }
    struct Drawing: Decodable { let objects: [Object], edges: [Edge]? }
    let file = try scratch.write(dot, to: "graph.dot")
    let text = try Shell.run(Tool.dot.required(), ["-Tjson", file]).checked().stdout
    let drawing = try JSONDecoder().decode(Drawing.self, from: Data(text.utf8))
    let labels = drawing.objects.map { object in
      (object.name, (object.drawing ?? []).compactMap(\.text).joined(separator: "\n"))
    }
    let names = drawing.objects.map(\.name)
    return (
      Dictionary(uniqueKeysWithValues: labels),
      Set((drawing.edges ?? []).map { "\(names[$0.tail]) -> \(names[$0.head])" })
    )
  }

  @Test(
    "Graphviz reads dot: every node with its name and path, every edge",
    .needs(.tool(.dot)), arguments: [LargeGraph.hostile, try! LargeGraph.text(units: 3)])
  func dot(_ text: String) throws {
    let scratch = try Self.project(text)
    let nodes = try Self.nodes(scratch)
    let drawn = try Self.drawn(Self.graph(scratch).checked().stdout, in: scratch)
    #expect(drawn.labels.count == nodes.count)
    for node in nodes {
      let lines = node.path == nil || node.path == node.name ? [node.name] : [node.name, node.path!]
      #expect(drawn.labels["n\(node.id)"] == lines.joined(separator: "\n"))
    }
    #expect(drawn.edges == Set(nodes.flatMap { node in node.inputs.map { "n\($0.node) -> n\(node.id)" } }))
  }

  @Test("SVG has a node for each, with its name as text", .needs(.tool(.dot)))
  func svg() throws {
    let scratch = try Self.project(LargeGraph.hostile)
    let nodes = try Self.nodes(scratch)
    let svg = try Self.graph(scratch, "--format", "svg").checked().stdout
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.nodes == nodes.count)
    // Blanks are drawn unbreakable.
    let texts = Set(reader.texts.map { $0.replacingOccurrences(of: "\u{a0}", with: " ") })
    for node in nodes { #expect(texts.contains(node.name), "\(node.name) in \(texts)") }
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

/// Counts an SVG's nodes and collects its texts.
private final class SVGReader: NSObject, XMLParserDelegate {
  private(set) var nodes = 0
  private(set) var texts: [String] = []
  private var text: String?

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if attributes["class"] == "node" { nodes += 1 }
    if name == "text" { text = "" }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) { text? += characters }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "text", let text { texts.append(text) }
    if name == "text" { text = nil }
  }
}
