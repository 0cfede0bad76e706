import Files
import Foundation
import Glibc
import Testing

/// Stamps that do not change if a file is rewritten within one clock tick: they must not prove that the content is
/// unchanged.
@Suite("A file that changes within one tick of the clock")
struct RacyStampTests {
  /// A source and an output of ``Story``, with a text of the same size and the tasks that this must run.
  struct Rewrite: Sendable, CustomTestStringConvertible {
    var file: String
    var text: String
    /// The task after which the file is rewritten.
    var task: String
    var expected: String
    var testDescription: String { file }
  }

  static let rewrites = [
    Rewrite(file: "b", text: "TWO\n", task: "ab", expected: "ab aab n"),
    Rewrite(file: "ab", text: "one\nTWO\n", task: "ab", expected: "ab"),
  ]

  /// Size and times of a file.
  private static func stamp(_ path: String) -> [Int] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    let (modified, changed) = (status.st_mtim, status.st_ctim)
    return [Int(status.st_size), modified.tv_sec, modified.tv_nsec, changed.tv_sec, changed.tv_nsec]
  }

  /// Overwrites the file in place.
  /// - Returns: whether its stamp is the same as before.
  private static func overwrite(_ path: String, with text: String) throws -> Bool {
    let old = stamp(path)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
    return stamp(path) == old
  }

  @Test(
    "rewritten in place with the same size and stamp while a build uses it, it is noticed by the next one",
    arguments: rewrites)
  func duringBuild(_ rewrite: Rewrite) throws {
    let disk = try CoarseFileSystem()
    for _ in 0..<500 {
      let story = try Story(in: disk.path)
      var isSameStamp = false
      _ = try story.build { task in
        guard task == rewrite.task else { return }
        isSameStamp = (try? Self.overwrite(story.path(rewrite.file), with: rewrite.text)) ?? false
      }
      // The clock ticked in between: the file has another stamp, so this attempt tests nothing.
      guard isSameStamp else { continue }
      #expect(try story.build() == rewrite.expected)
      return
    }
    Issue.record("no two stamps of 500 attempts were equal")
  }

  @Test(
    "rewritten in place with the same size immediately after a build, it is noticed by the next one",
    arguments: rewrites)
  func afterBuild(_ rewrite: Rewrite) throws {
    let disk = try CoarseFileSystem()
    for _ in 0..<20 {
      let story = try Story(in: disk.path)
      _ = try story.build()
      _ = try Self.overwrite(story.path(rewrite.file), with: rewrite.text)
      #expect(try story.build() == rewrite.expected)
    }
  }

  @Test(
    "rewritten in place with the same size while a build uses it, it is noticed by the next one, on every file system",
    arguments: rewrites)
  func anywhere(_ rewrite: Rewrite) throws {
    for _ in 0..<50 {
      let story = try Story()
      _ = try story.build { task in
        guard task == rewrite.task else { return }
        _ = try? Self.overwrite(story.path(rewrite.file), with: rewrite.text)
      }
      #expect(try story.build() == rewrite.expected)
    }
  }

  @Test("stamps from a ticking clock are never called fine")
  func coarse() throws {
    let disk = try CoarseFileSystem()
    for _ in 0..<500 { #expect(StampResolution.fineDevice(of: disk.path) == nil) }
  }

  @Test("fine stamps distinguish every two changes")
  func fine() throws {
    let folder = NSTemporaryDirectory() + "/fine-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Where stamps are coarse, builds read files again: nothing is claimed.
    guard StampResolution.fineDevice(of: folder) != nil else { return }
    let path = folder + "/file"
    try Data("0\n".utf8).write(to: URL(fileURLWithPath: path))
    var stamps: Set<[Int]> = []
    for number in 0..<1000 {
      stamps.insert(Self.stamp(path))
      _ = try Self.overwrite(path, with: "\(number % 10)\n")
    }
    #expect(stamps.count == 1000)
  }

  @Test("if no file can be created, stamps are not called fine")
  func nowhere() { #expect(StampResolution.fineDevice(of: "/proc/self") == nil) }
}

/// A file system that only uses the coarse clock for stamps.
///
/// Before Linux 6.13 all file systems did. Since then ext4, tmpfs and others use the fine clock for a file whose stamp was
/// read, and a ramfs does not. A child process has it in a mount namespace of its own, which ends with the child.
private final class CoarseFileSystem {
  private let folder: String
  private let child = Process()
  private let input = Pipe()
  var path: String { "/proc/\(child.processIdentifier)/root\(folder)" }

  /// Cancels the test if this user may not mount one.
  init() throws {
    folder = NSTemporaryDirectory() + "/coarse-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let output = Pipe()
    child.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    child.arguments = [
      "--map-root-user", "--mount", "sh", "-c", "mount -t ramfs ramfs \"$0\" && echo mounted && read -r _", folder,
    ]
    (child.standardInput, child.standardOutput, child.standardError) = (input, output, Pipe())
    try child.run()
    if output.fileHandleForReading.availableData.isEmpty {
      try Test.cancel("SKIPPED: no mount of a ramfs in a namespace of a user's own")
    }
  }

  deinit {
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
