internal import Bytes
internal import Files
internal import GenGraph
internal import GraphView

extension CommandSpec {
  static let graph = CommandSpec(
    name: "graph",
    abstract: "Draw the graph: what feeds what, and what the last build did.",
    discussion: """
      dot is Graphviz's language, and svg needs Graphviz. html is one page to search and walk in
      that needs nothing else, made for graphs that are too large to be drawn whole.
      """,
    examples: ["bpfgen graph --format html -o graph.html", "bpfgen graph | dot -Tpdf -o graph.pdf"],
    options: Option.graph + [
      Option(
        name: "format", value: "format", help: "dot (the default), svg, json or html.",
        choices: ["dot", "svg", "json", "html"]),
      Option(
        name: "output", short: "o", value: "file", help: "Where to write it. Default: standard output.", kind: .file),
      .force,
    ]
  ) { arguments in
    let project = try GraphInputs.project(arguments)
    let place = arguments["output"] ?? "-"
    try Outputs.checkPlaces(arguments, outputs: [place], inputs: project.graphFiles)
    let drawing = GraphDrawing(project, outcomes: project.lastOutcomes())
    let (bytes, beginning) =
      switch arguments["format"] {
      case "svg": (try Graphviz.svg(drawing), "<svg ")
      case "json": (ByteRope(drawing.json()), "\"bpfgen_graph\"")
      case "html": (ByteRope(drawing.html(title: arguments["file"] ?? GraphInputs.defaultPath)), "<title>bpfgen")
      default: (ByteRope(drawing.dot()), "digraph bpfgen {")
      }
    try Outputs.write(bytes, to: place, over: FileMark(beginning), arguments)
  }
}
