internal import Bytes
internal import Files

/// Records of a build as it makes progress, appended to the tables of the state file, so that a killed build loses no
/// finished task.
///
/// A record, aligned to 8 bytes, with little-endian integers:
///
///     8   checksum: the low half of the XXH3-128 of the rest of the record, seeded with the previous record's checksum (the
///         first one: the checksum of the tables' directory)
///     4   length of the payload in bytes
///     4   kind
///     n   payload, padded to 8 bytes with zeros
///
/// Payloads are interpreted with the graph in the tables. The signatures that a finished task consumed are those of its
/// inputs at that record, and are not repeated. So a record is only valid after exactly the records that it was written
/// after: if one were lost in the middle, or the tables were older, the next record would claim that a task consumed
/// what it never saw. Everything after the first wrong checksum is ignored, because the damaged part may be a length.
///
/// Why not a database: LMDB trusts its file. Of 300 truncations of a 0.9 MB environment 297 ended in a signal, and 726
/// of 1,624 flipped bytes silently returned different data (docs/ARCHITECTURE.md).
enum JournalRecord: Equatable {
  /// A build began; `nil` for a build of everything.
  case began(targets: [TaskID]?)
  /// A source was read.
  case source(SlotID, Fingerprint, StampDigest)
  /// A task ran: the signature of each of its slots, the stamp of each of its output files.
  case ran(TaskID, ReasonCode, results: [Fingerprint], stamps: [StampDigest])
  /// A task failed or was skipped.
  case ended(TaskID, Outcome, ReasonCode)
  /// Files with doubtful stamps were read again, one clock tick later.
  case settled([SettledStamp])
  /// A task failed or was skipped, and another one ran without its values.
  case lost(TaskID)
}

/// The end of a journal, and the seed of the next record's checksum.
struct JournalEnd: Equatable {
  /// The size of the journal in bytes.
  var size: Int
  var checksum: UInt64
}

/// A stamp with which a file has the content of its slot's signature.
struct SettledStamp: Equatable, Sendable, BitwiseCopyable {
  let slot: UInt64
  let stamp: StampDigest

  init(slot: Int, stamp: StampDigest) {
    self.slot = UInt64(slot)
    self.stamp = stamp
  }
}

extension JournalRecord {
  private static let headSize = 16

  /// Applies the record to the tables. Nothing else changes them.
  func apply(to traces: inout TraceTable, of graph: TaskGraph) {
    switch self {
    case .began(let targets): traces.decisions.begin(targets)
    case .source(let slot, let signature, let stamp):
      traces.signatures[Int(slot.raw)] = signature
      traces.stamps[Int(slot.raw)] = stamp
    case .ran(let task, let reason, let results, let stamps):
      for (slot, result) in zip(graph.slots(task), results) { traces.signatures[slot] = result }
      for (slot, stamp) in zip(graph.outputs(task), stamps) { traces.stamps[slot] = stamp }
      for index in graph.inputIndices(task) {
        traces.consumed[index] = traces.signatures[Int(graph.inputSlots[index])]
      }
      traces.recordStates[Int(task.raw)] = TraceTable.RecordState.traced.rawValue
      traces.decisions.record(task, .ran, reason)
    case .ended(let task, let outcome, let reason): traces.decisions.record(task, outcome, reason)
    case .lost(let task): traces.lose(task, graph)
    case .settled(let stamps):
      for settled in stamps { traces.stamps[Int(settled.slot)] = settled.stamp }
    }
  }

  // MARK: Writing

  private var kind: UInt32 {
    switch self {
    case .began: 1
    case .source: 2
    case .ran: 3
    case .ended: 4
    case .settled: 5
    case .lost: 6
    }
  }

  /// - Parameter end: the end of the journal, which is updated.
  func append(to bytes: inout [UInt8], _ end: inout JournalEnd) {
    let start = bytes.count
    bytes.put([0, UInt64(kind) << 32])
    switch self {
    case .began(let targets):
      bytes.put([targets == nil ? 0 : 1])
      for target in targets ?? [] { bytes.put([UInt64(target.raw)]) }
    case .source(let slot, let signature, let stamp):
      bytes.put([UInt64(slot.raw), signature.high, signature.low, stamp.raw])
    case .ran(let task, let reason, let results, let stamps):
      bytes.put([UInt64(task.raw), reason.word])
      for result in results { bytes.put([result.high, result.low]) }
      for stamp in stamps { bytes.put([stamp.raw]) }
    case .ended(let task, let outcome, let reason):
      bytes.put([UInt64(task.raw), UInt64(outcome.code), reason.word])
    case .lost(let task): bytes.put([UInt64(task.raw)])
    case .settled(let stamps): for settled in stamps { bytes.put([settled.slot, settled.stamp.raw]) }
    }
    let length = UInt64(bytes.count - start - JournalRecord.headSize)
    bytes.overwrite(UInt64(kind) << 32 | length, at: start + 8)
    end.checksum = Fingerprint(of: bytes.span.extracting((start + 8)...), seed: end.checksum).low
    end.size += bytes.count - start
    bytes.overwrite(end.checksum, at: start)
  }

  // MARK: Reading

  /// Reads the records of a journal, up to the first that is not valid.
  ///
  /// - Parameter checksum: of the directory of the tables before it.
  /// - Returns: the end of the valid records.
  static func replay(
    _ bytes: [UInt8], after checksum: UInt64, of graph: TaskGraph, _ take: (JournalRecord) -> Void
  ) -> JournalEnd {
    var end = JournalEnd(size: 0, checksum: checksum)
    while let found = record(bytes, at: end), let record = decoded(found.kind, found.payload, graph) {
      take(record)
      end = JournalEnd(size: end.size + headSize + 8 * found.payload.count, checksum: found.checksum)
    }
    return end
  }

  /// The payload of a record, if its checksum is correct.
  private static func record(
    _ bytes: [UInt8], at end: JournalEnd
  ) -> (payload: [UInt64], kind: UInt32, checksum: UInt64)? {
    let offset = end.size
    guard bytes.count - offset >= headSize else { return nil }
    func word(_ offset: Int) -> UInt64 { UInt64(littleEndian: bytes.load(at: offset)) }
    let (length, kind) = (Int(word(offset + 8) & 0xffff_ffff), UInt32(word(offset + 8) >> 32))
    guard length % 8 == 0, length <= bytes.count - offset - headSize else { return nil }
    let sealed = bytes.span.extracting(offset + 8..<offset + headSize + length)
    guard Fingerprint(of: sealed, seed: end.checksum).low == word(offset) else { return nil }
    return ((0..<length / 8).map { word(offset + headSize + 8 * $0) }, kind, word(offset))
  }

  /// A function, not an initializer: an initializer's parameters are copied, and copying a graph changes 15 reference
  /// counts.
  ///
  /// - Returns: `nil` if the words are not a record of this graph.
  private static func decoded(_ kind: UInt32, _ words: [UInt64], _ graph: TaskGraph) -> JournalRecord? {
    func task(_ index: Int) -> TaskID? {
      index < words.count && words[index] < UInt64(graph.taskCount) ? TaskID(UInt32(words[index])) : nil
    }
    switch (kind, words.count) {
    case (1, 1...):
      let targets = (1..<words.count).compactMap(task)
      guard targets.count == words.count - 1 else { return nil }
      return .began(targets: words[0] == 0 ? nil : targets)
    case (2, 4):
      guard words[0] < UInt64(graph.sourceCount) else { return nil }
      return .source(
        SlotID(UInt32(words[0])), Fingerprint(high: words[1], low: words[2]), StampDigest(raw: words[3]))
    case (3, 2...):
      guard let task = task(0), let reason = ReasonCode(word: words[1], slotCount: graph.slotCount) else { return nil }
      let (results, outputs) = (graph.slots(task).count, graph.outputs(task).count)
      guard words.count == 2 + 2 * results + outputs else { return nil }
      return .ran(
        task, reason,
        results: (0..<results).map { Fingerprint(high: words[2 + 2 * $0], low: words[3 + 2 * $0]) },
        stamps: words.suffix(outputs).map { StampDigest(raw: $0) })
    case (4, 3):
      guard let task = task(0), let outcome = Outcome(code: UInt8(truncatingIfNeeded: words[1])),
        let reason = ReasonCode(word: words[2], slotCount: graph.slotCount)
      else { return nil }
      return .ended(task, outcome, reason)
    case (5, _):
      let indices = stride(from: 0, to: words.count, by: 2)
      guard words.count % 2 == 0, indices.allSatisfy({ words[$0] < UInt64(graph.slotCount) }) else { return nil }
      let stamps = indices.map { SettledStamp(slot: Int(words[$0]), stamp: StampDigest(raw: words[$0 + 1])) }
      return .settled(stamps)
    case (6, 1): return task(0).map { .lost($0) }
    default: return nil
    }
  }
}

extension ReasonCode {
  fileprivate var word: UInt64 { UInt64(code) << 32 | UInt64(slot) }

  /// - Returns: `nil` if it is not a reason, or if its slot does not exist in the graph.
  fileprivate init?(word: UInt64, slotCount: Int) {
    self.init(code: UInt8(truncatingIfNeeded: word >> 32), slot: UInt32(truncatingIfNeeded: word))
    guard code < 16, slot == ReasonCode.noSlot || slot < slotCount else { return nil }
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ words: [UInt64]) {
    for word in words { append(word, in: .little) }
  }

  fileprivate mutating func overwrite(_ word: UInt64, at offset: Int) {
    store(word.littleEndian, at: offset)
  }
}
