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
    do throws(ProjectBuild.Failure) {
      if let project { return try ProjectBuild(project, waiting: waiting(console)) }
      return try ProjectBuild(graphFile: graph.path, waiting: waiting(console))
    } catch { throw failure(error, graph) }
  }

  /// Called when another build holds the folder, with what it wrote of itself.
  static func waiting(_ console: Console) -> (String) -> Void {
    { owner in
      // It may not have said yet which process it is.
      let name = owner.isEmpty ? "another process" : owner
      if !console.isQuiet { console.writeError("bpfgen: waiting for \(name), which builds in this folder\n") }
    }
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
