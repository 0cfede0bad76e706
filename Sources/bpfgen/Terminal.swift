internal import Glibc

/// Standard output carries what was asked for, standard error what there is to say about it.
enum Terminal {
  enum Color: String, Sendable, CaseIterable {
    case auto, always, never
  }

  // Safe because: set once, by the command line's parsing, before anything else runs.
  nonisolated(unsafe) static var color = Color.auto

  /// Whether messages are coloured: asked for, or standard error is a terminal and NO_COLOR is not set.
  static var isColored: Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == nil
    }
  }

  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }
  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  static func report(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics { writeError(diagnostic.text(colored: isColored)) }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return }
        done += count
      }
    }
  }
}
