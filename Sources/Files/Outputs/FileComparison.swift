internal import Bytes
internal import Glibc

/// Tells whether a file holds given bytes, without holding the file.
enum FileComparison {
  /// `false` also when the file cannot be read: then it is written.
  static func isEqual(_ path: String, _ bytes: ByteRope) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      for piece in bytes.pieces {
        guard piece.withUnsafeBytes({ holds(descriptor, $0, buffer) }) else { return false }
      }
      return read(descriptor, buffer.baseAddress!, 1) == 0
    }
  }

  /// Whether the next bytes of the file are these.
  private static func holds(
    _ descriptor: Int32, _ expected: UnsafeRawBufferPointer, _ buffer: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var done = 0
    while done < expected.count {
      let count = read(descriptor, buffer.baseAddress!, min(buffer.count, expected.count - done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0, memcmp(buffer.baseAddress!, expected.baseAddress! + done, count) == 0 else { return false }
      done += count
    }
    return true
  }
}
