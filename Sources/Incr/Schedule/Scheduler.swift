internal import Files

/// Decides which tasks of a graph must run, and when each can run. All decisions are values.
///
/// It reads no files and starts no work. The caller asks for the next step until there is none, reports the status of
/// the files of each due task, starts the ready tasks, and reports their results:
///
///     begin(wanted) ─▶ next() ─▶ due ─▶ decide(task, files) ─▶ kept, failed, skipped, or ready
///                        ▲                                                              │
///                        └────── finish(task), fail(task), putBack(task) ◀── start() ◀──┘
///
/// A task is due when everything that it consumes is settled. There is no recursion: a settled task stays in a list
/// until its consumers were informed, so that a chain of tasks may be longer than the stack allows. All steps of a
/// build together take O(tasks + inputs), and O(log tasks) for each task that runs.
struct Scheduler {
  /// The next step of the caller.
  enum Step: Hashable {
    /// Whether the task must run depends on its files: the caller calls `decide(_:_:)` before it asks for another step.
    case due(TaskID)
    /// The task cannot run.
    case skipped(TaskID)
  }

  /// The status of the files of a due task.
  enum FileStatus {
    case upToDate
    case outOfDate(Reason)
    /// A source cannot be read.
    case unusable(SourceFailure)
  }

  /// The decision about a due task.
  enum Decision {
    case kept, ready, skipped
    case failed(SourceFailure)
  }

  private let graph: TaskGraph
  private let maximumFailures: Int
  /// By the name of a rule.
  private let tolerances: [String: Tolerance]
  private var failureCount = 0
  /// Whether a task failed or was skipped: most builds have none, and need not look for them.
  private var hasLosses = false
  private var states: TaskStates
  private var reasons: [TaskID: Reason] = [:]

  /// Whether the first pass over `wanted` is still in progress.
  private var isFirstPass = false
  private var wanted: [TaskID] = []
  private var reached = 0
  private var consumers = Consumers()
  /// By task: how many of its inputs are not settled.
  private var waiting: [UInt32]
  /// Settled tasks whose consumers were not informed yet.
  private var settled: [TaskID] = []
  /// The remaining consumers of the task taken last from that list.
  private var uninformed = 0..<0

  private var ready = ReadyQueue()
  private var products = Products()
  private var isAbandoned = false

  /// - Parameter maximumFailures: the number of failures after which no further task fails because of its sources; 0
  ///   for no limit.
  init(_ graph: TaskGraph, maximumFailures: Int, tolerances: [String: Tolerance] = [:]) {
    self.graph = graph
    self.maximumFailures = maximumFailures
    self.tolerances = tolerances
    states = TaskStates(count: graph.taskCount)
    waiting = [UInt32](repeating: 0, count: graph.taskCount)
  }

  /// - Parameter wanted: tasks and everything that they need, in the graph's order.
  mutating func begin(_ wanted: [TaskID]) {
    self.wanted = wanted
    isFirstPass = true
  }

  /// From now on no task starts: ready tasks are skipped, and so are the tasks that need them.
  mutating func abandon() { isAbandoned = true }

  // MARK: Decisions

  /// The next step; `nil` if there is none before a running task is reported, or at the end.
  mutating func next() -> Step? {
    while let task = nextOfFirstPass() {
      // In the graph's order all producers have been decided, so it only waits for those that run.
      waiting[Int(task.raw)] = unsettledInputs(task)
      if waiting[Int(task.raw)] == 0, states[task] == .waiting { return step(task) }
    }
    while true {
      if let index = uninformed.popFirst() {
        let consumer = consumers[index]
        guard states[consumer] == .waiting, waiting[Int(consumer.raw)] > 0 else { continue }
        waiting[Int(consumer.raw)] -= 1
        if waiting[Int(consumer.raw)] == 0 { return step(consumer) }
      } else if let task = settled.popLast() {
        products.release(by: task, graph)
        uninformed = consumers.indices(of: task)
      } else if isAbandoned, let task = ready.popFirst() {
        return skip(task)
      } else {
        return nil
      }
    }
  }

  /// Decides about a due task.
  mutating func decide(_ task: TaskID, _ files: FileStatus) -> Decision {
    switch files {
    case .upToDate:
      settle(task, as: .kept)
      return .kept
    case .outOfDate(let reason):
      states.move(task, to: .ready)
      reasons[task] = reason
      ready.insert(task, isWarm: products.feed(task, graph))
      return .ready
    case .unusable(let failure):
      guard !hasFailedEnough else {
        settle(task, as: .skipped)
        return .skipped
      }
      fail(task)
      return .failed(failure)
    }
  }

  private mutating func nextOfFirstPass() -> TaskID? {
    guard isFirstPass else { return nil }
    if reached < wanted.count {
      reached += 1
      return wanted[reached - 1]
    }
    isFirstPass = false
    if !ready.isEmpty {
      consumers = Consumers(graph, wanted)
      ready.sort(by: graph)
    }
    wanted = []
    return nil
  }

  private func unsettledInputs(_ task: TaskID) -> UInt32 {
    var count: UInt32 = 0
    for input in graph.inputs(task) {
      if let producer = graph.producer(SlotID(input)), !states[producer].isSettled { count += 1 }
    }
    return count
  }

  /// A task is skipped before its files are checked: a missing source is reported once, for the task that consumes it,
  /// and not again for tasks that need that one.
  private mutating func step(_ task: TaskID) -> Step {
    guard hasLosses else { return .due(task) }
    return graph.inputs(task).contains { isLost($0) && !isTolerated($0, by: task) } ? skip(task) : .due(task)
  }

  private func isLost(_ slot: UInt32) -> Bool { graph.producer(SlotID(slot)).map { states[$0].isLost } ?? false }

  /// Whether a task does without a lost input.
  private func isTolerated(_ slot: UInt32, by task: TaskID) -> Bool {
    guard graph.isValue(Int(slot)), let producer = graph.producer(SlotID(slot)) else { return false }
    return tolerances[graph.rule(task).name]?.rules.contains(graph.rule(producer).name) ?? false
  }

  /// The tasks whose values a task has to do without.
  func lostProducers(of task: TaskID) -> [TaskID] {
    guard hasLosses else { return [] }
    return graph.inputs(task).filter(isLost).compactMap { graph.producer(SlotID($0)) }
  }

  /// Those of them for which it must run, if it had their values when it last ran. If the build stopped before a task
  /// could start, it is not known that its values are lost.
  func shownLosses(of task: TaskID) -> [TaskID] {
    let lost = lostProducers(of: task)
    guard !lost.isEmpty, tolerances[graph.rule(task).name]?.showsLosses ?? false else { return [] }
    return lost.filter { states[$0] == .failed || !isAbandoned && !hasFailedEnough }
  }

  private mutating func skip(_ task: TaskID) -> Step {
    settle(task, as: .skipped)
    return .skipped(task)
  }

  private mutating func settle(_ task: TaskID, as state: TaskState) {
    states.move(task, to: state)
    if state.isLost { hasLosses = true }
    // In the first pass nothing waits for it yet.
    if !isFirstPass { settled.append(task) }
  }

  /// Whether no further task should start.
  var hasFailedEnough: Bool { maximumFailures > 0 && failureCount >= maximumFailures }

  // MARK: Tasks that run

  var readyCount: Int { ready.count }

  /// The task to run next.
  mutating func start() -> TaskID? {
    guard let task = ready.popFirst() else { return nil }
    states.move(task, to: .running)
    return task
  }

  /// Why a task must run; `nil` if unknown.
  func reason(_ task: TaskID) -> Reason? { reasons[task] }

  /// The values from the producers of the task's inputs.
  func handedOn(to task: TaskID) -> [TaskID: any Sendable] { products.forTask(task, graph) }

  /// A started task did not run, and is ready again.
  mutating func putBack(_ task: TaskID) {
    states.move(task, to: .ready)
    ready.insert(task, isWarm: products.feed(task, graph))
  }

  /// A task succeeded.
  ///
  /// - Parameter product: a value for the consumers of the task.
  mutating func finish(_ task: TaskID, product: (any Sendable)?) {
    if let product { products.hold(product, of: task, users: consumers.indices(of: task).count) }
    settle(task, as: .ran)
  }

  mutating func fail(_ task: TaskID) {
    failureCount += 1
    settle(task, as: .failed)
  }
}

/// Why a source cannot be read.
enum SourceFailure {
  case unreadable(FileError)
  case missing(path: String)
}
