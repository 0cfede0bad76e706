/// A file that only this process sees, for C libraries that write to a path or a descriptor. Gone with its owner.
package struct MemoryFile: ~Copyable {
  private let file: Descriptor
  private let name: String

  /// - Parameter name: what the file is called in errors, and in /proc.
  package init(name: String) throws(FileError) {
    self.name = name
    file = try Descriptor(inMemory: name)
  }

  package var descriptor: Int32 { file.number }

  /// Writes the bytes to the file's beginning. The descriptor stays where it is, so that a child that is given it reads
  /// them.
  package func fill(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes, at: 0, path: name) }

  /// A path that opens the same file, as long as this value lives.
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
