/// The content of a regular file, with its stamp.
package struct FileContent: Sendable {
  /// The path as the caller gave it.
  package let path: String
  package let bytes: [UInt8]
  package let stamp: FileStamp

  /// Reads a whole regular file. Anything else (a folder, a pipe) is refused without blocking.
  ///
  /// - Throws: `FileError.changedWhileRead` if the file's size or times changed during the read.
  package init(path: String) throws(FileError) { try self.init(path: path) { _ throws(FileError) in nil } }

  /// Reads parts of a regular file.
  ///
  /// - Parameter choose: reads the parts and returns the content made from them, or returns `nil` to read the whole
  ///   file.
  package init(path: String, parts choose: (FileParts) throws(FileError) -> [UInt8]?) throws(FileError) {
    let file = try Descriptor(reading: path)
    let before = try FileStamp(of: file, path: path)
    guard before.kind == .regular else { throw .notRegular(path: path, kind: before.kind) }
    let parts = FileParts(sizeBytes: Int(before.sizeBytes), descriptor: file.number, path: path)
    let chosen = try choose(parts)
    let bytes = if let chosen { chosen } else { try parts.read(0..<parts.sizeBytes) }
    let after = try FileStamp(of: file, path: path)
    guard after == before else { throw .changedWhileRead(path: path) }
    self.path = path
    self.bytes = bytes
    stamp = before
  }

  /// The first bytes of a file, or the whole file if it is shorter.
  static func beginning(of path: String, bytes count: Int) throws(FileError) -> [UInt8] {
    try Descriptor(reading: path).bytes(0..<count, path: path)
  }
}

/// A regular file whose parts are read, while `FileContent` has it open.
package struct FileParts {
  package let sizeBytes: Int
  fileprivate let descriptor: Int32
  fileprivate let path: String

  /// - Throws: `FileError.changedWhileRead` if the file ends before the range does.
  package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    let bytes = try Descriptor.bytes(range, of: descriptor, path: path)
    guard bytes.count == range.count else { throw .changedWhileRead(path: path) }
    return bytes
  }
}
