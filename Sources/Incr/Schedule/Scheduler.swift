internal import Files

/// Which tasks of a graph have to run, and when each of them can: the decisions of a build, as values.
///
/// It reads no file and starts no work. A caller asks for the next step until there is none, says of each task that is due what
/// its files are like, starts what is ready, and reports what became of it:
///
///     begin(wanted) ─▶ next() ─▶ due ─▶ decide(task, files) ─▶ kept, failed, skipped, or ready
///                        ▲                                                              │
///                        └────── finish(task), fail(task), putBack(task) ◀── start() ◀──┘
///
/// A task is due when everything that it consumes is settled. Nothing is recursive: a task that is settled is in a list until
/// its consumers know it, so that a chain of tasks may be longer than a stack is deep. All steps of a build together take
/// O(tasks + inputs), and O(log tasks) for each task that runs.
struct Scheduler {
  /// What follows from what is known.
  enum Step: Hashable {
    /// Whether the task has to run depends on its files: the caller calls `decide(_:_:)` before it asks for another step.
    case due(TaskID)
    /// The task cannot run.
    case skipped(TaskID)
  }

  /// What the files of a task that is due are like.
  enum FileStatus {
    case upToDate
    case outOfDate(Reason)
    /// A source cannot be consumed.
    case unusable(SourceFailure)
  }

  /// What is decided about a task that is due.
  enum Decision {
    case kept, ready, skipped
    case failed(SourceFailure)
  }

  private let graph: TaskGraph
  private let maximumFailures: Int
  private var failureCount = 0
  private var states: TaskStates
  private var reasons: [TaskID: Reason] = [:]

  /// Whether there are tasks that were never looked at: those of `wanted` that were not reached.
  private var isFirstPass = false
  private var wanted: [TaskID] = []
  private var reached = 0
  private var consumers = Consumers()
  /// By task: how many of its inputs are not settled.
  private var waiting: [UInt32]
  /// The tasks that are settled and whose consumers do not know it.
  private var settled: [TaskID] = []
  /// Of the last one that was taken from there, the consumers that do not know it.
  private var uninformed = 0..<0

  private var ready = ReadyQueue()
  private var products = Products()
  private var isAbandoned = false

  /// - Parameter maximumFailures: after how many failures no further task fails for its sources; 0 for never.
  init(_ graph: TaskGraph, maximumFailures: Int) {
    self.graph = graph
    self.maximumFailures = maximumFailures
    states = TaskStates(count: graph.taskCount)
    waiting = [UInt32](repeating: 0, count: graph.taskCount)
  }

  /// - Parameter wanted: tasks with all that they need, in the graph's order.
  mutating func begin(_ wanted: [TaskID]) {
    self.wanted = wanted
    isFirstPass = true
  }

  /// From here on nothing more is started: what is ready is skipped, and what needs it.
  mutating func abandon() { isAbandoned = true }

  // MARK: Decisions

  /// The next step; `nil` when nothing follows before a task that runs is reported, or at the end.
  mutating func next() -> Step? {
    while let task = nextOfFirstPass() {
      // In the graph's order every producer was decided about before: only what runs is waited for.
      waiting[Int(task.raw)] = unsettledInputs(task)
      if waiting[Int(task.raw)] == 0, states[task] == .waiting { return step(task) }
    }
    while true {
      if let place = uninformed.popFirst() {
        let consumer = consumers[place]
        guard states[consumer] == .waiting, waiting[Int(consumer.raw)] > 0 else { continue }
        waiting[Int(consumer.raw)] -= 1
        if waiting[Int(consumer.raw)] == 0 { return step(consumer) }
      } else if let task = settled.popLast() {
        products.release(by: task, graph)
        uninformed = consumers.places(of: task)
      } else if isAbandoned, let task = ready.popFirst() {
        return skip(task)
      } else {
        return nil
      }
    }
  }

  /// Decides about a task that is due.
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

  /// A task is skipped before anybody looks at its files: one that is missing is reported once, for the task that consumes it,
  /// and not again for those that need this task.
  private mutating func step(_ task: TaskID) -> Step {
    let hasLost = graph.inputs(task).contains { graph.producer(SlotID($0)).map { states[$0].isLost } ?? false }
    return hasLost ? skip(task) : .due(task)
  }

  private mutating func skip(_ task: TaskID) -> Step {
    settle(task, as: .skipped)
    return .skipped(task)
  }

  private mutating func settle(_ task: TaskID, as state: TaskState) {
    states.move(task, to: state)
    // Nothing waits yet for what the first pass settles.
    if !isFirstPass { settled.append(task) }
  }

  /// Whether no further task is to be started.
  var hasFailedEnough: Bool { maximumFailures > 0 && failureCount >= maximumFailures }

  // MARK: Tasks that run

  var readyCount: Int { ready.count }

  /// The task to run next.
  mutating func start() -> TaskID? {
    guard let task = ready.popFirst() else { return nil }
    states.move(task, to: .running)
    return task
  }

  /// Why a task has to run; `nil` for one of which that is not known.
  func reason(_ task: TaskID) -> Reason? { reasons[task] }

  /// What the producers of the task's inputs handed on.
  func handedOn(to task: TaskID) -> [TaskID: any Sendable] { products.forTask(task, graph) }

  /// A task that was started did not run: it is ready again.
  mutating func putBack(_ task: TaskID) {
    states.move(task, to: .ready)
    ready.insert(task, isWarm: products.feed(task, graph))
  }

  /// A task succeeded.
  ///
  /// - Parameter product: handed to the tasks that consume something of it.
  mutating func finish(_ task: TaskID, product: (any Sendable)?) {
    if let product { products.hold(product, of: task, users: consumers.places(of: task).count) }
    settle(task, as: .ran)
  }

  mutating func fail(_ task: TaskID) {
    failureCount += 1
    settle(task, as: .failed)
  }
}

/// Why a source cannot be consumed.
enum SourceFailure {
  case unreadable(FileError)
  case missing(path: String)
}
