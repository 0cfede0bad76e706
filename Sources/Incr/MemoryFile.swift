internal import CLinux
internal import Glibc

/// A file that only this process sees, for C libraries that write to a path or a descriptor. Gone with its owner.
public struct MemoryFile: ~Copyable {
  public let descriptor: Int32

  /// - Parameter name: what the file is called in /proc; it says nothing else.
  public init(name: String) throws(FileError) {
    descriptor = memfd_create(name, UInt32(CLINUX_MFD_CLOEXEC))
    guard descriptor >= 0 else { throw .system(path: name, operation: "memfd_create", errno: errno) }
  }

  deinit { close(descriptor) }

  /// A path that opens the same file, as long as this value lives.
  public var path: String { "/proc/self/fd/\(descriptor)" }

  /// The number of bytes in the file.
  public func size() throws(FileError) -> Int {
    Int(try FileStamp(descriptor: descriptor, path: path).sizeBytes)
  }

  /// The bytes of a range of the file, whatever the descriptor's position.
  public func content(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      while filled < range.count {
        let at = off_t(range.lowerBound + filled)
        let count = pread(descriptor, buffer.baseAddress! + filled, range.count - filled, at)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { failure = errno }
        if count <= 0 { break }
        filled += count
      }
    }
    if failure != 0 { throw .system(path: path, operation: "read", errno: failure) }
    return bytes
  }
}
