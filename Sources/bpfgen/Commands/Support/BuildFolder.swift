internal import GenGraph
internal import Glibc

/// Opens build folders for commands.
enum BuildFolder {
  /// Opens a build folder; if another build is running there, prints a message and waits.
  ///
  /// - Parameter project: the project, if it was read already.
  static func open(
    _ graph: GraphOptions, _ project: Project? = nil, _ console: Console
  ) throws(CommandError) -> ProjectBuild {
    let waiting: (String) -> Void = { owner in
      // The other process may not have written its id yet.
      let name = owner.isEmpty ? "another process" : owner
      if !console.isQuiet { console.writeError("bpfgen: waiting for \(name), which builds in this folder\n") }
    }
    do throws(ProjectBuild.Failure) {
      if let project { return try ProjectBuild(project, waiting: waiting) }
      return try ProjectBuild(graphFile: graph.path, waiting: waiting)
    } catch { throw failure(error, graph) }
  }

  /// Why a build could not start.
  static func failure(_ error: ProjectBuild.Failure, _ graph: GraphOptions) -> CommandError {
    switch error {
    case .graphFile(let error): GraphInputs.failure(error, isDefault: graph.file == nil)
    case .state where Interruption.signal != nil: Interruption.failure
    case .state(let error): CommandError.failed(Diagnostic(error))
    }
  }
}
