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

  // Safe because: set once, as the colour is.
  /// How messages are written for programs, on standard output; `nil` for people.
  nonisolated(unsafe) static var json: JSONStyle?

  // Safe because: the command line's own thread alone writes.
  /// Why standard output did not take what was written; `nil` while it did.
  nonisolated(unsafe) private(set) static var outputError: Int32?

  /// How many columns standard error's terminal has; 80 where that is not known.
  static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }

  static func write(_ text: String) {
    if let error = write(text, to: STDOUT_FILENO) { outputError = error }
  }

  static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  static func report(_ diagnostics: [Diagnostic]) {
    if let json { return write(json.errors(diagnostics)) }
    for diagnostic in diagnostics { writeError(diagnostic.text(colored: isColored)) }
  }

  /// - Returns: the error number of a write that failed.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return errno }
        done += count
      }
      return nil
    }
  }
}
