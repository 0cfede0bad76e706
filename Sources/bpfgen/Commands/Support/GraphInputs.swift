internal import GenGraph

/// Reads graph files for commands.
enum GraphInputs {
  static func project(_ graph: GraphOptions) throws(CommandError) -> Project {
    do throws(GraphFileError) {
      return try Project(graphFile: graph.path)
    } catch { throw failure(error, isDefault: graph.file == nil) }
  }

  /// If no graph file was given and the default one does not exist, the error suggests one to write.
  static func failure(_ error: GraphFileError, isDefault: Bool) -> CommandError {
    if isDefault, error.isMissingFile { return CommandError.failed(noGraphFile, status: 2) }
    return CommandError.failed(Diagnostic(error), status: 2)
  }

  static func unknown(_ node: String, _ project: Project) -> CommandError {
    let namesakes = project.namesakes(of: node)
    if namesakes.count > 1 {
      return CommandError.failed(
        Diagnostic(
          what: "\(namesakes.count) files of the graph are named '\(node)'",
          hint: "use one of " + namesakes.map { "'\($0)'" }.joined(separator: ", ")), status: 2)
    }
    let meant = Spelling.closest(to: node, among: project.names + project.outputs)
    return CommandError.failed(
      Diagnostic(what: "nothing in the graph is named '\(node)'", hint: meant.map { "did you mean '\($0)'?" }),
      status: 2)
  }

  private static let noGraphFile = Diagnostic(
    path: GraphOptions.defaultPath, what: "no graph file in this folder",
    hint: """
      create one, or name another with -f:
      { "bpfgen": 1,
        "objects":   { "app": "build/app.bpf.o" },
        "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o" } ] }
      """)
}
