internal import GenGraph
internal import Glibc

/// Enters build folders for commands.
enum BuildFolder {
  /// Waits for whoever builds there, and says so.
  ///
  /// - Parameter project: the project, where it was read already.
  static func open(_ arguments: ParsedArguments, _ project: Project? = nil) throws(Failure) -> ProjectBuild {
    let waiting: (String) -> Void = { owner in
      // It may not have said yet which process it is.
      let name = owner.isEmpty ? "another process" : owner
      if !arguments.has("quiet") { Terminal.writeError("bpfgen: waiting for \(name), which builds in this folder\n") }
    }
    if arguments.has("no-state") {
      if let project { return ProjectBuild(stateless: project) }
      return ProjectBuild(stateless: try GraphInputs.project(arguments))
    }
    do throws(ProjectBuild.Failure) {
      if let project { return try ProjectBuild(project, waiting: waiting) }
      return try ProjectBuild(graphFile: arguments["file"] ?? GraphInputs.defaultPath, waiting: waiting)
    } catch {
      switch error {
      case .graphFile(let error): throw GraphInputs.failure(error, isDefault: arguments["file"] == nil)
      case .state where Interruption.signal != nil: throw Interruption.failure
      case .state(let error): throw Failure(Diagnostic(error))
      }
    }
  }
}
