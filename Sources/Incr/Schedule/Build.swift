internal import Dispatch
internal import Files
internal import Synchronization

/// How a task ended on a worker.
private enum Conclusion<Failure: Error>: Sendable {
  /// - Parameter stamps: of the output files.
  case made(TaskOutcome, stamps: [TakenStamp])
  case failed(BuildFailure<Failure>)
  /// The graph does not say what it does.
  case unreadable
  /// The worker did not come to it, for a task before it did not succeed.
  case notBegun

  var isSuccess: Bool { if case .made = self { true } else { false } }
}

/// What a worker gives back of one task.
private struct Report<Failure: Error>: Sendable {
  let task: TaskID
  let worker: Int
  let result: Conclusion<Failure>
  /// The sources that were read for it, by slot.
  let signed: [(slot: Int, file: SignedFile)]
  let startNanos: Int64
  let endNanos: Int64
}

/// One build: the graph, what is known of its files, and the tasks that have to run, run.
///
/// The driving thread alone changes anything here. Workers take Sendable values and return Sendable values.
package struct Build<Runner: TaskRunner>: ~Copyable {
  package typealias Event = BuildEvent<Runner.Failure>

  private var walk: Walk
  private let runner: Runner
  private let tell: (Event) -> Void

  /// - Parameters:
  ///   - store: the state of the folder; it becomes that of `graph` if it is not.
  ///   - kept: told of each task that is up to date, on the thread that drives the build.
  ///   - tell: told of all else that happens, on that thread too.
  package init(
    _ graph: TaskGraph, runner: Runner, store: consuming StateStore, options: BuildOptions,
    kept: @escaping (TaskID) -> Void = { _ in }, tell: @escaping (Event) -> Void
  ) {
    walk = Walk(graph, store: store, options: options, kept: kept)
    self.runner = runner
    self.tell = tell
  }

  /// Brings the targets up to date, or everything.
  package consuming func run(targets: [TaskID]? = nil) -> BuildSummary {
    walk.begin(targets)
    tellSourceFailures()
    if walk.options.isDryRun {
      while let task = walk.ready.popFirst() { tell(.wouldRun(task, walk.reasons[task]!)) }
      return walk.summary
    }
    drive()
    walk.end()
    return walk.summary
  }

  private mutating func tellSourceFailures() {
    for (task, failure) in walk.sourceFailures {
      switch failure {
      case .unreadable(let error): tell(.failed(task, .source(error)))
      case .missing(let path): tell(.failed(task, .missingSource(path: path)))
      }
    }
    walk.sourceFailures = []
  }

  /// Runs what is ready and what becomes ready by that, until nothing is left.
  private mutating func drive() {
    let queue = DispatchQueue(label: "bpfgen.tasks", attributes: .concurrent)
    let reports = Mutex<[[Report<Runner.Failure>]]>([])
    let arrived = DispatchSemaphore(value: 0)
    var freeWorkers = Array((0..<max(1, walk.options.jobs)).reversed())
    var running = 0
    while true {
      while !isOver, !walk.ready.isEmpty, let worker = freeWorkers.last, running == 0 || hasLeave(toRunBeside: running)
      {
        freeWorkers.removeLast()
        running += 1
        let batch = nextBatch(worker)
        let runner = runner
        queue.async {
          let done = Build.run(batch, runner, worker)
          reports.withLock { $0.append(done) }
          arrived.signal()
        }
      }
      walk.options.jobserver?.keep(max(0, running - 1))
      guard running > 0 else { break }
      // Whoever waits for leave asks for it again soon: nobody tells when the jobserver has some.
      let isShort = walk.options.jobserver != nil && !walk.ready.isEmpty && !freeWorkers.isEmpty
      guard arrived.wait(timeout: isShort ? .now() + .milliseconds(10) : .distantFuture) == .success else { continue }
      let batch = reports.withLock { $0.removeFirst() }
      running -= 1
      freeWorkers.append(batch[0].worker)
      for (index, one) in batch.enumerated() { apply(one, isTold: index == 0) }
      walk.store.flush()
    }
    walk.summary.wasInterrupted = walk.options.isInterrupted()
  }

  private var isOver: Bool { walk.hasFailedEnough || walk.summary.foundDamage || walk.options.isInterrupted() }

  private func hasLeave(toRunBeside running: Int) -> Bool { walk.options.jobserver?.acquire(running) ?? true }

  /// The tasks that a worker is given at once: several when many wait, for handing over costs as much as a small task.
  private mutating func nextBatch(_ worker: Int) -> [TaskContext] {
    let size = min(16, max(1, walk.ready.count / (4 * walk.options.jobs)))
    var batch: [TaskContext] = []
    while batch.count < size, let task = walk.ready.popFirst() {
      walk.states.move(task, to: .running)
      batch.append(walk.context(task))
    }
    tell(.started(batch[0].task, walk.reasons[batch[0].task]!, worker: worker))
    return batch
  }

  /// On a worker: runs tasks one after the other up to the first that fails.
  private static func run(_ batch: [TaskContext], _ runner: Runner, _ worker: Int) -> [Report<Runner.Failure>] {
    var reports: [Report<Runner.Failure>] = []
    var isStopped = false
    for context in batch {
      let start = Clock.monotonicNanos()
      var signed: [(slot: Int, file: SignedFile)] = []
      let result = isStopped ? .notBegun : run(context, runner, &signed)
      isStopped = !result.isSuccess
      reports.append(
        Report(
          task: context.task, worker: worker, result: result, signed: signed, startNanos: start,
          endNanos: Clock.monotonicNanos()))
    }
    return reports
  }

  private static func run(
    _ context: TaskContext, _ runner: Runner, _ signed: inout [(slot: Int, file: SignedFile)]
  ) -> Conclusion<Runner.Failure> {
    var context = context
    for place in context.unsigned {
      let slot = Int(context.graph.inputs(context.task).dropFirst(place).first!)
      do throws(FileError) {
        let (file, content) = try SignedFile.read(context.graph.path(slot))
        signed.append((slot, file))
        context.inputs[place] = file.signature
        context.contents[place] = content
      } catch { return .failed(.source(error)) }
    }
    let outcome: TaskOutcome
    do throws(Runner.Failure) {
      guard let made = try runner.run(context) else { return .unreadable }
      outcome = made
    } catch { return .failed(.task(error)) }
    var stamps = outcome.stamps
    for slot in context.graph.outputs(context.task).dropFirst(stamps.count) {
      let recorded = Clock.fileNanos()
      do throws(FileError) {
        let path = context.graph.path(slot)
        guard let stamp = try FileStamp(path: path) else { return .failed(.outputMissing(path: path)) }
        stamps.append(TakenStamp(stamp, recordedNanos: recorded))
      } catch { return .failed(.source(error)) }
    }
    return .made(outcome, stamps: stamps)
  }

  /// - Parameter isTold: whether the task's start was told when the worker was given it.
  private mutating func apply(_ report: Report<Runner.Failure>, isTold: Bool) {
    let task = report.task
    for (slot, file) in report.signed { walk.sign(slot, file) }
    switch report.result {
    case .notBegun: walk.putBack(task)
    case .unreadable:
      walk.summary.foundDamage = true
      walk.putBack(task)
    case .failed(let failure):
      tellStart(report, isTold)
      walk.fail(task)
      tell(.failed(task, failure))
    case .made(let outcome, let stamps):
      tellStart(report, isTold)
      walk.finish(task, outcome, stamps)
      tell(
        .finished(task, outcome, worker: report.worker, startNanos: report.startNanos, endNanos: report.endNanos))
      walk.settle(task)
      tellSourceFailures()
    }
  }

  private func tellStart(_ report: Report<Runner.Failure>, _ isTold: Bool) {
    if !isTold { tell(.started(report.task, walk.reasons[report.task]!, worker: report.worker)) }
  }
}
