public import Incr

/// Builds projects: the graph, its state, and the runner put together.
public enum ProjectBuild {
  /// Where the state of a project's builds lies, below the graph file's folder.
  public static let stateFolder = ".bpfgen"

  /// Brings a project up to date.
  ///
  /// - Parameters:
  ///   - targets: the tasks that are wanted, `nil` for all.
  ///   - waiting: called when another build holds the folder, with what it wrote of itself.
  ///   - damaged: called when the state could not be read whole and is made anew.
  public static func run(
    _ project: Project, targets: [TaskID]?, options: Build<ProjectRunner>.Options, waiting: (String) -> Void,
    damaged: () -> Void, tell: @escaping (BuildEvent<ProjectFailure>) -> Void
  ) throws(FileError) -> Build<ProjectRunner>.Summary {
    let folder = Paths.join(project.root, stateFolder)
    let store = try StateStore(folder: folder, waiting: waiting)
    if store.wasDamaged { damaged() }
    let build = Build(
      project.graph, runner: ProjectRunner(project), store: store, options: options, tell: tell)
    return build.run(targets: targets)
  }
}
