internal import Dispatch
internal import Files
internal import Synchronization

/// One build: decides which tasks of a graph must run, and runs them.
///
/// Only the driving thread changes anything here. Workers take and return Sendable values.
package struct Build<Runner: TaskRunner>: ~Copyable {
  package typealias Event = BuildEvent<Runner.Failure>

  private let graph: TaskGraph
  private let store: StateStore
  private let driver: Driver<Runner>

  /// - Parameters:
  ///   - store: the state of the folder; it is moved to `graph` if it has another graph.
  ///   - kept: called for each up-to-date task, on the driving thread.
  ///   - onEvent: called for all other events, also on that thread.
  package init(
    _ graph: TaskGraph, runner: Runner, store: consuming StateStore, options: BuildOptions,
    kept: @escaping (TaskID) -> Void = { _ in }, onEvent: @escaping (Event) -> Void
  ) {
    self.graph = graph
    self.store = store
    driver = Driver(options: options, kept: kept, onEvent: onEvent, runner: runner)
  }

  /// Updates the targets, or everything.
  package consuming func run(targets: [TaskID]? = nil) -> BuildSummary {
    let driver = driver
    var progress = BuildProgress(graph, store: store, options: driver.options, targets: targets)
    driver.drive(&progress)
    return progress.summary
  }
}

/// Carries out the decisions of a build: it owns the threads, the jobserver, and the callbacks.
private struct Driver<Runner: TaskRunner> {
  let options: BuildOptions
  let kept: (TaskID) -> Void
  let onEvent: (BuildEvent<Runner.Failure>) -> Void
  let runner: Runner

  func drive(_ progress: inout BuildProgress) {
    reportDecisions(&progress)
    if options.isDryRun {
      while let (task, reason) = progress.start() { onEvent(.wouldRun(task, reason)) }
      return
    }
    runTasks(&progress)
    if options.isInterrupted() { progress.interrupt() }
    progress.abandon()
    reportDecisions(&progress)
    progress.end()
  }

  /// Makes all decisions that are possible now, and reports them.
  private func reportDecisions(_ progress: inout BuildProgress) {
    while let event = progress.next() {
      switch event {
      case .kept(let task): kept(task)
      case .failed(let task, .unreadable(let error)): onEvent(.failed(task, .source(error)))
      case .failed(let task, .missing(let path)): onEvent(.failed(task, .missingSource(path: path)))
      }
    }
  }

  // MARK: Threads

  /// Runs the ready tasks, and those that become ready, until none is left.
  private func runTasks(_ progress: inout BuildProgress) {
    let threads = (0..<min(max(1, options.jobs), WorkerThread.maximumCount)).map { _ in WorkerThread() }
    let reports = Mutex<[[WorkerReport<Runner.Failure>]]>([])
    let arrived = DispatchSemaphore(value: 0)
    var freeWorkers = Array(threads.indices.reversed())
    var running = 0
    while true {
      while !isOver(progress), progress.readyCount > 0, let number = freeWorkers.last,
        running == 0 || hasToken(toRunBeside: running)
      {
        freeWorkers.removeLast()
        running += 1
        let batch = nextBatch(number, &progress)
        let worker = Worker(number: number, runner: runner)
        threads[number].start {
          let done = worker.run(batch)
          reports.withLock { $0.append(done) }
          arrived.signal()
        }
      }
      options.jobserver?.keep(max(0, running - 1))
      guard running > 0 else { break }
      // The jobserver does not notify when a token becomes free, so ask again soon.
      let hasReady = progress.readyCount > 0
      let isShort = hasReady && options.jobserver != nil && !freeWorkers.isEmpty
      guard arrived.wait(timeout: isShort ? .now() + .milliseconds(10) : .distantFuture) == .success else { continue }
      let batch = reports.withLock { $0.removeFirst() }
      running -= 1
      freeWorkers.append(batch[0].worker)
      for (index, report) in batch.enumerated() { apply(report, isStartReported: index == 0, &progress) }
      progress.flush()
    }
  }

  private func isOver(_ progress: borrowing BuildProgress) -> Bool { progress.isOver || options.isInterrupted() }

  private func hasToken(toRunBeside running: Int) -> Bool {
    options.jobserver.map { $0.take(running) >= running } ?? true
  }

  /// The next tasks for a worker: several if many are ready, because handing over a task takes as long as running a
  /// small one.
  private func nextBatch(_ worker: Int, _ progress: inout BuildProgress) -> [TaskContext] {
    let size = min(16, max(1, progress.readyCount / (4 * options.jobs)))
    var batch: [TaskContext] = []
    while batch.count < size, let (task, reason) = progress.start() {
      if batch.isEmpty { onEvent(.started(task, reason, worker: worker)) }
      batch.append(progress.context(task))
    }
    return batch
  }

  /// - Parameter isStartReported: whether the task's start was reported when the worker got it.
  private func apply(
    _ report: WorkerReport<Runner.Failure>, isStartReported: Bool, _ progress: inout BuildProgress
  ) {
    let task = report.task
    for (slot, file) in report.signed { progress.sign(slot, file) }
    switch report.conclusion {
    case .notBegun: progress.putBack(task)
    case .unreadable:
      progress.findDamage()
      progress.putBack(task)
    case .failed(let failure):
      if !isStartReported { onEvent(.started(task, progress.reason(task), worker: report.worker)) }
      progress.fail(task)
      onEvent(.failed(task, failure))
    case .made(let outcome, let stamps):
      if !isStartReported { onEvent(.started(task, progress.reason(task), worker: report.worker)) }
      progress.finish(task, outcome, stamps)
      onEvent(
        .finished(task, outcome, worker: report.worker, startNanos: report.startNanos, endNanos: report.endNanos))
    }
    reportDecisions(&progress)
  }
}
