internal import Bytes
internal import Files

/// The verifying traces of a graph's tasks and the signatures of its files: tables beside those of the graph.
///
/// The term is that of "Build systems à la carte": what a task consumed and made when it last ran, by which a later run
/// knows that it need not run again. A source's signature and an output's are the same thing here, so that the consumed
/// ones compare to them place by place.
struct TraceTable {
  /// How a task stands to what is known of its last run.
  enum Standing: UInt8 {
    case neverRan
    /// Its trace is in the tables.
    case traced
    /// It ran in an earlier graph, by another recipe.
    case recipeChanged
    /// It ran in an earlier graph, with other inputs.
    case inputsChanged
  }

  /// By slot: a source's signature when it was last read, the result of the task's trace for all others.
  var signatures: [Fingerprint]
  /// By slot: of the file when its signature was taken.
  var stamps: [StampDigest]
  /// By place in the graph's table of inputs: what the task's trace says that it consumed.
  var consumed: [Fingerprint]
  /// By task.
  var standings: [Standing.RawValue]
  var decisions: DecisionTable

  /// Nothing is known.
  init(for graph: TaskGraph) {
    let nothing = Fingerprint(high: 0, low: 0)
    signatures = [Fingerprint](repeating: nothing, count: graph.slotCount)
    stamps = [StampDigest](repeating: .doubtful, count: graph.slotCount)
    consumed = [Fingerprint](repeating: nothing, count: graph.inputSlots.count)
    standings = [Standing.RawValue](repeating: Standing.neverRan.rawValue, count: graph.taskCount)
    decisions = DecisionTable(taskCount: graph.taskCount)
  }

  func standing(_ task: TaskID) -> Standing { Standing(rawValue: standings[Int(task.raw)])! }

  /// Takes over from another graph's tables what belongs to tasks and sources that are in both. O(both).
  init(for graph: TaskGraph, from old: TraceTable, of oldGraph: TaskGraph) {
    self.init(for: graph)
    decisions.build = old.decisions.build
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
      take(task, graph, oldTask, old, oldGraph)
    }
  }

  private mutating func take(
    _ task: TaskID, _ graph: TaskGraph, _ oldTask: TaskID, _ old: TraceTable, _ oldGraph: TaskGraph
  ) {
    let standing = old.standing(oldTask)
    guard standing != .neverRan else { return }
    decisions.take(task, from: old.decisions, oldTask)
    let slots = graph.slots(task)
    let oldSlots = oldGraph.slots(oldTask)
    if standing != .traced {
      standings[Int(task.raw)] = standing.rawValue
    } else if graph.recipe(task) != oldGraph.recipe(oldTask) || slots.count != oldSlots.count {
      standings[Int(task.raw)] = Standing.recipeChanged.rawValue
    } else if graph.inputs(task).count != oldGraph.inputs(oldTask).count {
      standings[Int(task.raw)] = Standing.inputsChanged.rawValue
    } else {
      standings[Int(task.raw)] = Standing.traced.rawValue
      for (slot, oldSlot) in zip(slots, oldSlots) {
        signatures[slot] = old.signatures[oldSlot]
        stamps[slot] = old.stamps[oldSlot]
      }
      for (place, oldPlace) in zip(graph.inputPlaces(task), oldGraph.inputPlaces(oldTask)) {
        consumed[place] = old.consumed[oldPlace]
      }
    }
  }
}
