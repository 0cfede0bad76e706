internal import Bytes
internal import Files
internal import GenGraph
internal import GraphView

extension Command {
  static let graph = Command(
    name: "graph", purpose: .inspect,
    abstract: "Draw a graph file, coloured by what the last build did.",
    discussion: """
      html is one page to search and explore, for graphs of any size. svg needs Graphviz. dot is
      Graphviz's language, and json is for programs.
      """,
    examples: [
      "bpfgen graph --format html -o graph.html",
      "bpfgen graph --format dot -o graph.dot",
    ]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    let format = declare.optional(
      Option<DrawingFormat>("format", .choice("format"), help: "dot (the default), svg, json or html."))
    let output = declare.optional(
      Option("output", short: "o", .file(), help: "The output file. Default: standard output."))
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
    try outputs.checkPaths(outputs: [output], inputs: project.graphFiles)
    let drawing = GraphDrawing(project, outcomes: project.lastOutcomes())
    let (bytes, beginning) =
      switch format {
      case .dot: (ByteRope(drawing.dot()), "digraph bpfgen {")
      case .svg: (try Graphviz.svg(drawing), "<svg ")
      case .json: (ByteRope(drawing.json()), "\"bpfgen_graph\"")
      case .html: (ByteRope(drawing.html(title: graph.path)), "<title>bpfgen")
      }
    try outputs.write(bytes, to: output, over: FileMarker(beginning))
  }
}
