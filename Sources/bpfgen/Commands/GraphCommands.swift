internal import Files
internal import GenGraph

extension CommandSpec.Option {
  static let graphFile = CommandSpec.Option(
    name: "file", short: "f", value: "file", help: "The graph file. Default: bpfgen.json.", kind: .file)
  static let directory = CommandSpec.Option(
    name: "directory", short: "C", value: "folder", help: "Go to this folder first.", kind: .folder)
  /// What each command that reads a graph file is told of it.
  static let graph: [CommandSpec.Option] = [graphFile, directory]
}

extension CommandSpec {
  static let check = CommandSpec(
    name: "check",
    abstract: "Compare libraries with the finals that they are linked into, as they lie on disk.",
    discussion: """
      Each variable, map and program of a library that has a subskeleton must be in the final, and
      be the same there. One message for each that is not; exit status 1.
      """,
    examples: ["bpfgen check", "bpfgen check -f build/bpfgen.json"], options: Option.graph
  ) { arguments in
    let (pairs, unbuilt, failures) = try GraphInputs.project(arguments).checkContracts()
    Terminal.report(failures.flatMap { Diagnostic.texts($0) })
    if let first = unbuilt.first {
      let others =
        switch unbuilt.count {
        case 1: ""
        case 2: ", nor is '\(unbuilt[1])'"
        default: ", nor are \(unbuilt.count - 1) others"
        }
      throw Failure(
        Diagnostic(
          path: first, what: "is not built yet\(others)", hint: "run bpfgen build, which makes this comparison too"))
    }
    guard failures.isEmpty else { throw Failure(status: 1) }
    Terminal.write("bpfgen: \(pairs) \(pairs == 1 ? "pair" : "pairs") of library and final agree\n")
  }

  static let query = CommandSpec(
    name: "query",
    abstract: "Say what a node of the graph needs, and what needs it.",
    discussion: """
      deps and rdeps name tasks, inputs and outputs name files. A node is a name of the graph file,
      or the path of a source or an output. files names the graph files, and headers all headers: a
      line with kind, name, header and payload, tabs between them. Both are of the whole graph.
      """,
    examples: ["bpfgen query rdeps --transitive build/net.bpf.o", "bpfgen query inputs --transitive app"],
    positionals: [
      Positional(
        name: "question", help: "deps, rdeps, inputs or outputs; files or headers.",
        choices: ["deps", "rdeps", "inputs", "outputs", "files", "headers"]),
      Positional(name: "node", help: "What is asked about.", kind: .file, isOptional: true),
    ],
    options: Option.graph + [
      Option(name: "transitive", help: "Also what is reached through others."),
      Option(
        name: "format", value: "format", help: "text (the default), a line each, or json.", choices: ["text", "json"]),
    ]
  ) { arguments in
    let answer = try answer(arguments)
    if arguments["format"] == "json" {
      Terminal.write("[" + answer.map(JSONText.string).joined(separator: ", ") + "]\n")
    } else {
      Terminal.write(answer.map { $0 + "\n" }.joined())
    }
  }

  private static let ofWholeGraph: [String: @Sendable (Project) -> [String]] = [
    "files": { $0.graphFiles }, "headers": { $0.headers() },
  ]

  private static func answer(_ arguments: ParsedArguments) throws -> [String] {
    let (word, node) = (arguments.positionals[0], arguments.positionals.dropFirst().first)
    if let ask = ofWholeGraph[word] {
      guard node == nil else { throw UsageError(what: "'\(word)' is asked of the whole graph", hint: "name no node") }
      return ask(try GraphInputs.project(arguments))
    }
    let question = Project.Question(rawValue: word)!
    guard let node else { throw UsageError(what: "<node> is missing", hint: "bpfgen query --help") }
    let project = try GraphInputs.project(arguments)
    guard let answer = project.answer(question, about: node, isTransitive: arguments.has("transitive")) else {
      throw GraphInputs.unknown(node, project)
    }
    return answer
  }

  static let clean = CommandSpec(
    name: "clean",
    abstract: "Remove what the graph makes and the state of its builds, and nothing else.",
    examples: ["bpfgen clean"],
    options: Option.graph + [Option(name: "force", help: "Remove files that bpfgen did not make, too.")]
  ) { arguments in
    let project = try GraphInputs.project(arguments)
    let (removed, failures) = try BuildFolder.open(arguments, project).clean(removesAnything: arguments.has("force"))
    Terminal.write("bpfgen: \(removed) output\(removed == 1 ? "" : "s") removed\n")
    guard failures.isEmpty else { throw Failure(failures.map(unremoved)) }
  }
}

extension CommandSpec {
  /// Why an output is still there.
  private static func unremoved(_ error: FileError) -> Diagnostic {
    guard case .notOurs(let path) = error else { return Diagnostic(error) }
    return Diagnostic(path: path, what: "stays: bpfgen did not make it", hint: "--force removes it too")
  }
}

/// Graph files as commands read them.
enum GraphInputs {
  static let defaultPath = "bpfgen.json"

  static func project(_ arguments: ParsedArguments) throws(Failure) -> Project {
    do throws(GraphFileError) {
      return try Project(graphFile: arguments["file"] ?? defaultPath)
    } catch { throw failure(error, isDefault: arguments["file"] == nil) }
  }

  /// A command line that names no graph file where none lies is answered with a first one to write.
  static func failure(_ error: GraphFileError, isDefault: Bool) -> Failure {
    if isDefault, error.isMissingFile { return Failure(noGraphFile, status: 2) }
    return Failure(Diagnostic(error), status: 2)
  }

  static func unknown(_ node: String, _ project: Project) -> Failure {
    let namesakes = project.namesakes(of: node)
    if namesakes.count > 1 {
      return Failure(
        Diagnostic(
          what: "\(namesakes.count) files in the graph are called '\(node)'",
          hint: "write one of " + namesakes.map { "'\($0)'" }.joined(separator: ", ")), status: 2)
    }
    let meant = Spelling.closest(to: node, among: project.names + project.outputs)
    return Failure(
      Diagnostic(what: "nothing in the graph is called '\(node)'", hint: meant.map { "did you mean '\($0)'?" }),
      status: 2)
  }

  private static let noGraphFile = Diagnostic(
    path: defaultPath, what: "there is no graph file here",
    hint: """
      write one, or name it with -f:
      { "bpfgen": 1,
        "objects":   { "app": "build/app.bpf.o" },
        "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o" } ] }
      """)
}
