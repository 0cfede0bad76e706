internal import Emit
public import Incr
internal import Synchronization

/// A project that is about to be built: its task graph at once, what the tasks do when one of them has to run.
public struct ProjectBuild: Sendable {
  /// Where the state of a project's builds lies, below the graph file's folder.
  public static let stateFolder = ".bpfgen"

  public let graph: TaskGraph
  private let runner: LazyRunner
  private let state: String

  /// Takes the graph from the last build's snapshot where the graph files are as they were, else reads them.
  ///
  /// - Parameter checks: whether libraries are checked against their finals.
  public init(graphFile path: String, checks: Bool = true) throws(GraphFileError) {
    state = Paths.join(Paths.folder(of: Paths.normalized(path)), ProjectBuild.stateFolder)
    let snapshot = state + (checks ? "/graph" : "/graph-unchecked")
    if let bytes = (try? FileContent(path: snapshot))?.bytes,
      let graph = GraphSnapshot.read(bytes, version: ProjectBuild.version(path))
    {
      self.graph = graph
      runner = LazyRunner(path: path, checks: checks, graph: graph)
      return
    }
    let project = try Project(graphFile: path, checks: checks)
    graph = project.graph
    runner = LazyRunner(project)
    let bytes = GraphSnapshot.write(graph, version: ProjectBuild.version(path), inputs: project.files)
    // Without it the next build reads the graph file again.
    try? Folders.make(for: snapshot)
    _ = try? AtomicOutput.write(ByteRope(bytes), to: snapshot)
  }

  /// A project that was read already.
  public init(_ project: Project) {
    graph = project.graph
    runner = LazyRunner(project)
    state = Paths.join(project.root, ProjectBuild.stateFolder)
  }

  /// What a snapshot depends on beside the graph files: the rules of this program, and the name by which the file is
  /// called, since paths of the graph begin with its folder.
  private static func version(_ path: String) -> Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(ProjectBuilder.Rules.all) { encoder, rule in
      encoder.add(rule.name)
      encoder.add(rule.version)
    }
    encoder.add(path)
    return encoder.fingerprint
  }

  /// Brings the project up to date.
  ///
  /// - Parameters:
  ///   - targets: the tasks that are wanted, `nil` for all.
  ///   - waiting: called when another build holds the folder, with what it wrote of itself.
  ///   - damaged: called when the state could not be read whole and is made anew.
  public func run(
    targets: [TaskID]?, options: Build<LazyRunner>.Options, waiting: (String) -> Void, damaged: () -> Void,
    tell: @escaping (BuildEvent<ProjectFailure>) -> Void
  ) throws(FileError) -> Build<LazyRunner>.Summary {
    try Folders.make(for: state + "/state")
    let store = try StateStore(folder: state, waiting: waiting)
    if store.wasDamaged { damaged() }
    let build = Build(graph, runner: runner, store: store, options: options, tell: tell)
    return build.run(targets: targets)
  }
}

/// Runs a project's tasks, and reads the graph file only when there is one to run.
public final class LazyRunner: TaskRunner {
  private let path: String
  private let checks: Bool
  private let graph: TaskGraph
  private let loaded: Mutex<ProjectRunner?>

  init(path: String, checks: Bool, graph: TaskGraph) {
    self.path = path
    self.checks = checks
    self.graph = graph
    loaded = Mutex(nil)
  }

  init(_ project: Project) {
    path = ""
    checks = true
    graph = project.graph
    loaded = Mutex(ProjectRunner(project))
  }

  public func run(_ context: TaskContext) throws(ProjectFailure) -> TaskOutcome { try runner().run(context) }

  private func runner() throws(ProjectFailure) -> ProjectRunner {
    let result: Result<ProjectRunner, ProjectFailure> = loaded.withLock { loaded in
      if let loaded { return .success(loaded) }
      // The file was sound when the snapshot was taken: another graph in it now is an edit of this moment.
      guard let project = try? Project(graphFile: path, checks: checks), project.graph == graph else {
        return .failure(.file(.changedWhileRead(path: path)))
      }
      loaded = ProjectRunner(project)
      return .success(loaded!)
    }
    return try result.get()
  }
}
