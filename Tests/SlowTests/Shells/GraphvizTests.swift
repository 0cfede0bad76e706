import Foundation
import FoundationXML
import Testing

@testable import TestSupport

/// The texts of `bpfgen graph` as Graphviz reads them.
@Suite("bpfgen graph, drawn by Graphviz", .runsTools, .needs(.tool(.dot)))
struct GraphvizTests {
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
    arguments: [LargeGraph.hostile, try! LargeGraph.text(units: 3)])
  func dot(_ text: String) throws {
    let project = try GraphProject(text)
    let nodes = try project.nodes
    let drawn = try Self.drawn(project.graph().checked().stdout, in: project.scratch)
    #expect(drawn.labels.count == nodes.count)
    for node in nodes {
      let lines = node.path == nil || node.path == node.name ? [node.name] : [node.name, node.path!]
      #expect(drawn.labels["n\(node.id)"] == lines.joined(separator: "\n"))
    }
    #expect(drawn.edges == Set(nodes.flatMap { node in node.inputs.map { "n\($0.node) -> n\(node.id)" } }))
  }

  @Test("SVG has each node, with its name as text")
  func svg() throws {
    let project = try GraphProject(LargeGraph.hostile)
    let nodes = try project.nodes
    let svg = try project.graph("--format", "svg").checked().stdout
    let reader = SVGReader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    try #require(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.nodes == nodes.count)
    // Blanks are drawn unbreakable.
    let texts = Set(reader.texts.map { $0.replacingOccurrences(of: "\u{a0}", with: " ") })
    for node in nodes { #expect(texts.contains(node.name), "\(node.name) in \(texts)") }
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
