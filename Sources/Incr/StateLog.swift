/// The traces and file signatures of earlier builds, in one file.
///
/// It is a cache and never the truth: lost, torn, damaged or of another version it costs a rebuild, never a wrong result.
///
/// The file, all integers little-endian:
///
///     8   magic "bpfgenst"
///     8   version of the format
///     then records, each on an 8-byte boundary:
///     8   checksum: the low half of XXH3-128 of all that follows in the record
///     4   length of the payload in bytes
///     4   kind: 1 trace, 2 source
///     n   payload, filled up to 8 bytes with zeros
///
/// Records are appended as tasks finish; of several for one task or path the last one counts. What follows the first
/// record whose checksum is wrong is not read: a length may be what is damaged. A log in which most records are
/// superseded is written anew.
///
/// Why no database: LMDB takes its file on trust. Of 300 truncations of a 0.9 MB environment 297 ended in a signal, and
/// 726 of 1,624 flipped bytes gave other data without a word (docs/ARCHITECTURE.md).
struct StateLog {
  /// What the log knows of a source file.
  struct Source: Hashable {
    var signature: Fingerprint
    var stamp: RecordedStamp
  }

  private static let magic = Array("bpfgenst".utf8)
  private static let version: UInt64 = 1
  private static let headerSize = 16
  private static let recordHeaderSize = 16

  private enum Kind: UInt32 {
    case trace = 1
    case source = 2
  }

  /// The file as it was read, and behind it what was recorded since: traces stay in it until they are asked for.
  private var bytes: [UInt8]
  /// Where the last trace of each task begins, by the task's identity.
  private var traceOffsets: [Fingerprint: Int] = [:]
  /// By the fingerprint of the path.
  private(set) var sources: [Fingerprint: Source] = [:]
  private(set) var recordCount = 0
  /// Whether the file held something that could not be read: it is written anew.
  private(set) var isDamaged = false
  /// Where the records begin that are not in the file.
  private var pendingStart: Int

  init() {
    bytes = StateLog.header
    pendingStart = bytes.count
  }

  /// Reads a log; anything that is not one is an empty, damaged log. O(bytes).
  init(_ file: [UInt8]) {
    self.init()
    guard !file.isEmpty else { return }
    guard file.count >= StateLog.headerSize, file.starts(with: StateLog.header) else {
      isDamaged = true
      return
    }
    bytes = file
    var offset = StateLog.headerSize
    // Some 300 bytes go into a task's record.
    traceOffsets.reserveCapacity(file.count / 300)
    while offset < file.count {
      guard let next = readRecord(at: offset) else {
        // What was read counts; the rest is not kept.
        isDamaged = true
        bytes.removeSubrange(offset...)
        break
      }
      offset = next
      recordCount += 1
    }
    pendingStart = bytes.count
  }

  /// - Returns: where the next record begins; `nil` when this one is damaged.
  private mutating func readRecord(at start: Int) -> Int? {
    var reader = RecordReader(bytes, at: start)
    guard let checksum = reader.uint64(), let length = reader.uint32(), let rawKind = reader.uint32(),
      Int(length) <= reader.remaining
    else { return nil }
    let end = start + StateLog.recordHeaderSize + Int(length)
    guard reader.fingerprint(of: start + 8..<end).low == checksum else { return nil }
    // A kind of a later version is passed over.
    switch Kind(rawValue: rawKind) {
    case .trace:
      guard let identity = reader.fingerprint() else { return nil }
      traceOffsets[identity] = reader.offset
    case .source:
      guard let path = reader.fingerprint(), let signature = reader.fingerprint(), let stamp = RecordedStamp(&reader)
      else { return nil }
      sources[path] = Source(signature: signature, stamp: stamp)
    case nil: break
    }
    return (end + 7) / 8 * 8
  }

  /// What is known of a task's last run.
  func trace(_ identity: Fingerprint) -> Trace? {
    guard let offset = traceOffsets[identity] else { return nil }
    var reader = RecordReader(bytes, at: offset)
    return Trace(&reader)
  }

  mutating func record(_ trace: Trace, for identity: Fingerprint) {
    append(.trace) { bytes in
      bytes.put(identity)
      trace.write(to: &bytes)
    }
    traceOffsets[identity] = bytes.count - 8 * ((trace.sizeBytes + 7) / 8)
  }

  mutating func record(_ source: Source, for path: Fingerprint) {
    sources[path] = source
    append(.source) { bytes in
      bytes.put(path)
      bytes.put(source.signature)
      source.stamp.write(to: &bytes)
    }
  }

  /// The records since the last call, to be appended to the file.
  mutating func takePending() -> [UInt8] {
    defer { pendingStart = bytes.count }
    return Array(bytes[pendingStart...])
  }

  /// The whole file anew, one record for each task and path.
  mutating func compacted() -> [UInt8] {
    var fresh = StateLog()
    for identity in traceOffsets.keys {
      if let trace = trace(identity) { fresh.record(trace, for: identity) }
    }
    for (path, source) in sources { fresh.record(source, for: path) }
    fresh.pendingStart = fresh.bytes.count
    self = fresh
    return bytes
  }

  /// Whether most of the file is superseded.
  var isBloated: Bool { recordCount > 1000 && recordCount > 3 * (traceOffsets.count + sources.count) }

  private static var header: [UInt8] {
    var bytes = magic
    bytes.put(version)
    return bytes
  }

  private mutating func append(_ kind: Kind, _ write: (inout [UInt8]) -> Void) {
    let start = bytes.count
    bytes.put(UInt64(0))
    bytes.put(UInt32(0))
    bytes.put(kind.rawValue)
    write(&bytes)
    let length = bytes.count - start - StateLog.recordHeaderSize
    bytes.overwrite(UInt32(length), at: start + 8)
    let checksum = bytes.withUnsafeBytes { Fingerprint(of: UnsafeRawBufferPointer(rebasing: $0[(start + 8)...])) }.low
    bytes.overwrite(checksum, at: start)
    bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
    recordCount += 1
  }
}

extension Trace {
  /// The bytes that `write` appends.
  fileprivate var sizeBytes: Int { 16 + 12 + 16 * (consumed.count + results.count) + 56 * stamps.count }

  fileprivate func write(to bytes: inout [UInt8]) {
    bytes.put(recipe)
    for count in [consumed.count, results.count, stamps.count] { bytes.put(UInt32(count)) }
    for signature in consumed + results { bytes.put(signature) }
    for stamp in stamps { stamp.write(to: &bytes) }
  }

  fileprivate init?(_ reader: inout RecordReader) {
    guard let recipe = reader.fingerprint(), let consumedCount = reader.uint32(), let resultCount = reader.uint32(),
      let stampCount = reader.uint32(),
      Int(consumedCount) + Int(resultCount) + Int(stampCount) <= reader.remaining / 16
    else { return nil }
    var consumed: [Fingerprint] = []
    var results: [Fingerprint] = []
    var stamps: [RecordedStamp] = []
    for _ in 0..<consumedCount {
      guard let signature = reader.fingerprint() else { return nil }
      consumed.append(signature)
    }
    for _ in 0..<resultCount {
      guard let signature = reader.fingerprint() else { return nil }
      results.append(signature)
    }
    for _ in 0..<stampCount {
      guard let stamp = RecordedStamp(&reader) else { return nil }
      stamps.append(stamp)
    }
    self.init(recipe: recipe, consumed: consumed, results: results, stamps: stamps)
  }
}

extension RecordedStamp {
  fileprivate func write(to bytes: inout [UInt8]) {
    for word in [stamp.device, stamp.inode] { bytes.put(word) }
    for word in [stamp.sizeBytes, stamp.mtimeNanos, stamp.ctimeNanos, recordedNanos] {
      bytes.put(UInt64(bitPattern: word))
    }
    bytes.put(UInt64(stamp.permissions))
  }

  /// Only regular files are ever recorded.
  fileprivate init?(_ reader: inout RecordReader) {
    guard let device = reader.uint64(), let inode = reader.uint64(), let size = reader.uint64(),
      let mtime = reader.uint64(), let ctime = reader.uint64(), let recorded = reader.uint64(),
      let permissions = reader.uint64()
    else { return nil }
    self.init(
      FileStamp(
        device: device, inode: inode, sizeBytes: Int64(bitPattern: size), mtimeNanos: Int64(bitPattern: mtime),
        ctimeNanos: Int64(bitPattern: ctime), kind: .regular, permissions: UInt32(truncatingIfNeeded: permissions)),
      recordedNanos: Int64(bitPattern: recorded))
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func overwrite(_ value: some FixedWidthInteger, at offset: Int) {
    Swift.withUnsafeBytes(of: value.littleEndian) { source in
      for (index, byte) in source.enumerated() { self[offset + index] = byte }
    }
  }

  fileprivate mutating func put(_ value: Fingerprint) {
    put(value.high)
    put(value.low)
  }
}

/// Reads integers of a log one after the other, each checked against the end.
private struct RecordReader {
  private let bytes: [UInt8]
  private(set) var offset: Int

  init(_ bytes: [UInt8], at offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  var remaining: Int { max(0, bytes.count - offset) }

  mutating func uint32() -> UInt32? { load() }
  mutating func uint64() -> UInt64? { load() }

  mutating func fingerprint() -> Fingerprint? {
    guard let high = uint64(), let low = uint64() else { return nil }
    return Fingerprint(high: high, low: low)
  }

  func fingerprint(of range: Range<Int>) -> Fingerprint {
    bytes.withUnsafeBytes { Fingerprint(of: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  private mutating func load<Value: FixedWidthInteger>() -> Value? {
    guard remaining >= MemoryLayout<Value>.size else { return nil }
    defer { offset += MemoryLayout<Value>.size }
    return Value(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) })
  }
}
