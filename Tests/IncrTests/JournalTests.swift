import Files
import Foundation
import Testing

@testable import Bytes
@testable import Incr

/// The records after the tables: valid ones are read, up to the first that is not.
@Suite("The journal")
struct JournalTests {
  private let graph: TaskGraph
  private let records: [JournalRecord]
  private let bytes: [UInt8]
  /// The end of each record.
  private let ends: [Int]

  /// A record of each kind, some of them twice.
  init() throws {
    let graph = try Story().graph()
    let (some, other) = (Fingerprint(of: "some"), Fingerprint(of: "other"))
    let ran = graph.tasks.map { task in
      JournalRecord.ran(
        task, ReasonCode(.neverRan), results: graph.slots(task).map { Fingerprint(of: "\($0)") },
        stamps: graph.outputs(task).map { StampDigest(raw: UInt64($0) + 1) })
    }
    let records: [JournalRecord] =
      [
        .began(targets: nil), .source(SlotID(0), some, StampDigest(raw: 7)), .source(SlotID(1), other, .doubtful),
        .ended(TaskID(2), .failed, ReasonCode(.inputChanged(SlotID(1)))), .began(targets: [TaskID(0), TaskID(3)]),
      ] + ran + [.settled([SettledStamp(slot: 0, stamp: StampDigest(raw: 9))]), .settled([]), .lost(TaskID(1))]
    var bytes: [UInt8] = []
    var ends: [Int] = []
    var end = JournalEnd(size: 0, checksum: JournalTests.seed)
    for record in records {
      record.append(to: &bytes, &end)
      ends.append(bytes.count)
    }
    (self.graph, self.records, self.bytes, self.ends) = (graph, records, bytes, ends)
  }

  /// The checksum that the tables before the journal would have.
  private static let seed: UInt64 = 42

  private func replay(_ bytes: [UInt8], of graph: TaskGraph? = nil) -> (records: [JournalRecord], size: Int) {
    var found: [JournalRecord] = []
    let end = JournalRecord.replay(bytes, after: Self.seed, of: graph ?? self.graph) { found.append($0) }
    return (found, end.size)
  }

  @Test("from a journal truncated to any length exactly the complete records are read")
  func truncated() {
    for length in 0...bytes.count {
      let whole = ends.count { $0 <= length }
      let (found, size) = replay(Array(bytes[..<length]))
      #expect(found == Array(records[..<whole]), "length \(length)")
      #expect(size == (whole == 0 ? 0 : ends[whole - 1]), "length \(length)")
    }
  }

  @Test("from a journal with a damaged byte the records before it are read", arguments: [UInt8(0x01), 0x80, 0xff])
  func flipped(_ mask: UInt8) {
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= mask
      let whole = ends.count { $0 <= offset }
      #expect(replay(damaged).records == Array(records[..<whole]), "offset \(offset)")
    }
  }

  /// Records with correct checksums and invalid content: a slot or a reason that does not exist.
  @Test("records that lead outside of the graph are not read, whatever their checksum")
  func sealed() {
    let reasons = [ReasonCode(code: 200, slot: ReasonCode.noSlot), ReasonCode(code: 4, slot: UInt32(graph.slotCount))]
    for reason in reasons {
      for record in [JournalRecord.ended(TaskID(0), .failed, reason), ran(reason)] {
        #expect(replay(sealed(record) { _ in }).records == [])
      }
    }
    for slot in [UInt64(graph.slotCount), 1 << 63, .max] {
      let record = JournalRecord.settled([SettledStamp(slot: 0, stamp: StampDigest(raw: 1))])
      let bytes = withUnsafeBytes(of: slot.littleEndian) { slot in
        sealed(record) { $0.replaceSubrange(16..<24, with: slot) }
      }
      #expect(replay(bytes).records == [], "slot \(slot)")
    }
  }

  private func ran(_ reason: ReasonCode) -> JournalRecord {
    let task = TaskID(0)
    return .ran(
      task, reason, results: graph.slots(task).map { _ in Fingerprint(of: "") },
      stamps: graph.outputs(task).map { _ in .doubtful })
  }

  /// A changed record, with a correct checksum.
  private func sealed(_ record: JournalRecord, _ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes: [UInt8] = []
    var end = JournalEnd(size: 0, checksum: Self.seed)
    record.append(to: &bytes, &end)
    change(&bytes)
    let checksum = Fingerprint(of: bytes.span.extracting(8...), seed: Self.seed).low
    bytes.replaceSubrange(0..<8, with: withUnsafeBytes(of: checksum.littleEndian, Array.init))
    return bytes
  }

  @Test("records of another graph are not read")
  func otherGraph() {
    #expect(replay(bytes, of: TaskGraph()).records == [.began(targets: nil)])
  }
}

/// The bytes of a journal, as documented for `JournalRecord`.
enum JournalText {
  /// Each record's bytes.
  static func records(_ journal: [UInt8]) -> [[UInt8]] {
    var records: [[UInt8]] = []
    var rest = journal[...]
    while rest.count >= 16 {
      let length = (8..<12).reversed().reduce(0) { $0 << 8 | Int(rest[rest.startIndex + $1]) }
      records.append(Array(rest.prefix(16 + length)))
      rest = rest.dropFirst(16 + length)
    }
    return records
  }
}

extension SavedState {
  /// A folder's state, as tables without a journal.
  static func tables(folder: String) throws -> [UInt8] {
    try #require(SavedState(folder: folder)).file().bytes.joined()
  }
}
