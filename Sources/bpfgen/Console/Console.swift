internal import Files
internal import GenGraph
internal import Glibc

/// Standard output is for results, standard error for messages. A worker's step has neither: both are collected for its
/// response.
final class Console {
  enum Color: String, Sendable, CaseIterable {
    case auto, always, never
  }

  /// Whether this is the console of a worker's step.
  let isWorker: Bool
  var color = Color.auto
  /// The style of JSON messages for programs, on standard output; `nil` for plain text.
  var json: JSONStyle?
  /// Whether to print errors only.
  var isQuiet = false
  /// The output of a worker's step.
  private(set) var collected = ""
  /// The error of a failed write to standard output; `nil` if there was none.
  private(set) var outputError: Int32?

  init(isWorker: Bool = false) { self.isWorker = isWorker }

  /// Whether messages are colored: requested, or standard error is a terminal with escape sequences and NO_COLOR is not
  /// set.
  private var isColored: Bool {
    switch color {
    case .always: !isWorker
    case .never: false
    case .auto: unsafe hasEscapes && getenv("NO_COLOR") == nil
    }
  }

  /// Whether standard error is a terminal that understands escape sequences. Editors and CI systems set TERM to `dumb`
  /// where theirs does not.
  var hasEscapes: Bool {
    guard !isWorker, isatty(STDERR_FILENO) == 1 else { return false }
    return unsafe getenv("TERM").map { unsafe strcmp($0, "dumb") != 0 } ?? true
  }

  /// The width of the terminal in columns; 80 if unknown.
  var width: Int {
    var size = winsize()
    return unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
  }

  func write(_ text: String) {
    if let error = write(text, to: STDOUT_FILENO) { outputError = error }
  }

  func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  func report(_ diagnostics: [Diagnostic]) {
    if let json { return write(json.errors(diagnostics)) }
    for diagnostic in diagnostics { writeError(diagnostic.text(colored: isColored)) }
  }

  /// - Returns: the error number of a failed write.
  private func write(_ text: String, to descriptor: Int32) -> Int32? {
    if isWorker {
      collected += text
      return nil
    }
    let failure = Descriptor.write(text.utf8.span, to: descriptor)
    return failure == 0 ? nil : failure
  }
}
