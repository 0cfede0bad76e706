internal import CLinux
internal import Glibc

/// A file that only this process sees, for C libraries that write to a path or a descriptor. Gone with its owner.
package struct MemoryFile: ~Copyable {
  package let descriptor: Int32
  private let name: String

  /// - Parameter name: what the file is called in errors, and in /proc.
  package init(name: String) throws(FileError) {
    self.name = name
    descriptor = memfd_create(name, UInt32(CLINUX_MFD_CLOEXEC))
    guard descriptor >= 0 else { throw .system(path: name, operation: "memfd_create", errno: errno) }
  }

  deinit { close(descriptor) }

  /// Writes the bytes to the file's beginning. The descriptor stays where it is, so that a child that is given it reads
  /// them.
  package func fill(_ bytes: [UInt8]) throws(FileError) {
    var done = 0
    var failure: Int32 = 0
    bytes.withUnsafeBytes { buffer in
      while done < buffer.count {
        let count = pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(done))
        if count < 0 && errno == EINTR { continue }
        if count < 0 { failure = errno }
        if count <= 0 { break }
        done += count
      }
    }
    guard done == bytes.count else { throw .system(path: name, operation: "write", errno: failure) }
  }

  /// A path that opens the same file, as long as this value lives.
  package var path: String { "/proc/self/fd/\(descriptor)" }

  /// The number of bytes in the file.
  package func size() throws(FileError) -> Int {
    Int(try FileStamp(descriptor: descriptor, path: name).sizeBytes)
  }

  /// All bytes of the file.
  package func content() throws(FileError) -> [UInt8] { try content(0..<size()) }

  /// The bytes of a range of the file, whatever the descriptor's position.
  package func content(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      (filled, failure) = FileContent.fill(
        UnsafeMutableRawBufferPointer(buffer), from: descriptor, at: range.lowerBound)
    }
    if failure != 0 { throw .system(path: name, operation: "read", errno: failure) }
    return bytes
  }
}
