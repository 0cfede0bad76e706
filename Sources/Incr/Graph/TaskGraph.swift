package import Bytes
internal import Files

/// A task of a graph, by its index in the tables.
package struct TaskID: Hashable, Sendable, Comparable {
  package let raw: UInt32
  package init(_ raw: UInt32) { self.raw = raw }
  package static func < (left: TaskID, right: TaskID) -> Bool { left.raw < right.raw }
}

/// The index of a signature: a source file's content, an output file's content, or a value that a task computes.
package struct SlotID: Hashable, Sendable {
  package let raw: UInt32
  package init(_ raw: UInt32) { self.raw = raw }
}

/// A kind of task and its version: a new version runs every task of the rule again.
package struct Rule: Hashable, Sendable {
  package let name: String
  package let version: UInt32

  package init(name: String, version: UInt32) {
    self.name = name
    self.version = version
  }
}

/// A static graph of tasks over files and values.
///
/// Slots are numbered: first the sources, then each task's outputs and values in turn. Copies share the tables.
package struct TaskGraph: Sendable, Hashable {
  /// One reference for all tables: each task of a build gets the graph, on any thread, and to retain each table would
  /// cost more than most lookups.
  private final class Shared: Sendable {
    let tables: GraphTables
    init(_ tables: GraphTables) { self.tables = tables }
  }

  private var shared: Shared

  /// The folder of relative paths, as seen by this process; empty for the current folder. It is not part of the graph's
  /// identity: graphs that are accessed from different folders are equal.
  package var root = ""

  /// The graph without tasks.
  package init() { self.init(GraphTables()) }

  init(_ tables: GraphTables) { shared = Shared(tables) }

  package static func == (left: TaskGraph, right: TaskGraph) -> Bool { left.tables == right.tables }
  package func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }

  var tables: GraphTables {
    get { shared.tables }
    set { shared = Shared(newValue) }
  }
  /// The paths of sources and outputs; a value's path is empty.
  var paths: StringPool { tables.paths }
  /// The slots that tasks consume, one task after the other.
  var inputSlots: [UInt32] { tables.inputSlots }
  package var sourceCount: Int { tables.sourceCount }
  package var rules: [Rule] { tables.rules }
  /// A fingerprint of all tables.
  package var fingerprint: Fingerprint { tables.fingerprint }

  package var order: LazyMapSequence<[UInt32], TaskID> { tables.topologicalOrder.lazy.map(TaskID.init) }
  package var taskCount: Int { tables.taskRules.count }
  package var slotCount: Int { paths.count }
  package var tasks: LazyMapSequence<Range<UInt32>, TaskID> { (0..<UInt32(taskCount)).lazy.map(TaskID.init) }

  package func rule(_ task: TaskID) -> Rule { rules[Int(tables.taskRules[Int(task.raw)])] }
  /// The task's name, unique within its rule.
  package func name(_ task: TaskID) -> String { tables.names[Int(task.raw)] }

  /// The task's encoded parameters: everything except its inputs and outputs.
  package func parameters(_ task: TaskID) -> String { tables.parameterTexts[Int(task.raw)] }

  /// Identifies a task in this graph and in later ones: a hash of its rule's name and its own.
  package func identity(_ task: TaskID) -> Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(rule(task).name)
    encoder.add(name(task))
    return encoder.fingerprint
  }

  /// A hash of everything except the inputs (rule, version, parameters, output paths): if it changes, the task runs
  /// again.
  package func recipe(_ task: TaskID) -> Fingerprint { tables.recipes[Int(task.raw)] }

  /// The slots of the task: its output files in order, then its values.
  package func slots(_ task: TaskID) -> Range<Int> {
    Int(tables.firstSlots[Int(task.raw)])..<Int(tables.firstSlots[Int(task.raw) + 1])
  }

  /// The slots of the task's output files.
  package func outputs(_ task: TaskID) -> Range<Int> {
    let start = Int(tables.firstSlots[Int(task.raw)])
    return start..<start + Int(tables.outputCounts[Int(task.raw)])
  }

  /// Whether a slot is a value, and not a file.
  func isValue(_ slot: Int) -> Bool { paths.isEmpty(slot) }

  /// The slots that the task consumes.
  package func inputs(_ task: TaskID) -> ArraySlice<UInt32> { inputSlots[inputIndices(task)] }

  /// The range of the task's inputs in the table of all inputs.
  func inputIndices(_ task: TaskID) -> Range<Int> {
    Int(tables.firstInputs[Int(task.raw)])..<Int(tables.firstInputs[Int(task.raw) + 1])
  }

  /// The task that produces a slot; `nil` for a source.
  package func producer(_ slot: SlotID) -> TaskID? {
    Int(slot.raw) < sourceCount ? nil : TaskID(tables.slotTasks[Int(slot.raw) - sourceCount])
  }

  /// The path of a source or an output as seen by this process; empty for a value.
  package func path(_ slot: SlotID) -> String { path(Int(slot.raw)) }

  func path(_ slot: Int) -> String { paths.isEmpty(slot) ? "" : TaskGraph.path(paths[slot], below: root) }

  /// A path joined with a folder; absolute paths are unchanged.
  package static func path(_ path: String, below root: String) -> String {
    root.isEmpty || path.isAbsolutePath ? path : root == "/" ? "/" + path : root + "/" + path
  }

  /// The paths of all sources and outputs, as seen by this process. O(graph).
  package var files: [String] { (0..<slotCount).lazy.filter { !self.paths.isEmpty($0) }.map { self.path($0) } }

  /// The stamp of a slot's file; `nil` if the file does not exist.
  func stamp(_ slot: Int) -> FileStamp? {
    unsafe root.isEmpty
      ? paths.withCString(slot) { unsafe FileStamp(cPath: $0) }
      : path(slot).withCString { unsafe FileStamp(cPath: $0) }
  }

  /// The given tasks and all tasks that they need, in the graph's order. O(graph).
  package func closure(of targets: [TaskID]) -> [TaskID] {
    var wanted = [Bool](repeating: false, count: taskCount)
    for target in targets { wanted[Int(target.raw)] = true }
    for task in order.reversed() where wanted[Int(task.raw)] {
      for input in inputs(task) {
        if let producer = producer(SlotID(input)) { wanted[Int(producer.raw)] = true }
      }
    }
    return order.filter { wanted[Int($0.raw)] }
  }

  /// The given tasks and all tasks that need one of them, directly or indirectly, in the graph's order. O(graph).
  package func dependents(of tasks: some Sequence<TaskID>) -> [TaskID] {
    var isReached = [Bool](repeating: false, count: taskCount)
    for task in tasks { isReached[Int(task.raw)] = true }
    for other in order {
      if inputs(other).contains(where: { producer(SlotID($0)).map { isReached[Int($0.raw)] } ?? false }) {
        isReached[Int(other.raw)] = true
      }
    }
    return order.filter { isReached[Int($0.raw)] }
  }
}

/// Why tasks do not form a graph.
package enum GraphError: Error, Hashable, Sendable {
  /// Two tasks write the same file.
  case twoWriters(path: String, first: String, second: String)
  /// A dependency cycle; the first task is repeated at the end.
  case cycle(tasks: [String])
}
