internal import Bytes
internal import Files

/// The walk over a graph that decides what has to run: what is known of the files, of earlier runs, and of this one.
///
/// It knows no runner, so that it is no generic type: compiled once for all runners, a generic one looked its own layout
/// up at run time for each task, which was a fifth of the samples of a build with nothing to do.
struct Walk: ~Copyable {
  let graph: TaskGraph
  let options: BuildOptions
  var store: StateStore
  /// Told of each task that is up to date.
  private let kept: (TaskID) -> Void

  var states: TaskStates
  private var findings: [FileSurvey.Finding] = []
  private var sourceErrors: [UInt32: FileError] = [:]
  /// The slots whose files have stamps that are too young to vouch for them.
  private var unsettled: [Int] = []
  /// The stamps that vouch for outputs which had to be read.
  private var settled: [SettledStamp] = []
  /// The device whose stamps are never too young: that of the state, if it is one.
  private lazy var fineDevice = store.staging.flatMap(StampGrain.fineDevice)
  private var consumers = Consumers()
  /// By task: how many of its inputs are not made yet.
  private var waiting: [UInt32] = []
  /// The tasks that are settled, and whose consumers do not know it yet.
  private var newlySettled: [TaskID] = []
  private var isTelling = false
  var products = Products()
  var ready = ReadyQueue()
  var reasons: [TaskID: Reason] = [:]
  var summary = BuildSummary()
  /// The tasks that failed for a source since somebody last took them from here.
  var sourceFailures: [(TaskID, SourceFailure)] = []

  /// - Parameters:
  ///   - store: the state of the folder; it becomes that of `graph` if it is not.
  ///   - kept: told of each task that is up to date.
  init(_ graph: TaskGraph, store: consuming StateStore, options: BuildOptions, kept: @escaping (TaskID) -> Void) {
    self.graph = graph
    self.store = store
    self.options = options
    self.kept = kept
    states = TaskStates(count: graph.taskCount)
    if !self.store.holds(graph) { self.store.adopt(graph, version: Fingerprint(of: ""), inputs: []) }
  }

  /// Decides about all that can be decided before something runs.
  ///
  /// - Parameter targets: the tasks that are wanted; `nil` for all.
  mutating func begin(_ targets: [TaskID]?) {
    let wanted = wantedTasks(targets)
    store.record(.began(targets: targets))
    survey(targets == nil ? nil : wanted)
    waiting = [UInt32](repeating: 0, count: graph.taskCount)
    // In the graph's order every producer was decided about before: only what runs is waited for.
    for task in wanted {
      waiting[Int(task.raw)] = pendingInputs(task)
      if waiting[Int(task.raw)] == 0, states[task] == .waiting { decide(task) }
    }
    if !ready.isEmpty {
      consumers = Consumers(graph, wanted)
      ready.sort(by: graph)
    }
  }

  /// Makes what was learnt last.
  mutating func end() {
    while let task = ready.popFirst() { skip(task) }
    settleStamps()
    store.flushAll()
  }

  private func wantedTasks(_ targets: [TaskID]?) -> [TaskID] {
    guard !options.leftOut.isEmpty else { return targets.map { graph.closure(of: $0) } ?? Array(graph.order) }
    let chosen = (targets ?? Array(graph.order)).filter { !options.leftOut.contains(graph.rule($0).name) }
    return graph.closure(of: chosen)
  }

  private func pendingInputs(_ task: TaskID) -> UInt32 {
    var count: UInt32 = 0
    for input in graph.inputs(task) {
      if let producer = graph.producer(SlotID(input)), !states[producer].isSettled { count += 1 }
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
    summary.nanos["stat"] = Clock.monotonicNanos() - start
    let unknown = sourcesToCompare(wanted)
    let signed = FileSurvey.signatures(unknown, of: graph, workers: options.jobs)
    for (slot, result) in zip(unknown, signed) {
      switch result {
      case .success(let file): sign(slot, file)
      case .failure(let error): sourceErrors[UInt32(slot)] = error
      }
    }
  }

  /// The sources whose signature has to be taken because a task's trace is compared with it. A task that runs in any case
  /// takes those of its inputs itself: whoever reads a file for its signature has its content too.
  private func sourcesToCompare(_ wanted: [TaskID]?) -> [Int] {
    guard findings[..<graph.sourceCount].contains(.doubtful) else { return [] }
    var isCompared = [Bool](repeating: false, count: graph.sourceCount)
    for task in wanted ?? Array(graph.order) where store.saved.traces.standing(task) == .traced {
      for input in graph.inputs(task) where Int(input) < graph.sourceCount { isCompared[Int(input)] = true }
    }
    return (0..<graph.sourceCount).filter { isCompared[$0] && findings[$0] == .doubtful }
  }

  /// Takes over a source's signature.
  mutating func sign(_ slot: Int, _ file: SignedFile) {
    summary.bytesRead += file.sizeBytes
    summary.nanos["hash", default: 0] += file.nanos
    findings[slot] = .vouchedFor
    store.record(.source(SlotID(UInt32(slot)), file.signature, vouching(slot, file.stamp)))
  }

  /// What vouches for a slot's file from now on. If nothing does, the file is read again at the end.
  private mutating func vouching(_ slot: Int, _ stamp: TakenStamp) -> StampDigest {
    let digest = stamp.vouching(fineDevice: fineDevice)
    if digest == .doubtful { unsettled.append(slot) }
    return digest
  }

  /// What a worker is given to run a task.
  func context(_ task: TaskID) -> TaskContext {
    let inputs = graph.inputs(task)
    var context = TaskContext(
      task: task, graph: graph, inputs: inputs.map { store.saved.traces.signatures[Int($0)] },
      products: products.forTask(task, graph))
    context.unsigned = inputs.enumerated().compactMap { place, input in
      Int(input) < graph.sourceCount && findings[Int(input)] == .doubtful ? place : nil
    }
    context.isNew = graph.outputs(task).allSatisfy { findings[$0] == .missing }
    return context
  }

  // MARK: Decisions

  private mutating func decide(_ task: TaskID) {
    // First, so that a file that is not there is told once: by what looks at it, and not by what needs that.
    if graph.inputs(task).contains(where: { graph.producer(SlotID($0)).map { states[$0].isLost } ?? false }) {
      return skip(task)
    }
    if let failure = missingInput(task) {
      guard !hasFailedEnough else { return skip(task) }
      sourceFailures.append((task, failure))
      return fail(task)
    }
    switch verdict(task) {
    case .upToDate:
      states.move(task, to: .kept)
      summary.kept += 1
      kept(task)
      settle(task)
    case .run(let reason):
      states.move(task, to: .ready)
      reasons[task] = reason
      ready.insert(task, isWarm: products.feed(task, graph))
    }
  }

  private mutating func verdict(_ task: TaskID) -> Verdict {
    var read: [(slot: Int, stamp: TakenStamp)] = []
    let verdict = graph.verdict(task, store.saved.traces) { slot in
      switch findings[slot] {
      case .missing, .notLookedAt: return .missing
      case .vouchedFor: return .unchanged
      case .doubtful:
        guard let file = try? SignedFile.read(graph.path(slot)).file,
          file.signature == store.saved.traces.signatures[slot]
        else { return .edited }
        read.append((slot, file.stamp))
        return .unchanged
      }
    }
    if verdict == .upToDate {
      for (slot, stamp) in read {
        let digest = vouching(slot, stamp)
        if digest != .doubtful { settled.append(SettledStamp(slot: slot, stamp: digest)) }
      }
    }
    return verdict
  }

  private func missingInput(_ task: TaskID) -> SourceFailure? {
    for input in graph.inputs(task) where Int(input) < graph.sourceCount {
      if let error = sourceErrors[input] { return .unreadable(error) }
      if findings[Int(input)] == .missing { return SourceFailure(notFound: graph.path(Int(input))) }
    }
    return nil
  }

  private mutating func skip(_ task: TaskID) {
    states.move(task, to: .skipped)
    summary.skipped += 1
    store.record(.ended(task, .skipped, ReasonCode(reasons[task])))
    settle(task)
  }

  /// Whether no further task is to be begun.
  var hasFailedEnough: Bool { options.maximumFailures > 0 && summary.failed >= options.maximumFailures }

  mutating func fail(_ task: TaskID) {
    states.move(task, to: .failed)
    summary.failed += 1
    store.record(.ended(task, .failed, ReasonCode(reasons[task])))
    settle(task)
  }

  /// A worker was given the task and did not come to it.
  mutating func putBack(_ task: TaskID) {
    states.move(task, to: .ready)
    ready.insert(task, isWarm: products.feed(task, graph))
  }

  /// Takes over what a task made.
  mutating func finish(_ task: TaskID, _ outcome: TaskOutcome, _ stamps: [TakenStamp]) {
    precondition(outcome.results.count == graph.slots(task).count, "a task fills all its slots")
    var digests: [StampDigest] = []
    for (slot, stamp) in zip(graph.outputs(task), stamps) { digests.append(vouching(slot, stamp)) }
    store.record(.ran(task, ReasonCode(reasons[task]), results: outcome.results, stamps: digests))
    states.move(task, to: .ran)
    summary.ran += 1
    summary.filesWritten += outcome.filesWritten
    summary.bytesRead += outcome.bytesRead
    summary.bytesWritten += outcome.bytesWritten
    for timing in outcome.timings { summary.nanos[timing.phase, default: 0] += timing.nanos }
    if let product = outcome.product { products.hold(product, of: task, users: consumers.of(task).count) }
  }

  /// Tells those that wait for the task that they need not wait any more.
  ///
  /// What is decided by that settles other tasks. A list holds them: a chain of tasks may be longer than a stack is deep.
  mutating func settle(_ task: TaskID) {
    newlySettled.append(task)
    guard !isTelling else { return }
    isTelling = true
    while let next = newlySettled.popLast() { tellConsumers(of: next) }
    isTelling = false
  }

  private mutating func tellConsumers(of task: TaskID) {
    products.release(by: task, graph)
    for consumer in consumers.of(task) where states[consumer] == .waiting && waiting[Int(consumer.raw)] > 0 {
      waiting[Int(consumer.raw)] -= 1
      if waiting[Int(consumer.raw)] == 0 { decide(consumer) }
    }
  }

  // MARK: End

  /// Files that were written a moment ago may be rewritten without changing their stamps. They are read again when the
  /// clock has ticked, so that the next build need not do it.
  private mutating func settleStamps() {
    if !unsettled.isEmpty, store.isKept {
      Clock.waitForTick()
      settled += FileSurvey.settled(
        unsettled, signatures: store.saved.traces.signatures, of: graph, workers: options.jobs)
    }
    if !settled.isEmpty { store.record(.settled(settled)) }
  }
}

/// Why a source cannot be consumed.
enum SourceFailure {
  case unreadable(FileError)
  case missing(path: String)

  /// Why a file was not found a moment ago.
  fileprivate init(notFound path: String) {
    do throws(FileError) {
      self = try FileStamp(path: path) == nil ? .missing(path: path) : .unreadable(.changedWhileRead(path: path))
    } catch { self = .unreadable(error) }
  }
}
