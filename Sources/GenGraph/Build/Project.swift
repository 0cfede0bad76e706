internal import BPF
package import Files
package import Incr

/// What a graph file and its includes describe: the task graph, and the names of its tasks.
package struct Project: Sendable {
  package let graph: TaskGraph
  /// The folder of the graph file, which contains all paths.
  package let root: String
  /// All graph files that were read, starting with the main one.
  let files: [GraphInput]
  /// The folders whose files the graph names: another file in one of them is another graph.
  let folders: [GraphInput]
  /// What the graph file is called in its folder.
  package var name: String { files[0].path }
  /// The task for each name in the files: the one that makes it, or for a compiler's object the one that inspects it.
  let named: [String: TaskID]
  /// The objects that a compiler makes, in the order of the graph files; one file may have several names.
  package let objects: [NamedPath]
  /// The paths of the files that the main graph file includes, by their `as` names.
  private let aliases: [String: String]

  package struct NamedPath: Hashable, Sendable {
    package let name: String
    package let path: String
  }

  /// The names of the rules that write nothing which others need: they compare libraries with finals, and objects with
  /// kernels.
  package static let checkRules: Set<String> = Set(
    [ProjectRule.check, .kernelNeeds, .kernel, .kernelCheck].map(\.rawValue))

  /// What is checked if some objects or kernels cannot be read: a kernel answers the objects that can be read, and an
  /// object is checked against the kernels that can. Its report shows which these are.
  static let tolerances: [String: Tolerance] = [
    ProjectRule.kernel.rawValue: Tolerance(of: [ProjectRule.kernelNeeds.rawValue], showsLosses: false),
    ProjectRule.kernelCheck.rawValue: Tolerance(of: [ProjectRule.kernel.rawValue], showsLosses: true),
  ]

  /// Reads a graph file and its includes, and builds the graph.
  ///
  /// - Throws: the first error, with file, line and column.
  package init(graphFile path: String) throws(GraphFileError) {
    let files = try GraphFileIncludes.load(path)
    var builder = ProjectBuilder(files: files)
    self = try builder.build()
  }

  init(
    graph: TaskGraph, root: String, files: [GraphInput], folders: [GraphInput], named: [String: TaskID],
    objects: [NamedPath], aliases: [String: String]
  ) {
    self.graph = graph
    self.root = root
    self.files = files
    self.folders = folders
    self.named = named
    self.objects = objects
    self.aliases = aliases
  }

  /// The folders of kernels, as seen by this process: another file in one of them is another kernel.
  var kernelFolders: [String] { folders.map { $0.path(below: root) } }

  /// A name qualified by the path of its graph file, as in the names of tasks.
  func qualified(_ name: String) -> String {
    guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")), let path = aliases[String(name[..<colon])] else {
      return name
    }
    return path + name[colon...]
  }

  /// What a task of the graph does.
  package func action(_ task: TaskID) -> TaskAction {
    guard let action = TaskAction(task, of: graph) else {
      preconditionFailure("a graph that was made of graph files says what its tasks do: \(graph.parameters(task))")
    }
    return action
  }

  /// The tasks of a target: a name in the graph file, an output's path, or a path below the root.
  package func tasks(target: String) -> [TaskID]? {
    let target = qualified(target)
    guard let start = named[target].map({ [$0] }) ?? readers(ofObject: target) else {
      return writer(of: target).map { withChecks([$0]) }
    }
    return withChecks(graph.dependents(of: start))
  }

  /// The tasks, and the checks of each final that they need.
  private func withChecks(_ tasks: [TaskID]) -> [TaskID] {
    let needed = Set(graph.closure(of: tasks))
    let checks = graph.tasks.filter { task in
      guard case .check = action(task), let final = graph.inputs(task).last else { return false }
      return graph.producer(SlotID(final)).map(needed.contains) ?? false
    }
    return tasks + Set(checks).subtracting(tasks).sorted()
  }

  /// The tasks that read an object without a task of its own, which is only linked.
  private func readers(ofObject name: String) -> [TaskID]? {
    guard let object = objects.first(where: { $0.name == name }) else { return nil }
    let slot = (0..<UInt32(graph.sourceCount)).first { PathKey(graph.path(SlotID($0))) == PathKey(object.path) }
    return slot.map { readers(of: SlotID($0)) } ?? []
  }

  /// The tasks that read a source, in the graph's order.
  func readers(of source: SlotID) -> [TaskID] { graph.order.filter { graph.inputs($0).contains(source.raw) } }

  /// The tasks of a node: the one that writes an output, those that read a source, or for a name in the graph file
  /// those that inspect or link the object and make its headers and payloads.
  package func makers(of node: String) -> [TaskID]? {
    let node = qualified(node)
    guard let task = named[node] else {
      if let readers = readers(ofObject: node) { return readers }
      let start = startingPoint(node)
      return start.source.map(readers) ?? (start.tasks.isEmpty ? nil : start.tasks)
    }
    var makers: Set<TaskID> = [task]
    for other in graph.order {
      switch action(other) {
      case .link, .check, .kernelNeeds, .kernel, .kernelCheck: continue
      case .inspect, .header, .payload, .needs, .minimalBTF:
        if graph.inputs(other).contains(where: { graph.producer(SlotID($0)).map(makers.contains) ?? false }) {
          makers.insert(other)
        }
      }
    }
    return graph.order.filter(makers.contains)
  }

  /// The paths of the graph's files whose last component is this name.
  package func namesakes(of name: String) -> [String] {
    guard !name.contains("/") else { return [] }
    return graph.files.filter { Paths.name(of: $0) == name }
  }

  private func writer(of path: String) -> TaskID? {
    let candidates = self.candidates(path)
    return graph.tasks.first { task in
      graph.outputs(task).contains { candidates.contains(PathKey(graph.path(SlotID(UInt32($0))))) }
    }
  }

  /// The graph files, as seen by this process.
  package var graphFiles: [String] { files.map { Paths.join(root, $0.path) } }

  /// The possible meanings of a path that a user typed: relative to the current folder, or to the graph file's folder.
  package func candidates(_ path: String) -> Set<PathKey> {
    var candidates = [Paths.normalized(path), Paths.normalized(Paths.join(root, path))]
    if let relative = Paths.relative(path, to: root) { candidates.append(Paths.join(root, relative)) }
    return Set(candidates.map { PathKey($0) })
  }

  /// The names in the graph files, sorted.
  package var names: [String] { named.keys.sorted() }

  /// All outputs of the graph, sorted.
  package var outputs: [String] {
    graph.tasks.flatMap { graph.outputs($0).map { graph.path(SlotID(UInt32($0))) } }.sorted()
  }
}
