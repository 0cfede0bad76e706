internal import GenGraph

extension Command {
  static let query = Command(
    name: "query", purpose: .inspect,
    abstract: "List what depends on what.",
    discussion: """
      deps and rdeps list the tasks that a node depends on, and the tasks that depend on it. inputs
      and outputs list files. A node is a name in the graph file, or the path of a source or an
      output.

      files lists the graph files. headers prints a line for each header: kind, name, header and
      payload, separated by tabs. Neither takes a node.
      """,
    examples: [
      "bpfgen query rdeps --transitive build/net.bpf.o",
      "bpfgen query inputs --transitive app",
      "bpfgen query headers",
    ]
  ) { declare in
    let question = declare.argument(
      ValueFormat<Question>.choice("question"),
      help: "deps, rdeps, inputs or outputs of a node; files or headers of the graph.")
    let node = declare.optionalArgument(
      .file("node"), help: "A name in the graph file, or the path of a source or an output.")
    let graph = GraphOptions.declare(&declare)
    let transitive = declare.flag(Flag("transitive", help: "Follow dependencies of dependencies."))
    let format = declare.optional(
      Option<TextFormat>("format", .choice("format"), help: "text (the default), one per line, or json."))
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

    /// The query for a node; `nil` for a query of the whole graph.
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
        throw CommandError.usage("'\(question.rawValue)' takes no <node>", hint: "it lists the whole graph")
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
