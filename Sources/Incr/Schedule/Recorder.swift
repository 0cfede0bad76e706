internal import Bytes
internal import Files

/// Records a build: in the state, for later builds, and in the summary.
struct Recorder: ~Copyable {
  private let graph: TaskGraph
  private(set) var store: StateStore
  var summary = BuildSummary()
  /// The slots whose files have stamps too recent to prove anything.
  private var unsettled: [Int] = []
  /// The current stamps of outputs that had to be read.
  private var settled: [SettledStamp] = []
  /// The device on which no stamp is too recent: the state's, if its stamps are fine.
  private lazy var fineDevice = store.staging.flatMap(StampResolution.fineDevice)

  /// - Parameter store: the state of the folder; it is moved to `graph` if it has another graph.
  init(_ graph: TaskGraph, store: consuming StateStore) {
    self.graph = graph
    self.store = store
    if !self.store.holds(graph) { self.store.adopt(graph, version: Fingerprint(of: ""), inputs: []) }
  }

  /// - Parameter targets: the requested tasks; `nil` for everything.
  mutating func begin(_ targets: [TaskID]?) { store.record(.began(targets: targets)) }

  // MARK: Files

  /// A source was read.
  mutating func sign(_ slot: Int, _ file: SignedFile) {
    count(file)
    store.record(.source(SlotID(UInt32(slot)), file.signature, vouching(slot, file.stamp)))
  }

  /// An output was read and has the recorded content.
  mutating func confirm(_ slot: Int, _ file: SignedFile) {
    count(file)
    let digest = vouching(slot, file.stamp)
    if digest != .doubtful { settled.append(SettledStamp(slot: slot, stamp: digest)) }
  }

  /// A file was read for its signature.
  private mutating func count(_ file: SignedFile) {
    summary.bytesRead += file.sizeBytes
    summary.nanos["hash", default: 0] += file.nanos
  }

  /// The stamp to record for a slot's file. If it proves nothing, the file is read again at the end.
  private mutating func vouching(_ slot: Int, _ stamp: TakenStamp) -> StampDigest {
    let digest = stamp.vouching(fineDevice: fineDevice)
    if digest == .doubtful { unsettled.append(slot) }
    return digest
  }

  // MARK: Tasks

  mutating func keep() { summary.kept += 1 }

  mutating func skip(_ task: TaskID, _ reason: Reason?) {
    summary.skipped += 1
    store.record(.ended(task, .skipped, ReasonCode(reason)))
  }

  mutating func fail(_ task: TaskID, _ reason: Reason?) {
    summary.failed += 1
    store.record(.ended(task, .failed, ReasonCode(reason)))
  }

  /// A task that failed or was skipped has no values for a task that does without them.
  mutating func lose(_ task: TaskID) {
    if store.saved.traces.hasValues(task, graph) { store.record(.lost(task)) }
  }

  /// - Parameter stamps: of the output files.
  mutating func finish(_ task: TaskID, _ reason: Reason?, _ outcome: TaskOutcome, _ stamps: [TakenStamp]) {
    precondition(outcome.results.count == graph.slots(task).count, "a task fills all its slots")
    var digests: [StampDigest] = []
    for (slot, stamp) in zip(graph.outputs(task), stamps) { digests.append(vouching(slot, stamp)) }
    store.record(.ran(task, ReasonCode(reason), results: outcome.results, stamps: digests))
    summary.ran += 1
    summary.filesWritten += outcome.filesWritten
    summary.bytesRead += outcome.bytesRead
    summary.bytesWritten += outcome.bytesWritten
    for timing in outcome.timings { summary.nanos[timing.phase, default: 0] += timing.nanos }
  }

  // MARK: The disk

  /// Writes the pending records to disk.
  mutating func flush() { store.flush() }

  /// The same at the end of the build. Files that were written just now could be rewritten without a change of their
  /// stamps. They are read again after a clock tick, so that the next build need not do it.
  mutating func end(workers: Int) {
    if !unsettled.isEmpty, store.isKept {
      Clock.waitForTick()
      settled += FileSurvey.settled(
        unsettled, signatures: store.saved.traces.signatures, of: graph, workers: workers)
    }
    if !settled.isEmpty { store.record(.settled(settled)) }
    store.flushAll()
  }
}
