/// One build: the graph, what is known of its files, and the tasks that have to run, run.
///
/// The driving thread alone changes anything here. Workers take Sendable values and return Sendable values.
public struct Build<Runner: TaskRunner>: ~Copyable {
  public struct Options: Sendable {
    /// How many tasks run at once.
    public var jobs = 1
    /// After how many failures no further task is begun; 0 for never.
    public var maximumFailures = 1
    /// Decide, run nothing, and record nothing.
    public var isDryRun = false
    /// Asked now and then: whether somebody wants the build to end. Tasks in flight are waited for.
    public var isInterrupted: @Sendable () -> Bool = { false }
    /// Gives leave to run more than one task; `nil` when `jobs` alone bounds them.
    public var jobserver: Jobserver?

    public init() {}
  }

  /// What a build did.
  public struct Summary: Hashable, Sendable {
    public var kept = 0
    public var ran = 0
    public var failed = 0
    public var skipped = 0
    public var filesWritten = 0
    /// Sources that were read because their stamps did not vouch for them, and what tasks read.
    public var bytesRead = 0
    public var bytesWritten = 0
    /// Where the time went, by kind of work: "stat" and "hash" of the survey by the clock, those of tasks summed over
    /// all workers.
    public var nanos: [String: Int64] = [:]
    public var wasInterrupted = false
  }

  public typealias Event = BuildEvent<Runner.Failure>

  let graph: TaskGraph
  let runner: Runner
  let options: Options
  var store: StateStore
  let tell: (Event) -> Void

  var states: TaskStates
  private var findings: [FileSurvey.Finding] = []
  private var sourceErrors: [UInt32: FileError] = [:]
  /// Stamps that are too young to vouch for their files.
  private var unsettled: [SettledStamp] = []
  private var consumers = Consumers()
  private var waiting: [UInt32] = []
  var products = Products()
  var ready = ReadyQueue()
  var reasons: [TaskID: Reason] = [:]
  var summary = Summary()

  /// - Parameter store: the state of the folder; it becomes that of `graph` if it is not.
  public init(
    _ graph: TaskGraph, runner: Runner, store: consuming StateStore, options: Options, tell: @escaping (Event) -> Void
  ) {
    self.graph = graph
    self.runner = runner
    self.store = store
    self.options = options
    self.tell = tell
    states = TaskStates(count: graph.taskCount)
    if !self.store.holds(graph) { self.store.adopt(graph, version: Fingerprint(of: ""), inputs: []) }
  }

  /// Brings the targets up to date, or everything.
  public consuming func run(targets: [TaskID]? = nil) -> Summary {
    let wanted = targets.map { graph.closure(of: $0) } ?? Array(graph.order)
    store.record(.began(targets: targets))
    survey(targets == nil ? nil : wanted)
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
      return summary
    }
    drive()
    settleStamps()
    store.flushAll()
    return summary
  }

  private func pendingProducers(_ task: TaskID) -> Int {
    let inputs = graph.inputs(task)
    var count = 0
    for (index, input) in zip(inputs.indices, inputs) {
      guard let producer = graph.producer(SlotID(input)), !states[producer].isSettled else { continue }
      // Several inputs of one producer are one thing to wait for.
      if !inputs[..<index].contains(where: { graph.producer(SlotID($0)) == producer }) { count += 1 }
    }
    return count
  }

  // MARK: Files

  /// Looks at all files concerned, and reads the sources whose stamp does not vouch for the recorded signature.
  ///
  /// - Parameter wanted: the tasks concerned; `nil` for all.
  private mutating func survey(_ wanted: [TaskID]?) {
    let slots = wanted.map { wanted in
      var isWanted = [Bool](repeating: false, count: graph.slotCount)
      for task in wanted {
        for input in graph.inputs(task) { isWanted[Int(input)] = true }
        for output in graph.outputs(task) { isWanted[output] = true }
      }
      return isWanted
    }
    let start = Clock.monotonicNanos()
    findings = FileSurvey.findings(graph, known: store.saved.traces.stamps, wanted: slots, workers: options.jobs)
    let looked = Clock.monotonicNanos()
    let unknown = (0..<graph.sourceCount).filter { findings[$0] == .doubtful }
    let signed = FileSurvey.signatures(unknown, of: graph, workers: options.jobs)
    summary.nanos = ["stat": looked - start, "hash": Clock.monotonicNanos() - looked]
    for (slot, result) in zip(unknown, signed) {
      switch result {
      case .success(let file):
        summary.bytesRead += file.sizeBytes
        store.record(.source(SlotID(UInt32(slot)), file.signature, file.isRacy ? .doubtful : file.stamp))
        if file.isRacy { unsettled.append(SettledStamp(slot: slot, stamp: file.stamp)) }
      case .failure(let error): sourceErrors[UInt32(slot)] = error
      }
    }
  }

  // MARK: Decisions

  private mutating func decide(_ task: TaskID) {
    if let failure = missingInput(task) { return fail(task, failure) }
    if graph.inputs(task).contains(where: { graph.producer(SlotID($0)).map { states[$0].isLost } ?? false }) {
      return skip(task)
    }
    switch verdict(task) {
    case .upToDate:
      states.move(task, to: .kept)
      summary.kept += 1
      tell(.kept(task))
      settle(task)
    case .run(let reason):
      states.move(task, to: .ready)
      reasons[task] = reason
      ready.insert(task, isWarm: products.feed(task, graph))
    }
  }

  private mutating func verdict(_ task: TaskID) -> Verdict {
    var younger: [SettledStamp] = []
    let verdict = graph.verdict(task, store.saved.traces) { slot in
      switch findings[slot] {
      case .missing, .notLookedAt: return .missing
      case .vouchedFor: return .unchanged
      case .doubtful:
        guard let content = try? FileContent(path: graph.paths[slot]),
          Fingerprint(of: content.bytes) == store.saved.traces.signatures[slot]
        else { return .edited }
        younger.append(SettledStamp(slot: slot, stamp: StampDigest(content.stamp)))
        return .unchanged
      }
    }
    if verdict == .upToDate { unsettled += younger }
    return verdict
  }

  private func missingInput(_ task: TaskID) -> BuildFailure<Runner.Failure>? {
    for input in graph.inputs(task) where Int(input) < graph.sourceCount {
      if let error = sourceErrors[input] { return .source(error) }
      if findings[Int(input)] == .missing { return .missingSource(path: graph.paths[Int(input)]) }
    }
    return nil
  }

  mutating func skip(_ task: TaskID) {
    states.move(task, to: .skipped)
    summary.skipped += 1
    store.record(.ended(task, .skipped, ReasonCode(reasons[task])))
    settle(task)
  }

  mutating func fail(_ task: TaskID, _ failure: BuildFailure<Runner.Failure>) {
    states.move(task, to: .failed)
    summary.failed += 1
    store.record(.ended(task, .failed, ReasonCode(reasons[task])))
    tell(.failed(task, failure))
    settle(task)
  }

  /// Takes over what a task made.
  mutating func finish(_ task: TaskID, _ outcome: TaskOutcome, _ outputs: [WrittenFile]) {
    precondition(outcome.results.count == graph.slots(task).count, "a task fills all its slots")
    for (slot, file) in zip(graph.outputs(task), outputs) where file.isRacy {
      unsettled.append(SettledStamp(slot: slot, stamp: file.stamp))
    }
    let stamps = outputs.map { $0.isRacy ? .doubtful : $0.stamp }
    store.record(.ran(task, ReasonCode(reasons[task]), results: outcome.results, stamps: stamps))
    states.move(task, to: .ran)
    summary.ran += 1
    summary.filesWritten += outcome.filesWritten
    summary.bytesRead += outcome.bytesRead
    summary.bytesWritten += outcome.bytesWritten
    for timing in outcome.timings { summary.nanos[timing.phase, default: 0] += timing.nanos }
    if let product = outcome.product { products.hold(product, of: task, users: consumers.of(task).count) }
  }

  /// Tells those that wait for the task that they need not wait any more.
  mutating func settle(_ task: TaskID) {
    products.release(by: task, graph)
    for consumer in consumers.of(task) where states[consumer] == .waiting && waiting[Int(consumer.raw)] > 0 {
      waiting[Int(consumer.raw)] -= 1
      if waiting[Int(consumer.raw)] == 0 { decide(consumer) }
    }
  }

  // MARK: End

  /// Files written a moment ago have stamps that the clock's grain makes doubtful. One tick later they are looked at
  /// again, so that the next build need not read them.
  private mutating func settleStamps() {
    guard !unsettled.isEmpty else { return }
    Clock.waitForTick(after: Clock.fileNanos())
    let settled = FileSurvey.settled(unsettled, of: graph, workers: options.jobs)
    if !settled.isEmpty { store.record(.settled(settled)) }
  }
}
