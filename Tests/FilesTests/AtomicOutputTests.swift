import Foundation
import Testing

@testable import Bytes
@testable import Files

/// Complete or not at all, and only if changed.
@Suite("Atomic outputs")
struct AtomicOutputTests {
  /// A folder that goes with its owner.
  private final class Folder {
    let path: String

    init() {
      path = NSTemporaryDirectory() + "/bpfgen-incr-\(UUID())"
      mkdir(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
  }

  private let folder = Folder()

  private func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map(Array.init) }

  @Test("a new file has the bytes, and no temporary file is left")
  func new() throws {
    let path = folder.file("x")
    #expect(try AtomicOutput.write(ByteRope([[1, 2], [], [3]]), to: path) == .written)
    #expect(bytes(path) == [1, 2, 3] && folder.names == ["x"])
  }

  @Test("equal bytes keep the file, its inode and its times", arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
  func kept(_ size: Int) throws {
    let path = folder.file("x")
    let content = [UInt8](repeating: 7, count: size)
    _ = try AtomicOutput.write(ByteRope(content), to: path)
    let stamp = try FileStamp(path: path)
    let halves = ByteRope([Array(content.prefix(size / 2)), Array(content.dropFirst(size / 2))])
    #expect(try AtomicOutput.write(halves, to: path) == .kept)
    #expect(try FileStamp(path: path) == stamp)
  }

  @Test("a file with a changed, extra or missing byte is written", arguments: [65_536, 200_000])
  func differs(_ size: Int) throws {
    let path = folder.file("x")
    let content = [UInt8](repeating: 7, count: size)
    for other in [content + [7], Array(content.dropLast()), content.dropLast() + [8], [8] + content.dropFirst()] {
      _ = try AtomicOutput.write(ByteRope(content), to: path)
      #expect(try AtomicOutput.write(ByteRope(Array(other)), to: path) == .written)
      #expect(bytes(path) == Array(other))
    }
  }

  @Test("a reader with the old file open continues to read the old bytes")
  func openReader() throws {
    let path = folder.file("x")
    _ = try AtomicOutput.write(ByteRope("old"), to: path)
    let reader = try #require(FileHandle(forReadingAtPath: path))
    _ = try AtomicOutput.write(ByteRope("new and longer"), to: path)
    #expect(reader.readDataToEndOfFile() == Data("old".utf8))
  }

  @Test(
    "permissions are kept, those of a new file follow the umask", arguments: [0o644, 0o600, 0o755, 0o444] as [mode_t])
  func permissions(_ mode: mode_t) throws {
    let path = folder.file("x")
    _ = try AtomicOutput.write(ByteRope("old"), to: path)
    let mask = umask(0)
    umask(mask)
    #expect(try FileStamp(path: path)?.permissions == 0o666 & ~mask)
    chmod(path, mode)
    _ = try AtomicOutput.write(ByteRope("new"), to: path)
    #expect(try FileStamp(path: path)?.permissions == mode && bytes(path) == Array("new".utf8))
  }

  @Test("a device is written and stays a device")
  func device() throws {
    let before = try FileStamp(path: "/dev/null")?.inode
    #expect(try AtomicOutput.write(ByteRope("x"), to: "/dev/null") == .written)
    #expect(try FileStamp(path: "/dev/null")?.kind == .characterDevice)
    #expect(try FileStamp(path: "/dev/null")?.inode == before)
    #expect(throws: FileError.system(path: "/dev/full", operation: "write", errno: ENOSPC)) {
      try AtomicOutput.write(ByteRope("x"), to: "/dev/full")
    }
  }

  @Test("a pipe gets the bytes")
  func pipe() throws {
    let path = folder.file("pipe")
    mkfifo(path, 0o600)
    // Both ends, so that neither open waits for the other.
    let reader = open(path, O_RDWR)
    defer { close(reader) }
    #expect(try AtomicOutput.write(ByteRope("through"), to: path) == .written)
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, 16) == 7)
    #expect(try FileStamp(path: path)?.kind == .pipe)
  }

  @Test("if nothing can be written, the error has the given path, and nothing is left")
  func impossible() {
    #expect(throws: FileError.notRegular(path: folder.path, kind: .directory)) {
      try AtomicOutput.write(ByteRope("x"), to: folder.path)
    }
    let missing = folder.file("no/x")
    #expect(throws: FileError.system(path: missing, operation: "create", errno: ENOENT)) {
      try AtomicOutput.write(ByteRope("x"), to: missing)
    }
    #expect(folder.names == [])
  }

  @Test("many writers of one file leave the complete content of one of them")
  func concurrent() throws {
    let path = folder.file("x")
    let contents = (0..<8).map { [UInt8](repeating: UInt8($0), count: 100_000) }
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      _ = try? AtomicOutput.write(ByteRope(contents[index % 8]), to: path)
    }
    #expect(contents.contains(bytes(path)!) && folder.names == ["x"])
  }
}
