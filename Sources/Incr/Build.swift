internal import Dispatch
internal import Synchronization

/// One build: the graph, what is known of its files, and the tasks that have to run, run.
///
/// The driving thread alone changes anything here. Workers take Sendable values and return Sendable values.
public struct Build<Runner: TaskRunner>: ~Copyable {
  public struct Options: Sendable {
    /// How many tasks run at once.
    public var jobs = 1
    /// After how many failures no further task is begun; 0 for never.
    public var maximumFailures = 1
    /// Decide, and run nothing.
    public var isDryRun = false

    public init() {}
  }

  /// What a build did.
  public struct Summary: Hashable, Sendable {
    public var kept = 0
    public var ran = 0
    public var failed = 0
    public var skipped = 0
    public var filesWritten = 0
    public var bytesRead = 0
    public var bytesWritten = 0
  }

  public typealias Event = BuildEvent<Runner.Failure>

  private let graph: TaskGraph
  private let runner: Runner
  private let options: Options
  private var store: StateStore
  private let tell: (Event) -> Void

  private var states: TaskStates
  private var signatures: [Fingerprint?]
  private var stamps: [FileStamp?]
  private var sourceErrors: [UInt32: FileError] = [:]
  private var products: [TaskID: any Sendable] = [:]
  private var consumers = Consumers()
  private var waiting: [UInt32] = []
  private var ready = ReadyQueue()
  private var reasons: [TaskID: Reason] = [:]
  private var fresh: [TaskID] = []
  private var summary = Summary()

  public init(
    _ graph: TaskGraph, runner: Runner, store: consuming StateStore, options: Options, tell: @escaping (Event) -> Void
  ) {
    self.graph = graph
    self.runner = runner
    self.store = store
    self.options = options
    self.tell = tell
    states = TaskStates(count: graph.taskCount)
    signatures = [Fingerprint?](repeating: nil, count: graph.slotCount)
    stamps = [FileStamp?](repeating: nil, count: graph.slotCount)
  }

  /// Brings the targets up to date, or everything.
  public consuming func run(targets: [TaskID]? = nil) -> Summary {
    let wanted = targets.map { graph.closure(of: $0) } ?? Array(graph.order)
    survey(wanted)
    waiting = [UInt32](repeating: 0, count: graph.taskCount)
    // In the graph's order every producer was decided about before: only what runs is waited for.
    for task in wanted {
      waiting[Int(task.raw)] = UInt32(pendingProducers(task))
      if waiting[Int(task.raw)] == 0, states[task] == .waiting { decide(task) }
    }
    if !ready.isEmpty {
      consumers = Consumers(graph, wanted)
      ready.sort(by: graph)
    }
    if options.isDryRun {
      while let task = ready.popFirst() { tell(.wouldRun(task, reasons[task]!)) }
    } else {
      drive()
    }
    return finish()
  }

  private func pendingProducers(_ task: TaskID) -> Int {
    var producers: [UInt32] = []
    for input in graph.inputs(task) {
      guard let producer = graph.producer(SlotID(input)), !isSettled(states[producer]) else { continue }
      if !producers.contains(producer.raw) { producers.append(producer.raw) }
    }
    return producers.count
  }

  // MARK: Files

  /// Stamps of all files concerned; signatures of the sources whose stamp does not vouch for the recorded one.
  private mutating func survey(_ wanted: [TaskID]) {
    var isWanted = [Bool](repeating: false, count: graph.slotCount)
    for task in wanted {
      for input in graph.inputs(task) { isWanted[Int(input)] = true }
      for output in graph.outputs(task) { isWanted[output] = true }
    }
    let slots = (0..<graph.slotCount).filter { isWanted[$0] && !graph.paths.isEmpty($0) }
    let found = FileSurvey.stamps(slots, of: graph.paths, workers: options.jobs)
    for (slot, stamp) in zip(slots, found) { stamps[slot] = stamp }

    var unknown: [Int] = []
    for slot in slots where slot < graph.sourceCount {
      guard let now = stamps[slot] else { continue }
      if let known = store.log.sources[graph.paths.fingerprint(slot)], known.stamp.vouches(for: now) {
        signatures[slot] = known.signature
      } else {
        unknown.append(slot)
      }
    }
    let signed = FileSurvey.signatures(unknown.map { graph.paths[$0] }, workers: options.jobs)
    for (slot, result) in zip(unknown, signed) {
      switch result {
      case .success(let file):
        signatures[slot] = file.signature
        store.record(
          StateLog.Source(signature: file.signature, stamp: file.stamp), for: graph.paths.fingerprint(slot))
      case .failure(let error): sourceErrors[UInt32(slot)] = error
      }
    }
  }

  // MARK: Decisions

  private mutating func decide(_ task: TaskID) {
    if let failure = missingInput(task) {
      states.move(task, to: .failed)
      summary.failed += 1
      tell(.failed(task, failure))
      settle(task)
      return
    }
    if graph.inputs(task).contains(where: { graph.producer(SlotID($0)).map { isLost(states[$0]) } ?? false }) {
      skip(task)
      return
    }
    let trace = store.log.trace(graph.identity(task))
    switch verdict(task, trace) {
    case .upToDate:
      states.move(task, to: .kept)
      summary.kept += 1
      for (slot, result) in zip(graph.slots(task), trace!.results) { self.signatures[slot] = result }
      if let trace, trace.stamps.contains(where: \.isRacy) { fresh.append(task) }
      tell(.kept(task))
      settle(task)
    case .run(let reason):
      states.move(task, to: .ready)
      reasons[task] = reason
      ready.insert(task)
    }
  }

  private func verdict(_ task: TaskID, _ trace: Trace?) -> Verdict {
    graph.verdict(
      task, trace, signature: { signatures[Int($0.raw)] },
      output: { slot, recorded, signature in
        guard let now = stamps[Int(slot.raw)] else { return .missing }
        if recorded.vouches(for: now) { return .unchanged }
        guard let content = try? FileContent(path: graph.path(slot)) else { return .edited }
        return Fingerprint(of: content.bytes) == signature ? .unchanged : .edited
      })
  }

  private func isLost(_ state: TaskState) -> Bool { state == .failed || state == .skipped }

  private func missingInput(_ task: TaskID) -> BuildFailure<Runner.Failure>? {
    for input in graph.inputs(task) where Int(input) < graph.sourceCount && signatures[Int(input)] == nil {
      return sourceErrors[input].map { .source($0) } ?? .missingSource(path: graph.paths[Int(input)])
    }
    return nil
  }

  private mutating func skip(_ task: TaskID) {
    states.move(task, to: .skipped)
    summary.skipped += 1
    settle(task)
  }

  /// Tells those that wait for the task that they need not wait any more.
  private mutating func settle(_ task: TaskID) {
    release(task)
    for consumer in consumers.of(task) where states[consumer] == .waiting && waiting[Int(consumer.raw)] > 0 {
      waiting[Int(consumer.raw)] -= 1
      if waiting[Int(consumer.raw)] == 0 { decide(consumer) }
    }
  }

  /// Lets go of the products that nobody will ask for any more.
  private mutating func release(_ task: TaskID) {
    guard !products.isEmpty else { return }
    for input in graph.inputs(task) {
      guard let producer = graph.producer(SlotID(input)), products[producer] != nil else { continue }
      if consumers.of(producer).allSatisfy({ isSettled(states[$0]) }) { products[producer] = nil }
    }
  }

  private func isSettled(_ state: TaskState) -> Bool {
    switch state {
    case .waiting, .ready, .running: false
    case .ran, .kept, .failed, .skipped: true
    }
  }

  // MARK: Running

  /// What a worker gives back.
  private struct Report: Sendable {
    let task: TaskID
    let worker: Int
    let result: Result<TaskOutcome, Runner.Failure>
    let startNanos: Int64
    let endNanos: Int64
  }

  private mutating func drive() {
    let queue = DispatchQueue(label: "bpfgen.tasks", attributes: .concurrent)
    let reports = Mutex<[Report]>([])
    let arrived = DispatchSemaphore(value: 0)
    var freeWorkers = Array((0..<max(1, options.jobs)).reversed())
    var running = 0
    while true {
      while !isOver, let worker = freeWorkers.last, let task = ready.popFirst() {
        freeWorkers.removeLast()
        running += 1
        begin(task, worker: worker)
        let (context, runner) = (context(task), runner)
        queue.async {
          let start = Clock.monotonicNanos()
          let result: Result<TaskOutcome, Runner.Failure>
          do throws(Runner.Failure) {
            result = .success(try runner.run(context))
          } catch { result = .failure(error) }
          let report = Report(
            task: task, worker: worker, result: result, startNanos: start, endNanos: Clock.monotonicNanos())
          reports.withLock { $0.append(report) }
          arrived.signal()
        }
      }
      guard running > 0 else { break }
      arrived.wait()
      let report = reports.withLock { $0.removeFirst() }
      running -= 1
      freeWorkers.append(report.worker)
      apply(report)
    }
    while let task = ready.popFirst() { skip(task) }
  }

  private var isOver: Bool { options.maximumFailures > 0 && summary.failed >= options.maximumFailures }

  private mutating func begin(_ task: TaskID, worker: Int) {
    states.move(task, to: .running)
    tell(.started(task, reasons[task]!, worker: worker))
  }

  private func context(_ task: TaskID) -> TaskContext {
    var handed: [TaskID: any Sendable] = [:]
    for input in graph.inputs(task) {
      if let producer = graph.producer(SlotID(input)), let product = products[producer] { handed[producer] = product }
    }
    return TaskContext(
      task: task, graph: graph, inputs: graph.inputs(task).map { signatures[Int($0)]! }, products: handed)
  }

  private mutating func apply(_ report: Report) {
    let task = report.task
    switch report.result {
    case .failure(let error):
      fail(task, .task(error))
    case .success(let outcome):
      precondition(outcome.results.count == graph.slots(task).count, "a task fills all its slots")
      let recorded = Clock.fileNanos()
      var recordedStamps: [RecordedStamp] = []
      for slot in graph.outputs(task) {
        guard let stamp = (try? FileStamp(path: graph.paths[slot])) ?? nil else {
          return fail(task, .outputMissing(path: graph.paths[slot]))
        }
        stamps[slot] = stamp
        recordedStamps.append(RecordedStamp(stamp, recordedNanos: recorded))
      }
      for (slot, result) in zip(graph.slots(task), outcome.results) { signatures[slot] = result }
      products[task] = outcome.product
      store.record(
        Trace(
          recipe: graph.recipe(task), consumed: graph.inputs(task).map { signatures[Int($0)]! },
          results: outcome.results, stamps: recordedStamps), for: graph.identity(task))
      store.flush()
      if !recordedStamps.isEmpty { fresh.append(task) }
      states.move(task, to: .ran)
      summary.ran += 1
      summary.filesWritten += outcome.filesWritten
      summary.bytesRead += outcome.bytesRead
      summary.bytesWritten += outcome.bytesWritten
      tell(
        .finished(task, outcome, worker: report.worker, startNanos: report.startNanos, endNanos: report.endNanos))
      settle(task)
    }
  }

  private mutating func fail(_ task: TaskID, _ failure: BuildFailure<Runner.Failure>) {
    states.move(task, to: .failed)
    summary.failed += 1
    tell(.failed(task, failure))
    settle(task)
  }

  // MARK: End

  private consuming func finish() -> Summary {
    settleStamps()
    store.flush()
    return summary
  }

  /// Files written a moment ago have stamps that the clock's grain makes doubtful. One tick later they are looked at
  /// again, so that the next build need not read them.
  private mutating func settleStamps() {
    let traces = fresh.compactMap { task in store.log.trace(graph.identity(task)).map { (task, $0) } }
    let newest = traces.flatMap { $0.1.stamps }.map { max($0.stamp.mtimeNanos, $0.stamp.ctimeNanos) }.max()
    guard let newest else { return }
    Clock.waitForTick(after: newest)
    for (task, trace) in traces {
      var settled = trace
      let recorded = Clock.fileNanos()
      for (index, slot) in graph.outputs(task).enumerated() {
        guard (try? FileStamp(path: graph.paths[slot])) == settled.stamps[index].stamp else { continue }
        settled.stamps[index].recordedNanos = recorded
      }
      if settled != trace { store.record(settled, for: graph.identity(task)) }
    }
  }
}
