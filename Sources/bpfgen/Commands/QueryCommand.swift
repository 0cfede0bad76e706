internal import GenGraph

extension Command {
  static let query = Command(
    name: "query",
    abstract: "Say what a node of the graph needs, and what needs it.",
    discussion: """
      deps and rdeps name tasks, inputs and outputs name files. A node is a name of the graph file,
      or the path of a source or an output. files names the graph files, and headers all headers: a
      line with kind, name, header and payload, tabs between them. Both are of the whole graph.
      """,
    examples: ["bpfgen query rdeps --transitive build/net.bpf.o", "bpfgen query inputs --transitive app"]
  ) { declare in
    let question = declare.argument(
      Form<Question>.choice("question"), help: "deps, rdeps, inputs or outputs; files or headers.")
    let node = declare.optionalArgument(.file("node"), help: "What is asked about.")
    let graph = GraphOptions.declare(&declare)
    let transitive = declare.flag(Flag("transitive", help: "Also what is reached through others."))
    let format = declare.optional(
      Option<TextFormat>("format", .choice("format"), help: "text (the default), a line each, or json."))
    return { (parsed, console) throws(CommandError) in
      let answer = try answer(
        parsed[question], about: parsed[node], isTransitive: parsed[transitive], parsed[graph])
      switch parsed[format] ?? .text {
      case .json: console.write("[" + answer.map(JSONText.string).joined(separator: ", ") + "]\n")
      case .text: console.write(answer.map { $0 + "\n" }.joined())
      }
    }
  }

  private enum Question: String, CaseIterable {
    case deps, rdeps, inputs, outputs, files, headers

    /// What is asked about a node; `nil` for a question about the whole graph.
    var ofNode: Project.Question? {
      switch self {
      case .deps: .deps
      case .rdeps: .rdeps
      case .inputs: .inputs
      case .outputs: .outputs
      case .files, .headers: nil
      }
    }
  }

  private static func answer(
    _ question: Question, about node: String?, isTransitive: Bool, _ graph: GraphOptions
  ) throws(CommandError) -> [String] {
    guard let ofNode = question.ofNode else {
      guard node == nil else {
        throw CommandError.usage("'\(question.rawValue)' is asked of the whole graph", hint: "name no node")
      }
      let project = try GraphInputs.project(graph)
      return question == .files ? project.graphFiles : project.headers()
    }
    guard let node else { throw CommandError.usage("<node> is missing", hint: "bpfgen query --help") }
    let project = try GraphInputs.project(graph)
    guard let answer = project.answer(ofNode, about: node, isTransitive: isTransitive) else {
      throw GraphInputs.unknown(node, project)
    }
    return answer
  }
}
