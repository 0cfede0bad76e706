internal import Files
internal import GenGraph

extension Command {
  static let check = Command(
    name: "check",
    abstract: "Compare libraries with the finals that they are linked into, as they lie on disk.",
    discussion: """
      Each variable, map and program of a library that has a subskeleton must be in the final, and
      be the same there. One message for each that is not; exit status 1.
      """,
    examples: ["bpfgen check", "bpfgen check -f build/bpfgen.json"]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in try check(GraphInputs.project(parsed[graph]), console) }
  }

  private static func check(_ project: Project, _ console: Console) throws(CommandError) {
    let (pairs, unbuilt, failures) = project.checkContracts()
    console.report(failures.flatMap { Diagnostic.texts($0) })
    if let first = unbuilt.first {
      let others =
        switch unbuilt.count {
        case 1: ""
        case 2: ", nor is '\(unbuilt[1])'"
        default: ", nor are \(unbuilt.count - 1) others"
        }
      throw CommandError.failed(
        Diagnostic(
          path: first, what: "is not built yet\(others)", hint: "run bpfgen build, which makes this comparison too"))
    }
    guard failures.isEmpty else { throw CommandError.ended(status: 1) }
    console.write("bpfgen: \(pairs) \(pairs == 1 ? "pair" : "pairs") of library and final agree\n")
  }

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

  static let clean = Command(
    name: "clean",
    abstract: "Remove what the graph makes and the state of its builds, and nothing else.",
    examples: ["bpfgen clean"]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    let force = declare.flag(Flag("force", help: "Remove files that bpfgen did not make, too."))
    return { (parsed, console) throws(CommandError) in
      let build = try BuildFolder.open(parsed[graph], try GraphInputs.project(parsed[graph]), console)
      let (removed, failures) = build.clean(removesAnything: parsed[force])
      console.write("bpfgen: \(removed) output\(removed == 1 ? "" : "s") removed\n")
      guard failures.isEmpty else { throw CommandError.failed(failures.map(unremoved)) }
    }
  }

  /// Why an output is still there.
  private static func unremoved(_ error: FileError) -> Diagnostic {
    guard case .notOurs(let path) = error else { return Diagnostic(error) }
    return Diagnostic(path: path, what: "stays: bpfgen did not make it", hint: "--force removes it too")
  }
}

/// Graph files as commands read them.
enum GraphInputs {
  static func project(_ graph: GraphOptions) throws(CommandError) -> Project {
    do throws(GraphFileError) {
      return try Project(graphFile: graph.path)
    } catch { throw failure(error, isDefault: graph.file == nil) }
  }

  /// A command line that names no graph file where none lies is answered with a first one to write.
  static func failure(_ error: GraphFileError, isDefault: Bool) -> CommandError {
    if isDefault, error.isMissingFile { return CommandError.failed(noGraphFile, status: 2) }
    return CommandError.failed(Diagnostic(error), status: 2)
  }

  static func unknown(_ node: String, _ project: Project) -> CommandError {
    let namesakes = project.namesakes(of: node)
    if namesakes.count > 1 {
      return CommandError.failed(
        Diagnostic(
          what: "\(namesakes.count) files in the graph are called '\(node)'",
          hint: "write one of " + namesakes.map { "'\($0)'" }.joined(separator: ", ")), status: 2)
    }
    let meant = Spelling.closest(to: node, among: project.names + project.outputs)
    return CommandError.failed(
      Diagnostic(what: "nothing in the graph is called '\(node)'", hint: meant.map { "did you mean '\($0)'?" }),
      status: 2)
  }

  private static let noGraphFile = Diagnostic(
    path: GraphOptions.defaultPath, what: "there is no graph file here",
    hint: """
      write one, or name it with -f:
      { "bpfgen": 1,
        "objects":   { "app": "build/app.bpf.o" },
        "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o" } ] }
      """)
}
