import Foundation

/// Files to which tests of several processes append lines, for `./test` to read at the end.
enum AppendedFile {
  /// One write to a file that is open for appending: lines of two processes do not mix.
  static func append(_ line: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    defer { close(descriptor) }
    _ = (line + "\n").withCString { write(descriptor, $0, strlen($0)) }
  }
}
