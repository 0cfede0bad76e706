internal import Bytes
internal import Glibc

/// Compares a file with bytes, without reading the whole file into memory.
enum FileComparison {
  /// `false` also if the file cannot be read: it is then written.
  static func isEqual(_ path: String, _ bytes: ByteRope) -> Bool {
    guard let file = try? Descriptor(reading: path) else { return false }
    return unsafe withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      var offset = 0
      for piece in bytes.pieces {
        guard unsafe piece.withUnsafeBytes({ unsafe holds(file, $0, at: offset, buffer) }) else { return false }
        offset += piece.count
      }
      return unsafe file.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<1]), at: offset) == (0, 0)
    }
  }

  /// Whether the file has these bytes at an offset.
  private static func holds(
    _ file: borrowing Descriptor, _ expected: UnsafeRawBufferPointer, at offset: Int,
    _ buffer: UnsafeMutableRawBufferPointer
  ) -> Bool {
    for start in stride(from: 0, to: expected.count, by: buffer.count) {
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(expected.count - start))
      guard unsafe file.fill(part, at: offset + start).filled == part.count,
        unsafe memcmp(part.baseAddress!, expected.baseAddress! + start, part.count) == 0
      else { return false }
    }
    return true
  }
}
