internal import Dispatch
internal import Files
internal import Synchronization

/// One build: the graph, what is known of its files, and the tasks that have to run, run.
///
/// The driving thread alone changes anything here. Workers take Sendable values and return Sendable values.
package struct Build<Runner: TaskRunner>: ~Copyable {
  package typealias Event = BuildEvent<Runner.Failure>

  private let graph: TaskGraph
  private let store: StateStore
  private let driver: Driver<Runner>

  /// - Parameters:
  ///   - store: the state of the folder; it becomes that of `graph` if it is not.
  ///   - kept: called with each task that is up to date, on the thread that drives the build.
  ///   - tell: called with all else that happens, on that thread too.
  package init(
    _ graph: TaskGraph, runner: Runner, store: consuming StateStore, options: BuildOptions,
    kept: @escaping (TaskID) -> Void = { _ in }, tell: @escaping (Event) -> Void
  ) {
    self.graph = graph
    self.store = store
    driver = Driver(options: options, kept: kept, tell: tell, runner: runner)
  }

  /// Brings the targets up to date, or everything.
  package consuming func run(targets: [TaskID]? = nil) -> BuildSummary {
    let driver = driver
    var progress = BuildProgress(graph, store: store, options: driver.options, targets: targets)
    driver.drive(&progress)
    return progress.summary
  }
}

/// Acts on what a build decides: it has the threads, the jobserver, and the callbacks.
private struct Driver<Runner: TaskRunner> {
  let options: BuildOptions
  let kept: (TaskID) -> Void
  let tell: (BuildEvent<Runner.Failure>) -> Void
  let runner: Runner

  func drive(_ progress: inout BuildProgress) {
    tellDecisions(&progress)
    if options.isDryRun {
      while let (task, reason) = progress.start() { tell(.wouldRun(task, reason)) }
      return
    }
    runTasks(&progress)
    if options.isInterrupted() { progress.interrupt() }
    progress.abandon()
    tellDecisions(&progress)
    progress.end()
  }

  /// Decides about all that can be decided by now.
  private func tellDecisions(_ progress: inout BuildProgress) {
    while let event = progress.next() {
      switch event {
      case .kept(let task): kept(task)
      case .failed(let task, .unreadable(let error)): tell(.failed(task, .source(error)))
      case .failed(let task, .missing(let path)): tell(.failed(task, .missingSource(path: path)))
      }
    }
  }

  // MARK: Threads

  /// Runs what is ready and what becomes ready by that, until nothing is left.
  private func runTasks(_ progress: inout BuildProgress) {
    let queue = DispatchQueue(label: "bpfgen.tasks", attributes: .concurrent)
    let reports = Mutex<[[WorkerReport<Runner.Failure>]]>([])
    let arrived = DispatchSemaphore(value: 0)
    var freeWorkers = Array((0..<max(1, options.jobs)).reversed())
    var running = 0
    while true {
      while !isOver(progress), progress.readyCount > 0, let number = freeWorkers.last,
        running == 0 || hasToken(toRunBeside: running)
      {
        freeWorkers.removeLast()
        running += 1
        let batch = nextBatch(number, &progress)
        let worker = Worker(number: number, runner: runner)
        queue.async {
          let done = worker.run(batch)
          reports.withLock { $0.append(done) }
          arrived.signal()
        }
      }
      options.jobserver?.keep(max(0, running - 1))
      guard running > 0 else { break }
      // The jobserver does not report when it has a token: it is asked again soon.
      let hasReady = progress.readyCount > 0
      let isShort = hasReady && options.jobserver != nil && !freeWorkers.isEmpty
      guard arrived.wait(timeout: isShort ? .now() + .milliseconds(10) : .distantFuture) == .success else { continue }
      let batch = reports.withLock { $0.removeFirst() }
      running -= 1
      freeWorkers.append(batch[0].worker)
      for (index, report) in batch.enumerated() { apply(report, isStartTold: index == 0, &progress) }
      progress.flush()
    }
  }

  private func isOver(_ progress: borrowing BuildProgress) -> Bool { progress.isOver || options.isInterrupted() }

  private func hasToken(toRunBeside running: Int) -> Bool {
    options.jobserver.map { $0.take(running) >= running } ?? true
  }

  /// The tasks that a worker is given at once: several when many wait, for handing over costs as much as a small task.
  private func nextBatch(_ worker: Int, _ progress: inout BuildProgress) -> [TaskContext] {
    let size = min(16, max(1, progress.readyCount / (4 * options.jobs)))
    var batch: [TaskContext] = []
    while batch.count < size, let (task, reason) = progress.start() {
      if batch.isEmpty { tell(.started(task, reason, worker: worker)) }
      batch.append(progress.context(task))
    }
    return batch
  }

  /// - Parameter isStartTold: whether the task's start was told when the worker was given it.
  private func apply(
    _ report: WorkerReport<Runner.Failure>, isStartTold: Bool, _ progress: inout BuildProgress
  ) {
    let task = report.task
    for (slot, file) in report.signed { progress.sign(slot, file) }
    switch report.conclusion {
    case .notBegun: progress.putBack(task)
    case .unreadable:
      progress.findDamage()
      progress.putBack(task)
    case .failed(let failure):
      if !isStartTold { tell(.started(task, progress.reason(task), worker: report.worker)) }
      progress.fail(task)
      tell(.failed(task, failure))
    case .made(let outcome, let stamps):
      if !isStartTold { tell(.started(task, progress.reason(task), worker: report.worker)) }
      progress.finish(task, outcome, stamps)
      tell(
        .finished(task, outcome, worker: report.worker, startNanos: report.startNanos, endNanos: report.endNanos))
    }
    tellDecisions(&progress)
  }
}
