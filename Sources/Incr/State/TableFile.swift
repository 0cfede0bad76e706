internal import Bytes
internal import Files

/// A file of tables, which are stored in their in-memory form.
///
/// The file, with integers in the machine's own byte order (the other byte order has another magic):
///
///     8   magic
///     8   number of tables
///     8   checksum of the directory
///     n × directory: 8 length of the table in bytes, 8 its checksum
///     the tables, each aligned to 8 bytes
///     the rest does not belong to the tables
///
/// A checksum is the low half of the XXH3-128. A table is read directly into its array, and a table that is not needed
/// is not read: with 40,000 tasks, touching pages costs more than the system calls of a build.
enum TableFile {
  fileprivate static let headSize = 24
  fileprivate static let entrySize = 16

  fileprivate static func padded(_ length: Int) -> Int { (length + 7) / 8 * 8 }
}

/// Collects tables for a file.
struct TableWriter {
  private let magic: UInt64
  private var directory: [UInt64] = []
  /// Of the directory, which covers all tables.
  var checksum: UInt64 { fingerprint.low }
  /// Identifies the tables: a hash of their lengths and checksums.
  var fingerprint: Fingerprint { unsafe Fingerprint(of: directory.span.bytes) }
  private var tables: [[UInt8]] = []

  init(magic: UInt64) { self.magic = magic }

  mutating func add<Element: BitwiseCopyable>(_ table: [Element]) {
    unsafe table.withUnsafeBytes { source in
      directory += unsafe [UInt64(source.count), Fingerprint(of: table.span.bytes).low]
      unsafe tables.append(Array(source) + [UInt8](repeating: 0, count: TableFile.padded(source.count) - source.count))
    }
  }

  func bytes() -> ByteRope {
    var head: [UInt8] = []
    for word in [magic, UInt64(tables.count), checksum] + directory { head.append(word, in: .host) }
    return ByteRope([head] + tables)
  }
}

/// Reads the tables of a file in order.
struct TableReader: ~Copyable {
  private let file: Descriptor
  private let fileSize: Int
  private var directory: [UInt64] = []
  private(set) var magic: UInt64 = 0
  /// Of the directory, which covers all tables.
  private(set) var checksum: UInt64 = 0
  /// How many tables were read.
  private(set) var next = 0
  /// The offset of the next table.
  private var offset = 0

  /// - Parameter magics: the accepted magic numbers.
  /// - Returns: `nil` if the file has no valid directory.
  static func open(path: String, magics: [UInt64]) -> TableReader? {
    guard let file = try? Descriptor(reading: path) else { return nil }
    var reader = TableReader(file)
    guard reader.readDirectory(magics) else { return nil }
    return reader
  }

  /// The first word of a file; `nil` if it is shorter.
  static func magic(path: String) -> UInt64? {
    guard let file = try? Descriptor(reading: path) else { return nil }
    var reader = TableReader(file)
    let words: [UInt64]? = reader.read(MemoryLayout<UInt64>.size)
    return words?.first
  }

  private init(_ file: consuming Descriptor) {
    let stamp = try? FileStamp(of: file, path: "")
    self.file = file
    fileSize = stamp?.kind == .regular ? Int(stamp!.sizeBytes) : 0
  }

  private mutating func readDirectory(_ magics: [UInt64]) -> Bool {
    guard let head: [UInt64] = read(TableFile.headSize), magics.contains(head[0]), head[1] <= 256,
      let directory: [UInt64] = read(Int(head[1]) * TableFile.entrySize),
      unsafe Fingerprint(of: directory.span.bytes).low == head[2]
    else { return false }
    self.directory = directory
    magic = head[0]
    checksum = head[2]
    return true
  }

  /// The next table; `nil` if there is none or it is damaged.
  mutating func table<Element: BitwiseCopyable>(of type: Element.Type = Element.self) -> [Element]? {
    guard 2 * next < directory.count else { return nil }
    let (length, checksum) = (directory[2 * next], directory[2 * next + 1])
    next += 1
    guard length <= UInt64(fileSize), Int(length) % MemoryLayout<Element>.stride == 0,
      let table: [Element] = read(Int(length)),
      unsafe Fingerprint(of: table.span.bytes).low == checksum
    else { return nil }
    offset = TableFile.padded(offset)
    return table
  }

  /// The writer's fingerprint of the tables read since `first`.
  func fingerprint(since first: Int) -> Fingerprint {
    unsafe Fingerprint(of: directory.span.extracting(2 * first..<2 * next).bytes)
  }

  /// Everything after the tables; `nil` if the file ends before that, even in the padding after the last table.
  mutating func rest() -> [UInt8]? { offset <= fileSize ? read(fileSize - offset) : nil }

  /// - Returns: `nil` if the file ends before.
  private mutating func read<Element: BitwiseCopyable>(_ length: Int) -> [Element]? {
    guard length <= fileSize - offset else { return nil }
    // All empty arrays share one header, and reading into an empty array writes its count: with two threads this is a
    // data race.
    guard length > 0 else { return [] }
    var filled = 0
    let table = unsafe [Element](unsafeUninitializedCapacity: length / MemoryLayout<Element>.stride) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      unsafe Descriptor.prefault(bytes)
      filled = unsafe file.fill(bytes, at: offset).filled
      count = filled / MemoryLayout<Element>.stride
    }
    guard filled == length else { return nil }
    offset += length
    return table
  }
}
