internal import Bytes
internal import Files

/// The verifying traces of a graph's tasks and the signatures of its files, in tables parallel to those of the graph.
///
/// The term is from "Build systems à la carte": what a task consumed and produced when it last ran, from which a later
/// build concludes that it need not run again. Signatures of sources and outputs have the same form, so that consumed
/// signatures can be compared with them one by one.
struct TraceTable {
  /// The state of a task's record.
  enum RecordState: UInt8 {
    case neverRan
    /// Its trace is in the tables.
    case traced
    /// It ran in an earlier graph with another recipe.
    case recipeChanged
    /// It ran in an earlier graph with other inputs.
    case inputsChanged
  }

  /// By slot: a source's signature when it was last read; for all others the result in the task's trace.
  var signatures: [Fingerprint]
  /// By slot: the file's stamp when its signature was taken.
  var stamps: [StampDigest]
  /// By input: the signature in the task's trace.
  var consumed: [Fingerprint]
  /// By task.
  var recordStates: [RecordState.RawValue]
  var decisions: DecisionTable

  /// No records.
  init(for graph: TaskGraph) {
    signatures = [Fingerprint](repeating: TraceTable.nothing, count: graph.slotCount)
    stamps = [StampDigest](repeating: .doubtful, count: graph.slotCount)
    consumed = [Fingerprint](repeating: TraceTable.nothing, count: graph.inputSlots.count)
    recordStates = [RecordState.RawValue](repeating: RecordState.neverRan.rawValue, count: graph.taskCount)
    decisions = DecisionTable(taskCount: graph.taskCount)
  }

  /// The signature of a value that was not computed.
  package static let nothing = Fingerprint(high: 0, low: 0)

  /// Whether values of a task are recorded.
  func hasValues(_ task: TaskID, _ graph: TaskGraph) -> Bool {
    graph.slots(task).contains { graph.isValue($0) && signatures[$0] != TraceTable.nothing }
  }

  /// Forgets the values of a task, which then runs again.
  mutating func lose(_ task: TaskID, _ graph: TaskGraph) {
    for slot in graph.slots(task) where graph.isValue(slot) { signatures[slot] = TraceTable.nothing }
    recordStates[Int(task.raw)] = RecordState.neverRan.rawValue
  }

  func recordState(_ task: TaskID) -> RecordState { RecordState(rawValue: recordStates[Int(task.raw)])! }

  /// Takes over the records of tasks and sources that are in both graphs. O(both).
  init(for graph: TaskGraph, from old: TraceTable, of oldGraph: TaskGraph) {
    self.init(for: graph)
    decisions.build = old.decisions.build
    // A first build has no earlier records. To look for them all the same took 6 % of reading a graph file.
    guard oldGraph.slotCount > 0 else { return }
    var oldSources: [PathKey: Int] = [:]
    for slot in 0..<oldGraph.sourceCount { oldSources[PathKey(oldGraph.paths[slot])] = slot }
    for slot in 0..<graph.sourceCount {
      guard let oldSlot = oldSources[PathKey(graph.paths[slot])] else { continue }
      signatures[slot] = old.signatures[oldSlot]
      stamps[slot] = old.stamps[oldSlot]
    }
    var oldTasks: [Fingerprint: TaskID] = [:]
    for task in oldGraph.tasks { oldTasks[oldGraph.identity(task)] = task }
    for task in graph.tasks {
      guard let oldTask = oldTasks[graph.identity(task)] else { continue }
      carryOver(task, graph, oldTask, old, oldGraph)
    }
  }

  private mutating func carryOver(
    _ task: TaskID, _ graph: TaskGraph, _ oldTask: TaskID, _ old: TraceTable, _ oldGraph: TaskGraph
  ) {
    let state = old.recordState(oldTask)
    guard state != .neverRan else { return }
    decisions.carryOver(task, from: old.decisions, oldTask)
    let slots = graph.slots(task)
    let oldSlots = oldGraph.slots(oldTask)
    if state != .traced {
      recordStates[Int(task.raw)] = state.rawValue
    } else if graph.recipe(task) != oldGraph.recipe(oldTask) || slots.count != oldSlots.count {
      recordStates[Int(task.raw)] = RecordState.recipeChanged.rawValue
    } else if graph.inputs(task).count != oldGraph.inputs(oldTask).count {
      recordStates[Int(task.raw)] = RecordState.inputsChanged.rawValue
    } else {
      recordStates[Int(task.raw)] = RecordState.traced.rawValue
      for (slot, oldSlot) in zip(slots, oldSlots) {
        signatures[slot] = old.signatures[oldSlot]
        stamps[slot] = old.stamps[oldSlot]
      }
      for (index, oldIndex) in zip(graph.inputIndices(task), oldGraph.inputIndices(oldTask)) {
        consumed[index] = old.consumed[oldIndex]
      }
    }
  }
}
