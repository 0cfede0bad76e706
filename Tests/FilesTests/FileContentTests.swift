import Foundation
import Testing

@testable import Files

@Suite("Reading files")
struct FileContentTests {
  @Test("a file is read whole", arguments: [0, 1, 4096, 300_000, 2_000_001])
  func whole(_ size: Int) throws {
    let path = NSTemporaryDirectory() + "/bpfgen-incr-\(UUID())"
    defer { unlink(path) }
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let content = try FileContent(path: path)
    #expect(content.bytes == bytes && content.stamp.sizeBytes == Int64(size) && content.path == path)
  }

  /// Paths that are not regular files, and their kinds.
  static let others: [(path: String, kind: FileKind)] = [
    ("/", .directory), ("/dev/null", .characterDevice), ("/dev/zero", .characterDevice),
  ]

  @Test("anything except a regular file is refused", arguments: others)
  func notRegular(_ path: String, _ kind: FileKind) {
    #expect(throws: FileError.notRegular(path: path, kind: kind)) { try FileContent(path: path) }
  }

  @Test("a pipe without a writer is refused without waiting", .timeLimit(.minutes(10)))
  func pipe() {
    let path = NSTemporaryDirectory() + "/bpfgen-incr-\(UUID())"
    mkfifo(path, 0o600)
    defer { unlink(path) }
    #expect(throws: FileError.notRegular(path: path, kind: .pipe)) { try FileContent(path: path) }
  }

  @Test("a missing file is reported with the given path")
  func missing() {
    #expect(throws: FileError.system(path: "no/such", operation: "open", errno: ENOENT)) {
      try FileContent(path: "no/such")
    }
  }

}
