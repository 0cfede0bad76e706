package import Bytes
internal import Files

/// A task of a graph, by its place in the tables.
package struct TaskID: Hashable, Sendable, Comparable {
  package let raw: UInt32
  package init(_ raw: UInt32) { self.raw = raw }
  package static func < (left: TaskID, right: TaskID) -> Bool { left.raw < right.raw }
}

/// The place of one signature: a source file's content, an output file's content, or a value that a task computes.
package struct SlotID: Hashable, Sendable {
  package let raw: UInt32
  package init(_ raw: UInt32) { self.raw = raw }
}

/// What a kind of task does, and in which version: a new version runs every task of the rule anew.
package struct Rule: Hashable, Sendable {
  package let name: String
  package let version: UInt32

  package init(name: String, version: UInt32) {
    self.name = name
    self.version = version
  }
}

/// A static graph of tasks over files and values, in dense tables: no object for a node, no pointer between nodes.
///
/// Slots are numbered sources first, then each task's outputs and values in turn.
package struct TaskGraph: Sendable, Hashable {
  /// The paths of sources and outputs; a value's path is empty.
  var paths = StringPool()
  package internal(set) var sourceCount = 0
  package internal(set) var rules: [Rule] = []
  /// For each task, indexed by `TaskID.raw`.
  var taskRules: [UInt16] = []
  var names = StringPool()
  var parameterTexts = StringPool()
  var recipes: [Fingerprint] = []
  var outputCounts: [UInt32] = []
  /// Where each task's slots and inputs begin; one entry more than tasks.
  var firstSlots: [UInt32] = [0]
  var firstInputs: [UInt32] = [0]
  var inputSlots: [UInt32] = []
  /// For each slot that no source fills, the task that does.
  var slotTasks: [UInt32] = []
  /// All tasks, each after those that it consumes something of.
  var topologicalOrder: [UInt32] = []
  /// What tells this graph from any other: of all that is above.
  package internal(set) var fingerprint = Fingerprint(high: 0, low: 0)

  package var order: LazyMapSequence<[UInt32], TaskID> { topologicalOrder.lazy.map(TaskID.init) }
  package var taskCount: Int { taskRules.count }
  package var slotCount: Int { paths.count }
  package var tasks: LazyMapSequence<Range<UInt32>, TaskID> { (0..<UInt32(taskCount)).lazy.map(TaskID.init) }

  package func rule(_ task: TaskID) -> Rule { rules[Int(taskRules[Int(task.raw)])] }
  /// What people call the task: unique within its rule.
  package func name(_ task: TaskID) -> String { names[Int(task.raw)] }

  /// What the task is told beside its inputs and outputs, as it was added.
  package func parameters(_ task: TaskID) -> String { parameterTexts[Int(task.raw)] }

  /// What tells a task from all others, in this graph and the next: its rule's name and its own.
  package func identity(_ task: TaskID) -> Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(rule(task).name)
    encoder.add(name(task))
    return encoder.fingerprint
  }

  /// What the task is told beside its inputs (rule, version, parameters, output paths): another recipe runs it anew.
  package func recipe(_ task: TaskID) -> Fingerprint { recipes[Int(task.raw)] }

  /// The slots that the task fills: its output files in order, then its values.
  package func slots(_ task: TaskID) -> Range<Int> {
    Int(firstSlots[Int(task.raw)])..<Int(firstSlots[Int(task.raw) + 1])
  }

  /// The slots of the task's output files.
  package func outputs(_ task: TaskID) -> Range<Int> {
    let start = Int(firstSlots[Int(task.raw)])
    return start..<start + Int(outputCounts[Int(task.raw)])
  }

  /// The slots whose signatures the task consumes.
  package func inputs(_ task: TaskID) -> ArraySlice<UInt32> { inputSlots[inputPlaces(task)] }

  /// Where in the table of all inputs those of the task lie.
  func inputPlaces(_ task: TaskID) -> Range<Int> {
    Int(firstInputs[Int(task.raw)])..<Int(firstInputs[Int(task.raw) + 1])
  }

  /// The task that fills a slot; `nil` for a source.
  package func producer(_ slot: SlotID) -> TaskID? {
    Int(slot.raw) < sourceCount ? nil : TaskID(slotTasks[Int(slot.raw) - sourceCount])
  }

  /// The folder that relative paths begin at, as this process reaches it; empty for its own folder. No part of what the
  /// graph is: the same graph is the same from wherever it is looked at.
  package var root = ""

  /// The path of a source or an output as this process reaches it; empty for a value.
  package func path(_ slot: SlotID) -> String { path(Int(slot.raw)) }

  func path(_ slot: Int) -> String { paths.isEmpty(slot) ? "" : TaskGraph.path(paths[slot], below: root) }

  /// A path that is relative to a folder; absolute ones stay.
  package static func path(_ path: String, below root: String) -> String {
    root.isEmpty || path.isAbsolutePath ? path : root == "/" ? "/" + path : root + "/" + path
  }

  /// The paths of all sources and outputs, as this process reaches them. O(graph).
  package var files: [String] { (0..<slotCount).lazy.filter { !self.paths.isEmpty($0) }.map { self.path($0) } }

  /// The stamp of a slot's file; `nil` when there is none.
  func stamp(_ slot: Int) -> FileStamp? {
    unsafe root.isEmpty
      ? paths.withCString(slot) { unsafe FileStamp(cPath: $0) }
      : path(slot).withCString { unsafe FileStamp(cPath: $0) }
  }

  /// The tasks that the given ones need, themselves included, in the graph's order. O(graph).
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

  /// The tasks and all that need one of them, be it through others, in the graph's order. O(graph).
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

/// Why a set of tasks is no graph.
package enum GraphError: Error, Hashable, Sendable {
  /// Two tasks write one file.
  case twoWriters(path: String, first: String, second: String)
  /// Tasks that need one another, each before the next, the first again at the end.
  case cycle(tasks: [String])
}
