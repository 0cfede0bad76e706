package import Bytes
internal import CLinux
internal import Glibc

/// An open file with one owner, which closes it.
///
/// All reading and writing goes through this type. It repeats calls that a signal interrupts, and completes partial
/// reads and writes.
package struct Descriptor: ~Copyable, Sendable {
  /// The number for system calls; -1 after it was closed.
  package private(set) var number: Int32

  /// - Parameter number: an open descriptor without another owner; negative for none.
  package init(owning number: Int32) { self.number = number }

  /// Opens a file. Child processes do not inherit it.
  ///
  /// - Parameters:
  ///   - flags: those of open(2).
  ///   - permissions: of a file that the call creates, before the process's umask.
  package init(opening path: String, _ flags: Int32, permissions: UInt32 = 0o666) throws(FileError) {
    number = unsafe open(path, flags | O_CLOEXEC, permissions)
    guard number >= 0 else { throw .system(path: path, operation: "open", errno: errno) }
  }

  /// Opens a file for reading. Without O_NONBLOCK, opening a pipe would wait for a writer.
  package init(reading path: String) throws(FileError) { try self.init(opening: path, O_RDONLY | O_NONBLOCK) }

  /// Opens a new file in memory, without a path.
  ///
  /// - Parameter name: the file's name in errors and in /proc.
  init(inMemory name: String) throws(FileError) {
    number = unsafe memfd_create(name, UInt32(CLINUX_MFD_CLOEXEC))
    guard number >= 0 else { throw .system(path: name, operation: "memfd_create", errno: errno) }
  }

  deinit { if number >= 0 { Glibc.close(number) } }

  /// Closes the file early, to detect a full disk or an exceeded quota that is only reported by close.
  mutating func close(path: String) throws(FileError) {
    let closed = number
    number = -1
    guard Glibc.close(closed) == 0 else { throw .system(path: path, operation: "close", errno: errno) }
  }

  // MARK: Reading

  /// Reads from an offset until the buffer is full or the file ends.
  ///
  /// - Returns: the number of bytes read, and the error number of a failed read, else 0.
  package func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> (filled: Int, errno: Int32) {
    unsafe Descriptor.fill(buffer, from: number, at: offset)
  }

  /// The bytes of a range of the file, up to the end of the file.
  func bytes(_ range: Range<Int>, path: String) throws(FileError) -> [UInt8] {
    try Descriptor.bytes(range, of: number, path: path)
  }

  /// The same for a descriptor that this type does not own.
  static func bytes(_ range: Range<Int>, of number: Int32, path: String) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      unsafe prefault(bytes)
      (filled, failure) = unsafe fill(bytes, from: number, at: range.lowerBound)
    }
    if failure != 0 { throw .system(path: path, operation: "read", errno: failure) }
    return bytes
  }

  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from number: Int32, at offset: Int
  ) -> (filled: Int, errno: Int32) {
    var filled = 0
    while filled < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = uninterrupted { unsafe pread(number, rest.baseAddress, rest.count, off_t(offset + filled)) }
      if count < 0 { return (filled, errno) }
      if count == 0 { break }
      filled += count
    }
    return (filled, 0)
  }

  /// The next bytes of a stream, at most `limit`.
  ///
  /// - Returns: empty at the end of the stream; `nil` if it cannot be read, or if a read would block.
  package func next(_ limit: Int) -> [UInt8]? {
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
      count = Descriptor.uninterrupted { unsafe read(number, buffer.baseAddress, limit) }
      filled = max(0, count)
    }
    return count < 0 ? nil : bytes
  }

  /// Faults in the pages of a large buffer with one call. One fault per page takes longer than reading the file (1.9
  /// MB: 470 faults, 2 of 4.8 ms in a virtual machine). Kernels before 5.14 do not support this, which only costs time.
  package static func prefault(_ buffer: UnsafeMutableRawBufferPointer) {
    let pageSize = 4096
    guard buffer.count >= 64 * pageSize, let base = buffer.baseAddress else { return }
    let start = (UInt(bitPattern: base) + UInt(pageSize) - 1) & ~UInt(pageSize - 1)
    let end = (UInt(bitPattern: base) + UInt(buffer.count)) & ~UInt(pageSize - 1)
    _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), CLINUX_MADV_POPULATE_WRITE)
  }

  // MARK: Writing

  /// Writes all bytes: at the current position, or at an offset, which does not change the position.
  package func write(_ bytes: [UInt8], at offset: Int? = nil, path: String) throws(FileError) {
    let failure = Descriptor.write(bytes.span, to: number, at: offset)
    if failure != 0 { throw .system(path: path, operation: "write", errno: failure) }
  }

  package func write(_ bytes: ByteRope, path: String) throws(FileError) {
    try Descriptor.write(bytes, to: number, path: path)
  }

  static func write(_ bytes: ByteRope, to number: Int32, path: String) throws(FileError) {
    // Copying a header costs less than a second system call.
    let isSmall = bytes.pieces.count > 1 && bytes.count < 1 << 17
    for piece in isSmall ? [bytes.joined()] : bytes.pieces {
      let failure = write(piece.span, to: number)
      if failure != 0 { throw .system(path: path, operation: "write", errno: failure) }
    }
  }

  /// The same for a descriptor that this type does not own: a standard stream.
  ///
  /// - Returns: the error number of a failed write, else 0.
  package static func write(_ bytes: Span<UInt8>, to number: Int32, at offset: Int? = nil) -> Int32 {
    unsafe bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
        let count = uninterrupted {
          if let offset {
            unsafe pwrite(number, rest.baseAddress, rest.count, off_t(offset + done))
          } else {
            unsafe Glibc.write(number, rest.baseAddress, rest.count)
          }
        }
        if count < 0 { return errno }
        done += count
      }
      return 0
    }
  }

  private static func uninterrupted(_ call: () -> Int) -> Int {
    while true {
      let count = call()
      if count >= 0 || errno != EINTR { return count }
    }
  }
}
