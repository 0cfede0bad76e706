internal import CLinux
internal import Glibc

/// The whole content of a regular file, with the stamp that it had.
package struct FileContent: Sendable {
  /// The path as the caller gave it.
  package let path: String
  package let bytes: [UInt8]
  package let stamp: FileStamp

  /// Reads a regular file whole. Anything else (a folder, a pipe) is refused without blocking on it.
  ///
  /// - Throws: `FileError.changedWhileRead` when the file's size or times moved under the reading.
  package init(path: String) throws(FileError) { try self.init(path: path) { _ throws(FileError) in nil } }

  /// Reads parts of a regular file.
  ///
  /// - Parameter choose: reads the parts and makes the content of them, or returns `nil` for the whole file.
  package init(path: String, parts choose: (FileParts) throws(FileError) -> [UInt8]?) throws(FileError) {
    // Without O_NONBLOCK the open of a pipe waits for a writer, for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", errno: errno) }
    defer { close(descriptor) }
    let before = try FileStamp(descriptor: descriptor, path: path)
    guard before.kind == .regular else { throw .notRegular(path: path, kind: before.kind) }
    let parts = FileParts(sizeBytes: Int(before.sizeBytes), descriptor: descriptor, path: path)
    let chosen = try choose(parts)
    let bytes = if let chosen { chosen } else { try parts.read(0..<parts.sizeBytes) }
    let after = try FileStamp(descriptor: descriptor, path: path)
    guard after == before else { throw .changedWhileRead(path: path) }
    self.path = path
    self.bytes = bytes
    stamp = before
  }

  /// The first bytes of a file, as many as there are.
  static func beginning(of path: String, bytes count: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", errno: errno) }
    defer { close(descriptor) }
    return try readAll(descriptor, 0..<count, path: path)
  }

  fileprivate static func readAll(_ descriptor: Int32, _ range: Range<Int>, path: String) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      prefault(UnsafeMutableRawBufferPointer(buffer))
      (filled, failure) = fill(UnsafeMutableRawBufferPointer(buffer), from: descriptor, at: range.lowerBound)
    }
    if failure != 0 { throw .system(path: path, operation: "read", errno: failure) }
    return bytes
  }

  /// Reads a file's bytes from an offset on, whatever the descriptor's position, until the buffer is full or the file ends.
  ///
  /// - Returns: how many bytes were read, and the error number of a read that failed, else 0.
  package static func fill(_ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int) -> (
    filled: Int, errno: Int32
  ) {
    var filled = 0
    while filled < buffer.count {
      let count = pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return (filled, errno) }
      if count == 0 { break }
      filled += count
    }
    return (filled, 0)
  }

  /// Asks for a large buffer's pages in one call: a fault each costs more than reading the file (1.9 MB: 470 faults,
  /// 2 of 4.8 ms in a virtual machine). Kernels before 5.14 refuse, which changes nothing but the time.
  package static func prefault(_ buffer: UnsafeMutableRawBufferPointer) {
    let pageSize = 4096
    guard buffer.count >= 64 * pageSize, let base = buffer.baseAddress else { return }
    let start = (UInt(bitPattern: base) + UInt(pageSize) - 1) & ~UInt(pageSize - 1)
    let end = (UInt(bitPattern: base) + UInt(buffer.count)) & ~UInt(pageSize - 1)
    _ = madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), CLINUX_MADV_POPULATE_WRITE)
  }
}

/// A regular file that is open, of which parts are read.
package struct FileParts {
  package let sizeBytes: Int
  fileprivate let descriptor: Int32
  fileprivate let path: String

  /// - Throws: `FileError.changedWhileRead` when the file ends before the range does.
  package func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    let bytes = try FileContent.readAll(descriptor, range, path: path)
    guard bytes.count == range.count else { throw .changedWhileRead(path: path) }
    return bytes
  }
}
