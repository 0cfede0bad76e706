internal import Bytes
internal import Files

/// A file of tables: what is kept between builds, in the form in which it is used.
///
/// The file, integers in the machine's own byte order (another one has another magic):
///
///     8   magic
///     8   number of tables
///     8   checksum of the directory
///     n × directory: 8 length of the table in bytes, 8 checksum of it
///     the tables, each from an 8-byte boundary on
///     what follows is not the tables' own
///
/// A checksum is the low half of XXH3-128. A table is read straight into its array, and one that is not asked for is
/// not read: at 40,000 tasks the pages that a build touches cost more than its system calls.
enum TableFile {
  fileprivate static let headSize = 24
  fileprivate static let entrySize = 16

  fileprivate static func padded(_ length: Int) -> Int { (length + 7) / 8 * 8 }
}

/// Collects tables for a file.
struct TableWriter {
  private let magic: UInt64
  private var directory: [UInt64] = []
  /// Of the directory: it stands for all tables.
  var checksum: UInt64 { fingerprint.low }
  /// What tells the tables from all others: it is of their lengths and checksums.
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

/// Reads the tables of a file in their order.
struct TableReader: ~Copyable {
  private let file: Descriptor
  private let fileSize: Int
  private var directory: [UInt64] = []
  private(set) var magic: UInt64 = 0
  /// Of the directory: it stands for all tables.
  private(set) var checksum: UInt64 = 0
  /// How many tables were read.
  private(set) var next = 0
  /// Where the next table begins.
  private var offset = 0

  /// - Parameter magics: those of the files that are wanted.
  /// - Returns: `nil` when the path does not lead to a whole directory.
  static func open(path: String, magics: [UInt64]) -> TableReader? {
    guard let file = try? Descriptor(reading: path) else { return nil }
    var reader = TableReader(file)
    guard reader.readDirectory(magics) else { return nil }
    return reader
  }

  /// The first word of a file; `nil` when it has none.
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

  /// The next table; `nil` when there is none or it is damaged.
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

  /// The writer's fingerprint of the tables that were read since there were so many.
  func fingerprint(since first: Int) -> Fingerprint {
    unsafe Fingerprint(of: directory.span.extracting(2 * first..<2 * next).bytes)
  }

  /// All that follows the tables; `nil` when the file ends before, be it in the zeros behind the last one.
  mutating func rest() -> [UInt8]? { offset <= fileSize ? read(fileSize - offset) : nil }

  /// - Returns: `nil` when the file ends before.
  private mutating func read<Element: BitwiseCopyable>(_ length: Int) -> [Element]? {
    guard length <= fileSize - offset else { return nil }
    // The library writes its count into the one array that all empty ones are: two threads at once are a race.
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
