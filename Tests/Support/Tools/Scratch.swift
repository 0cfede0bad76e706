import Foundation
import Synchronization

/// A temporary folder that lives as long as its owner, and no longer than the process.
final class Scratch: Sendable {
  /// The folder's absolute path.
  let path: String

  /// Makes the folder in `TMPDIR`, else `/tmp`.
  init() throws {
    let parent = Toolchain.setting("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/bpfgen-tests.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: parent])
    }
    let path = String(cString: made)
    self.path = path
    Scratch.living.withLock { living in
      // The owners that are static never go: what they own goes when the process ends.
      if living == nil { atexit { Scratch.living.withLock { $0 }?.forEach(Scratch.remove) } }
      living = (living ?? []).union([path])
    }
  }

  deinit {
    Scratch.remove(path)
    Scratch.living.withLock { _ = $0?.remove(path) }
  }

  /// The folders that are there now; `nil` before the first.
  private static let living = Mutex<Set<String>?>(nil)

  private static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file in the folder; its path.
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// Writes a shell script that can be run; its path. It replaces one that exists in one step.
  ///
  /// The file that is run is written by another process: a file that this one has written may still be open in a child
  /// that another test is starting, and nothing can run it until then (ETXTBSY).
  func writeScript(_ commands: String, to name: String) throws -> String {
    let path = file(name)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = try write("#!/bin/sh\n\(commands)\n", to: "\(name).text")
    let install = "install -m 755 \"$0\" \"$1.new\" && mv \"$1.new\" \"$1\" && rm \"$0\""
    try Shell.run("/bin/sh", ["-c", install, text, path]).checked()
    return path
  }

  /// Writes a script that starts the clang of the tests; its path. Another comment makes another file of it.
  ///
  /// - Parameter date: of the file, as `touch -d` reads it.
  func writeClang(_ comment: String, dated date: String = "now", to name: String) throws -> String {
    let path = try writeScript("# \(comment)\nexec \(Tool.clang.required()) \"$@\"", to: name)
    try Shell.run("/usr/bin/env", ["touch", "-d", date, path]).checked()
    return path
  }
}
