package import Bytes
internal import Files

/// The state between the builds of a folder: the graph, and the records of earlier builds.
///
/// It is a cache: if it is lost, incomplete, damaged or of another version, this costs a rebuild, and never gives a
/// wrong result.
package struct SavedState: Sendable {
  /// The result of reading the file.
  enum Reading {
    case nothing(isDamaged: Bool)
    /// - Parameter isTorn: whether the end of the journal could not be read.
    case whole(SavedState, JournalEnd, isTorn: Bool)
  }

  package internal(set) var graph: TaskGraph
  /// Everything that the graph depends on except its files.
  var version: Fingerprint
  /// The files that the graph was read from.
  var inputs: [GraphInput]
  var traces: TraceTable

  /// Raised with every change of the file's format or meaning; docs/ARCHITECTURE.md describes it byte by byte.
  static let formatVersion: UInt64 = 7

  /// "bpfgst" in the high bytes of an integer, and the version.
  private static let magic: UInt64 = 0x6270_6667_7374_0000 | formatVersion
  /// Version 5, of the first release, had the same tables and another graph fingerprint, which is ignored.
  private static let magicWithOtherFingerprint = magic & ~0xffff | 5

  /// - Parameter traces: the records of the graph's tasks; none by default.
  init(_ graph: TaskGraph, version: Fingerprint, inputs: [GraphInput], traces: TraceTable? = nil) {
    self.graph = graph
    self.version = version
    self.inputs = inputs
    self.traces = traces ?? TraceTable(for: graph)
  }

  /// The state of a build folder, read only; `nil` if there is none.
  package init?(folder: String, name: String = "state") {
    guard case .whole(let state, _, _) = SavedState.read(StateFolder(path: folder).file(name)) else { return nil }
    self = state
  }

  /// Whether there is a state in the folder, even a damaged one.
  package static func exists(folder: String, name: String) -> Bool {
    ((try? FileStamp(path: StateFolder(path: folder).file(name))) ?? nil) != nil
  }

  /// Whether the graph is what a file and its includes describe, as read by this version of the program.
  func isCurrent(version: Fingerprint, file: String?, root: String) -> Bool {
    self.version == version && inputs.first?.path == file && inputs.allSatisfy { $0.isCurrent(below: root) }
  }

  /// The same records for another graph.
  func moved(to graph: TaskGraph, version: Fingerprint, inputs: [GraphInput]) -> SavedState {
    let isSame = graph.fingerprint == self.graph.fingerprint
    return SavedState(
      graph, version: version, inputs: inputs,
      traces: isSame ? traces : TraceTable(for: graph, from: traces, of: self.graph))
  }

  /// What the last build did with each of its tasks, by the task's identity. O(graph).
  package func lastOutcomes() -> [Fingerprint: Outcome] {
    var outcomes: [Fingerprint: Outcome] = [:]
    for task in traces.decisions.lastTargets.map({ graph.closure(of: $0) }) ?? Array(graph.tasks) {
      if let decision = lastDecision(task), decision.buildsAgo == 0 {
        outcomes[graph.identity(task)] = decision.outcome
      } else if traces.recordState(task) == .traced {
        outcomes[graph.identity(task)] = .kept
      }
    }
    return outcomes
  }

  /// The last decision that the task was not up to date; `nil` if there is none.
  package func lastDecision(_ task: TaskID) -> Decision? { traces.decisions.decision(task) }

  // MARK: The file

  static func read(_ path: String) -> Reading {
    guard let stamp = (try? FileStamp(path: path)) ?? nil else { return .nothing(isDamaged: false) }
    guard var file = TableReader.open(path: path, magics: [magic, magicWithOtherFingerprint]),
      let state = SavedState(&file)
    else {
      // A full disk leaves an empty file, which is not reported as damage.
      return .nothing(isDamaged: stamp.sizeBytes > 0 && !isOfAnotherVersion(path))
    }
    var whole = state
    let journal = file.rest()
    let end = JournalRecord.replay(journal ?? [], after: file.checksum, of: state.graph) { record in
      record.apply(to: &whole.traces, of: state.graph)
    }
    return .whole(whole, end, isTorn: end.size != journal?.count)
  }

  /// Whether an earlier or later bpfgen wrote the file, which is not damage.
  private static func isOfAnotherVersion(_ path: String) -> Bool {
    guard let found = TableReader.magic(path: path) else { return false }
    return found >> 16 == magic >> 16 && found != magic
  }

  private init?(_ file: inout TableReader) {
    guard let head: [UInt64] = file.table(), head.count == 6, let targets: [UInt32] = file.table(),
      let paths = StringPool(&file), let inputWords: [UInt64] = file.table(), inputWords.count == 3 * paths.count,
      let tables = GraphTables(&file), case let graph = TaskGraph(tables),
      graph.fingerprint == Fingerprint(high: head[2], low: head[3]) || file.magic != SavedState.magic,
      let traces = TraceTable(&file, of: graph),
      targets.allSatisfy({ $0 < graph.taskCount })
    else { return nil }
    version = Fingerprint(high: head[0], low: head[1])
    self.graph = graph
    inputs = (0..<paths.count).map { index in
      GraphInput(
        path: paths[index], signature: Fingerprint(high: inputWords[3 * index], low: inputWords[3 * index + 1]),
        stamp: StampDigest(raw: inputWords[3 * index + 2]))
    }
    self.traces = traces
    self.traces.decisions.build = UInt32(truncatingIfNeeded: head[4])
    self.traces.decisions.lastTargets = head[5] == 0 ? nil : targets.map { TaskID($0) }
  }

  /// The file with an empty journal, and the end of that journal.
  func file() -> (bytes: ByteRope, JournalEnd) {
    var file = TableWriter(magic: SavedState.magic)
    let decisions = traces.decisions
    file.add([
      version.high, version.low, graph.fingerprint.high, graph.fingerprint.low, UInt64(decisions.build),
      decisions.lastTargets == nil ? 0 : 1,
    ])
    file.add((decisions.lastTargets ?? []).map(\.raw))
    var paths = StringPool()
    for input in inputs { paths.append(input.path) }
    paths.add(to: &file)
    file.add(inputs.flatMap { [$0.signature.high, $0.signature.low, $0.stamp.raw] })
    graph.tables.add(to: &file)
    traces.add(to: &file)
    return (file.bytes(), JournalEnd(size: 0, checksum: file.checksum))
  }
}

extension TraceTable {
  fileprivate func add(to file: inout TableWriter) {
    file.add(signatures)
    file.add(stamps)
    file.add(consumed)
    file.add(recordStates)
    file.add(decisions.builds)
    file.add(decisions.codes)
    file.add(decisions.slots)
  }

  /// - Returns: `nil` if a table is damaged or inconsistent with this graph.
  fileprivate init?(_ file: inout TableReader, of graph: TaskGraph) {
    guard let signatures: [Fingerprint] = file.table(), let stamps: [StampDigest] = file.table(),
      let consumed: [Fingerprint] = file.table(), let recordStates: [UInt8] = file.table(),
      let builds: [UInt32] = file.table(), let codes: [UInt8] = file.table(), let slots: [UInt32] = file.table(),
      signatures.count == graph.slotCount, stamps.count == graph.slotCount, consumed.count == graph.inputSlots.count,
      [recordStates.count, builds.count, codes.count, slots.count].allSatisfy({ $0 == graph.taskCount }),
      recordStates.allSatisfy({ RecordState(rawValue: $0) != nil }),
      slots.allSatisfy({ $0 == ReasonCode.noSlot || $0 < graph.slotCount })
    else { return nil }
    self.signatures = signatures
    self.stamps = stamps
    self.consumed = consumed
    self.recordStates = recordStates
    decisions = DecisionTable(builds: builds, codes: codes, slots: slots)
  }
}
