internal import Bytes
package import Files
package import Incr

/// A project that is about to be built. The task graph is available immediately; what a task does is decoded when it
/// runs.
///
/// It locks the folder, so that no other build runs there at the same time.
package struct ProjectBuild: ~Copyable {
  /// The folder of the state of a project's builds, relative to the graph file's folder.
  package static let stateFolder = ".bpfgen"
  /// What the paths of files in that folder begin with.
  static let statePrefix = stateFolder + "/"

  /// Why a build could not start.
  package enum Failure: Error, Sendable {
    case graphFile(GraphFileError)
    /// The folder of the state cannot be created or locked.
    case state(FileError)
  }

  package let graph: TaskGraph
  /// Whether the state of earlier builds could not be read, so that everything is built again.
  package var wasDamaged: Bool { store.wasDamaged }
  private let store: StateStore
  private let graphFile: String

  /// Takes the graph from the state of the last build if the graph files are unchanged, else reads them.
  ///
  /// - Parameter waiting: called if another build holds the lock, with its description of itself.
  package init(graphFile path: String, waiting: (String) -> Void) throws(Failure) {
    let path = Paths.normalized(path)
    let root = Paths.folder(of: path)
    // A first build of an invalid file must leave nothing.
    let name = Paths.name(of: path)
    let (folder, file) = ProjectBuild.state(of: name, below: root)
    guard SavedState.exists(folder: folder, name: file) else {
      try self.init(ProjectBuild.read(path), waiting: waiting)
      return
    }
    var store = try ProjectBuild.open(name, below: root, waiting)
    if let graph = store.graph(version: ProjectBuild.version, file: name, root: root) {
      if graph.rules.allSatisfy({ ProjectRule($0) != nil }) {
        self.init(graph, path, store)
        return
      }
      store.discard()
    }
    self.init(try ProjectBuild.read(path), store)
  }

  /// A project that was read already, as by `init(graphFile:waiting:)`.
  package init(_ project: Project, waiting: (String) -> Void) throws(Failure) {
    self.init(project, try ProjectBuild.open(project.name, below: project.root, waiting))
  }

  /// A project that was made from no graph file, with its state in a folder of its own.
  package init(_ project: Project, stateFolder folder: String, waiting: (String) -> Void) throws(Failure) {
    do throws(FileError) {
      try Folders.make(for: Paths.join(folder, "state"))
      self.init(project, try StateStore(folder: folder, name: project.name, waiting: waiting))
    } catch { throw .state(error) }
  }

  /// A project that is built without a state: no earlier build is asked, nothing but the outputs is left.
  package init(stateless project: Project) { self.init(project, StateStore()) }

  private init(_ project: Project, _ store: consuming StateStore) {
    var store = store
    store.adopt(project.graph, version: ProjectBuild.version, inputs: project.files + project.folders)
    self.init(project.graph, project.graphFiles[0], store)
  }

  private init(_ graph: TaskGraph, _ graphFile: String, _ store: consuming StateStore) {
    self.graph = graph
    self.graphFile = graphFile
    self.store = store
  }

  /// The folder of the state, and the name of its file: graph files in one folder have one each.
  static func state(of graphFile: String, below root: String) -> (folder: String, name: String) {
    (Paths.join(root, stateFolder), graphFile + ".state")
  }

  private static func open(
    _ graphFile: String, below root: String, _ waiting: (String) -> Void
  ) throws(Failure) -> StateStore {
    let (folder, name) = state(of: graphFile, below: root)
    do throws(FileError) {
      try Folders.make(for: Paths.join(folder, name))
      return try StateStore(folder: folder, name: name, waiting: waiting)
    } catch { throw .state(error) }
  }

  private static func read(_ path: String) throws(Failure) -> Project {
    do throws(GraphFileError) {
      return try Project(graphFile: path)
    } catch { throw .graphFile(error) }
  }

  /// What the graph depends on in addition to the graph files: the rules of this program.
  private static var version: Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(ProjectRule.allCases.map(\.rule)) { encoder, rule in
      encoder.add(rule.name)
      encoder.add(rule.version)
    }
    return encoder.fingerprint
  }

  /// Every file that a build of the targets depends on and does not make: the sources, the graph files, and the folders
  /// whose files they name.
  ///
  /// - Parameter targets: the requested tasks, `nil` for all.
  package func leaves(targets: [TaskID]?) -> [String] {
    var isNeeded = [Bool](repeating: targets == nil, count: graph.sourceCount)
    for task in targets.map({ graph.closure(of: $0) }) ?? [] {
      for input in graph.inputs(task) where Int(input) < graph.sourceCount { isNeeded[Int(input)] = true }
    }
    let sources = isNeeded.indices.filter { isNeeded[$0] }.map { graph.path(SlotID(UInt32($0))) }
    return store.graphInputs + sources
  }

  /// The files that the targets' tasks write.
  package func outputs(targets: [TaskID]?) -> [String] {
    (targets ?? Array(graph.order)).flatMap { graph.outputs($0).map { graph.path(SlotID(UInt32($0))) } }
  }

  /// Removes the outputs of the graph and the state of its builds, and nothing else.
  ///
  /// - Parameter removesAnything: whether to remove files that this program did not write, too.
  /// - Returns: the number of removed outputs, and the errors for those that were not removed.
  package consuming func clean(removesAnything: Bool) -> (removed: Int, failures: [FileError]) {
    let folders = OutputFolders(root: graph.root)
    var removed = 0
    var failures: [FileError] = []
    for task in graph.order {
      guard let rule = ProjectRule(graph.rule(task)) else { continue }
      for slot in graph.outputs(task) {
        do throws(FileError) {
          let path = graph.path(SlotID(UInt32(slot)))
          let marker = removesAnything ? nil : rule.marker(at: path)
          try folders.check(path) { graph.files }
          if try AtomicOutput.remove(path, over: marker) { removed += 1 }
        } catch { failures.append(error) }
      }
    }
    store.remove()
    return (removed, failures)
  }

  /// Updates the project.
  ///
  /// - Parameters:
  ///   - targets: the requested tasks, `nil` for all.
  ///   - replacesAnything: whether to overwrite files that this program did not write.
  ///   - kept: called for each up-to-date task.
  ///   - restarted: called if the state turns out to be damaged at a task that must run. The build then starts again
  ///     with this graph, which was read from the graph files.
  ///   - onEvent: called for all other events.
  /// - Throws: `Failure` of that second start.
  package consuming func run(
    targets: [TaskID]?, options: BuildOptions, replacesAnything: Bool = false,
    kept: @escaping (TaskID) -> Void = { _ in }, restarted: (TaskGraph) -> Void = { _ in },
    onEvent: @escaping (BuildEvent<ProjectFailure>) -> Void
  ) throws(Failure) -> BuildSummary {
    let graphFile = graphFile
    let first = attempt(targets, options, replacesAnything, kept, onEvent)
    guard first.foundDamage, !first.wasInterrupted else { return first }
    let again = try ProjectBuild(discardingStateOf: graphFile)
    restarted(again.graph)
    // Targets are only given if the graph files were read, so a graph from the state has none.
    let second = again.attempt(nil, options, replacesAnything, kept, onEvent)
    precondition(!second.foundDamage, "a graph that was made of graph files says what its tasks do")
    return second
  }

  private init(discardingStateOf graphFile: String) throws(Failure) {
    let project = try ProjectBuild.read(graphFile)
    var store = try ProjectBuild.open(project.name, below: project.root) { _ in }
    store.discard()
    self.init(project, store)
  }

  private consuming func attempt(
    _ targets: [TaskID]?, _ options: BuildOptions, _ replacesAnything: Bool, _ kept: @escaping (TaskID) -> Void,
    _ onEvent: @escaping (BuildEvent<ProjectFailure>) -> Void
  ) -> BuildSummary {
    // Thousands of kernels' BTF take the same megabytes one after the other.
    if graph.rules.contains(ProjectRule.kernel.rule) { FreedMemory.keep() }
    var options = options
    options.tolerances = Project.tolerances
    let runner = ProjectRunner(root: graph.root, staging: store.staging, replacesAnything: replacesAnything)
    let build = Build(graph, runner: runner, store: store, options: options, kept: kept, onEvent: onEvent)
    return build.run(targets: targets)
  }
}
