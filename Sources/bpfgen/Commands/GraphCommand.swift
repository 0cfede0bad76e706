internal import Bytes
internal import Files
internal import GenGraph
internal import GraphView

extension Command {
  static let graph = Command(
    name: "graph",
    abstract: "Draw the graph: what feeds what, and what the last build did.",
    discussion: """
      dot is Graphviz's language, and svg needs Graphviz. html is one page to search and walk in
      that needs nothing else, made for graphs that are too large to be drawn whole.
      """,
    examples: ["bpfgen graph --format html -o graph.html", "bpfgen graph | dot -Tpdf -o graph.pdf"]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    let format = declare.optional(
      Option<DrawingFormat>("format", .choice("format"), help: "dot (the default), svg, json or html."))
    let output = declare.optional(
      Option("output", short: "o", .file(), help: "Where to write it. Default: standard output."))
    let force = declare.flag(.force)
    return { (parsed, console) throws(CommandError) in
      try draw(
        parsed[graph], as: parsed[format] ?? .dot, to: parsed[output] ?? "-",
        Outputs(StepOptions(force: parsed[force]), console))
    }
  }

  private enum DrawingFormat: String, CaseIterable {
    case dot, svg, json, html
  }

  private static func draw(
    _ graph: GraphOptions, as format: DrawingFormat, to output: String, _ outputs: Outputs
  ) throws(CommandError) {
    let project = try GraphInputs.project(graph)
    try outputs.checkPlaces(outputs: [output], inputs: project.graphFiles)
    let drawing = GraphDrawing(project, outcomes: project.lastOutcomes())
    let (bytes, beginning) =
      switch format {
      case .dot: (ByteRope(drawing.dot()), "digraph bpfgen {")
      case .svg: (try Graphviz.svg(drawing), "<svg ")
      case .json: (ByteRope(drawing.json()), "\"bpfgen_graph\"")
      case .html: (ByteRope(drawing.html(title: graph.path)), "<title>bpfgen")
      }
    try outputs.write(bytes, to: output, over: FileMark(beginning))
  }
}
