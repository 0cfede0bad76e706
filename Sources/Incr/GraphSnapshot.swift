/// A file that a graph was made from, as it was then.
public struct GraphInput: Hashable, Sendable {
  public let path: String
  public let signature: Fingerprint
  public let stamp: RecordedStamp

  /// - Parameter recordedNanos: a moment before the file was read.
  public init(_ content: FileContent, recordedNanos: Int64) {
    path = content.path
    signature = Fingerprint(of: content.bytes)
    stamp = RecordedStamp(content.stamp, recordedNanos: recordedNanos)
  }

  init(path: String, signature: Fingerprint, stamp: RecordedStamp) {
    self.path = path
    self.signature = signature
    self.stamp = stamp
  }

  /// Whether the file has the same content still: by its stamp, else by reading it.
  var isCurrent: Bool {
    guard let now = (try? FileStamp(path: path)) ?? nil else { return false }
    if stamp.vouches(for: now) { return true }
    return (try? FileContent(path: path)).map { Fingerprint(of: $0.bytes) } == signature
  }
}

/// A task graph as it is kept between builds, so that a build that has nothing to do need not read the graph file.
///
/// The file: magic and a checksum of all that follows, then the version, the files that the graph was made from, and the
/// tables, each with its length. Integers are the machine's own: another byte order has another magic.
public enum GraphSnapshot {
  private static let magic: UInt64 = 0x6270_6667_6772_0001

  /// - Parameter version: whatever else the graph depends on; another one does not read it.
  public static func write(_ graph: TaskGraph, version: Fingerprint, inputs: [GraphInput]) -> [UInt8] {
    var body: [UInt8] = []
    body.putWords([version.high, version.low, UInt64(graph.sourceCount), UInt64(inputs.count)])
    for input in inputs {
      body.putWords(Array(input.path.utf8))
      let stamp = input.stamp.stamp
      body.putWords([
        input.signature.high, input.signature.low, stamp.device, stamp.inode, UInt64(bitPattern: stamp.sizeBytes),
        UInt64(bitPattern: stamp.mtimeNanos), UInt64(bitPattern: stamp.ctimeNanos), UInt64(stamp.permissions),
        UInt64(bitPattern: input.stamp.recordedNanos),
      ])
    }
    body.putWords(graph.rules.map { UInt64($0.version) })
    for rule in graph.rules { body.putWords(Array(rule.name.utf8)) }
    for pool in [graph.paths, graph.names] {
      body.putWords(pool.bytes)
      body.putWords(pool.starts)
    }
    body.putWords(graph.taskRules)
    for fingerprints in [graph.identities, graph.recipes] { body.putWords(fingerprints.flatMap { [$0.high, $0.low] }) }
    for table in [
      graph.outputCounts, graph.firstSlots, graph.firstInputs, graph.inputSlots, graph.slotTasks,
      graph.topologicalOrder,
    ] { body.putWords(table) }
    var file: [UInt8] = []
    file.putWords([magic, Fingerprint(of: body).low])
    return file + body
  }

  /// - Returns: `nil` for anything but a whole snapshot of this version whose files are as they were.
  public static func read(_ bytes: [UInt8], version: Fingerprint) -> TaskGraph? {
    var reader = WordReader(bytes)
    guard let head: [UInt64] = reader.words(), head.count == 2, head[0] == magic,
      reader.fingerprintOfRest().low == head[1], let first: [UInt64] = reader.words(), first.count == 4,
      first[0] == version.high, first[1] == version.low
    else { return nil }
    for _ in 0..<first[3] {
      guard let input = input(&reader), input.isCurrent else { return nil }
    }
    guard let versions: [UInt64] = reader.words() else { return nil }
    var graph = TaskGraph()
    graph.sourceCount = Int(first[2])
    for version in versions {
      guard let name: [UInt8] = reader.words() else { return nil }
      graph.rules.append(Rule(name: String(decoding: name, as: UTF8.self), version: UInt32(version)))
    }
    guard let paths = pool(&reader), let names = pool(&reader), let rules: [UInt16] = reader.words(),
      let identities = fingerprints(&reader), let recipes = fingerprints(&reader),
      let outputCounts: [UInt32] = reader.words(), let firstSlots: [UInt32] = reader.words(),
      let firstInputs: [UInt32] = reader.words(), let inputSlots: [UInt32] = reader.words(),
      let slotTasks: [UInt32] = reader.words(), let order: [UInt32] = reader.words()
    else { return nil }
    graph.paths = paths
    graph.names = names
    graph.taskRules = rules
    graph.identities = identities
    graph.recipes = recipes
    graph.outputCounts = outputCounts
    graph.firstSlots = firstSlots
    graph.firstInputs = firstInputs
    graph.inputSlots = inputSlots
    graph.slotTasks = slotTasks
    graph.topologicalOrder = order
    return graph
  }

  private static func input(_ reader: inout WordReader) -> GraphInput? {
    guard let path: [UInt8] = reader.words(), let words: [UInt64] = reader.words(), words.count == 9 else { return nil }
    let stamp = FileStamp(
      device: words[2], inode: words[3], sizeBytes: Int64(bitPattern: words[4]),
      mtimeNanos: Int64(bitPattern: words[5]), ctimeNanos: Int64(bitPattern: words[6]), kind: .regular,
      permissions: UInt32(truncatingIfNeeded: words[7]))
    return GraphInput(
      path: String(decoding: path, as: UTF8.self), signature: Fingerprint(high: words[0], low: words[1]),
      stamp: RecordedStamp(stamp, recordedNanos: Int64(bitPattern: words[8])))
  }

  private static func pool(_ reader: inout WordReader) -> StringPool? {
    guard let bytes: [UInt8] = reader.words(), let starts: [UInt32] = reader.words() else { return nil }
    return StringPool(bytes: bytes, starts: starts)
  }

  private static func fingerprints(_ reader: inout WordReader) -> [Fingerprint]? {
    guard let words: [UInt64] = reader.words(), words.count % 2 == 0 else { return nil }
    return (0..<words.count / 2).map { Fingerprint(high: words[2 * $0], low: words[2 * $0 + 1]) }
  }
}

extension [UInt8] {
  /// A table: the number of its elements, the elements, zeros up to eight bytes.
  fileprivate mutating func putWords<Word: FixedWidthInteger>(_ words: [Word]) {
    Swift.withUnsafeBytes(of: UInt64(words.count)) { append(contentsOf: $0) }
    words.withUnsafeBytes { append(contentsOf: $0) }
    append(contentsOf: repeatElement(0, count: (8 - count % 8) % 8))
  }
}

/// Reads tables back, each checked against the end.
private struct WordReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func fingerprintOfRest() -> Fingerprint {
    bytes.withUnsafeBytes { Fingerprint(of: UnsafeRawBufferPointer(rebasing: $0[min(offset, bytes.count)...])) }
  }

  mutating func words<Word: FixedWidthInteger>() -> [Word]? {
    guard offset + 8 <= bytes.count else { return nil }
    let count = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    let room = bytes.count - offset - 8
    guard count <= UInt64(room / MemoryLayout<Word>.size) else { return nil }
    let size = Int(count) * MemoryLayout<Word>.size
    let start = offset + 8
    let words = [Word](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      bytes.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[start..<start + size]))
      }
      filled = Int(count)
    }
    offset = min(bytes.count, (start + size + 7) / 8 * 8)
    return words
  }
}
