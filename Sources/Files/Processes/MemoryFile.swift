/// A file in memory for C libraries that write to a path or a descriptor. It is removed with its owner.
package struct MemoryFile: ~Copyable {
  private let file: Descriptor
  private let name: String

  /// - Parameter name: the file's name in errors and in /proc.
  package init(name: String) throws(FileError) {
    self.name = name
    file = try Descriptor(inMemory: name)
  }

  package var descriptor: Int32 { file.number }

  /// Writes the bytes at the file's beginning. The descriptor's position does not change, so a child process that gets
  /// it reads them.
  package func fill(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes, at: 0, path: name) }

  /// A path that opens the same file while this value is alive.
  package var path: String { "/proc/self/fd/\(descriptor)" }

  /// The number of bytes in the file.
  package func size() throws(FileError) -> Int {
    Int(try FileStamp(of: file, path: name).sizeBytes)
  }

  /// All bytes of the file.
  package func content() throws(FileError) -> [UInt8] { try content(0..<size()) }

  /// The bytes of a range of the file, whatever the descriptor's position.
  package func content(_ range: Range<Int>) throws(FileError) -> [UInt8] { try file.bytes(range, path: name) }
}
