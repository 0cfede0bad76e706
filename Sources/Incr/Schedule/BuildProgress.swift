internal import Files

/// The progress of a build: makes decisions, and records each one immediately. It does not start any work.
///
/// It does not depend on the runner, so that it is not a generic type: an unspecialized generic type looked up its own
/// layout at run time for each task, which was a fifth of the samples in a build with nothing to do.
struct BuildProgress: ~Copyable {
  /// A decision that is reported to callers of the build.
  enum Event {
    /// The task is up to date.
    case kept(TaskID)
    /// The task failed before it could run.
    case failed(TaskID, SourceFailure)
  }

  private let graph: TaskGraph
  private let options: BuildOptions
  private var scheduler: Scheduler
  private var disk: DiskView
  private var recorder: Recorder

  /// Stats all files concerned, and reads the sources whose stamps do not prove the recorded signature.
  ///
  /// - Parameters:
  ///   - store: the state of the folder; it is moved to `graph` if it has another graph.
  ///   - targets: the requested tasks; `nil` for all.
  init(_ graph: TaskGraph, store: consuming StateStore, options: BuildOptions, targets: [TaskID]?) {
    self.graph = graph
    self.options = options
    recorder = Recorder(graph, store: store)
    recorder.begin(targets)
    let tasks = BuildProgress.wanted(targets, graph, leavingOut: options.leftOut)
    let concerned = targets == nil ? nil : tasks
    let start = Clock.monotonicNanos()
    let workers = options.takeThreads()
    disk = DiskView(graph, of: concerned, known: recorder.store.saved.traces.stamps, workers: workers)
    recorder.summary.nanos["stat"] = Clock.monotonicNanos() - start
    scheduler = Scheduler(graph, maximumFailures: options.maximumFailures, tolerances: options.tolerances)
    scheduler.begin(tasks)
    compareDoubtful(concerned, workers: workers)
    options.returnThreads()
  }

  /// Reads the files whose content decides whether tasks have to run.
  private mutating func compareDoubtful(_ tasks: [TaskID]?, workers: Int) {
    let sources = disk.sourcesToCompare(tasks, recorder.store.saved.traces)
    for (slot, result) in zip(sources, FileSurvey.signatures(sources, of: graph, workers: workers)) {
      switch result {
      case .success(let file): sign(slot, file)
      case .failure(let error): disk.fail(slot, error)
      }
    }
    let outputs = disk.outputsToCompare(tasks, recorder.store.saved.traces)
    for (slot, result) in zip(outputs, FileSurvey.signatures(outputs, of: graph, workers: workers)) {
      if let file = try? result.get(), file.signature == recorder.store.saved.traces.signatures[slot] {
        disk.sign(slot)
        recorder.confirm(slot, file)
      } else {
        disk.findEdited(slot)
      }
    }
  }

  /// The targets and all tasks that they need, in the graph's order.
  private static func wanted(_ targets: [TaskID]?, _ graph: TaskGraph, leavingOut rules: Set<String>) -> [TaskID] {
    guard !rules.isEmpty else { return targets.map { graph.closure(of: $0) } ?? Array(graph.order) }
    return graph.closure(of: (targets ?? Array(graph.order)).filter { !rules.contains(graph.rule($0).name) })
  }

  /// Records a source's signature.
  mutating func sign(_ slot: Int, _ file: SignedFile) {
    disk.sign(slot)
    recorder.sign(slot, file)
  }

  // MARK: Decisions

  /// Decides until there is an event to report; `nil` if no further decision is possible now.
  mutating func next() -> Event? {
    while let step = scheduler.next() {
      switch step {
      case .skipped(let task): recorder.skip(task, scheduler.reason(task))
      case .due(let task):
        for producer in scheduler.shownLosses(of: task) { recorder.lose(producer) }
        switch scheduler.decide(task, disk.status(task, recorder.store.saved.traces)) {
        case .kept:
          recorder.keep()
          return .kept(task)
        case .ready: break
        case .skipped: recorder.skip(task, nil)
        case .failed(let failure):
          recorder.fail(task, nil)
          return .failed(task, failure)
        }
      }
    }
    return nil
  }

  var readyCount: Int { scheduler.readyCount }

  /// Whether no further task should start.
  var isOver: Bool { scheduler.hasFailedEnough || recorder.summary.foundDamage }

  /// From now on, no further task starts.
  mutating func abandon() { scheduler.abandon() }

  // MARK: Tasks that run

  /// The task to run next, with the reason.
  mutating func start() -> (task: TaskID, reason: Reason)? {
    guard let task = scheduler.start() else { return nil }
    return (task, reason(task))
  }

  /// Why a started task must run.
  func reason(_ task: TaskID) -> Reason { scheduler.reason(task)! }

  /// The input of a worker for a task.
  mutating func context(_ task: TaskID) -> TaskContext {
    // Before its inputs are read: what it does without must be what its trace says.
    for producer in scheduler.lostProducers(of: task) { recorder.lose(producer) }
    return TaskContext(
      task: task, graph: graph, inputs: graph.inputs(task).map { recorder.store.saved.traces.signatures[Int($0)] },
      products: scheduler.handedOn(to: task), unsigned: disk.unsigned(task), isNew: disk.isNew(task))
  }

  /// A started task did not run.
  mutating func putBack(_ task: TaskID) { scheduler.putBack(task) }

  mutating func fail(_ task: TaskID) {
    recorder.fail(task, scheduler.reason(task))
    scheduler.fail(task)
  }

  mutating func finish(_ task: TaskID, _ outcome: TaskOutcome, _ stamps: [TakenStamp]) {
    recorder.finish(task, scheduler.reason(task), outcome, stamps)
    scheduler.finish(task, product: outcome.product)
  }

  // MARK: Records

  var summary: BuildSummary { recorder.summary }

  /// A started task cannot be decoded from the graph.
  mutating func findDamage() { recorder.summary.foundDamage = true }

  mutating func interrupt() { recorder.summary.wasInterrupted = true }

  /// Writes the pending records to disk.
  mutating func flush() { recorder.flush() }

  /// The same at the end of the build.
  mutating func end() {
    recorder.end(workers: options.takeThreads())
    options.returnThreads()
  }
}
