/// A message: the error and its file, a table of facts, and a hint.
struct Diagnostic {
  var path: String?
  var what: String
  var facts: [(label: String, value: String)] = []
  var hint: String?
  /// Whether the command continues despite it.
  var isWarning = false
  /// A path that does not exist, or an argument that may be a part of one: `MissingPath` looks for what was meant.
  var missingPath: String?
  /// Whether that may have been meant to be a folder, or a pattern.
  var mayBeFolder = false

  /// The message for users and editors, which begins with `FILE: error: message`.
  func text(colored: Bool) -> String {
    let (bold, color, plain) =
      colored ? ("\u{1b}[1m", isWarning ? "\u{1b}[35m" : "\u{1b}[31m", "\u{1b}[0m") : ("", "", "")
    let kind = isWarning ? "warning: " : "error: "
    var text =
      bold + Diagnostic.printable(path ?? "bpfgen") + ": " + color + kind + plain + Diagnostic.printable(what) + "\n"
    let rows = facts + (hint.map { [("hint", $0)] } ?? [])
    let width = rows.map { $0.0.utf8.count }.max() ?? 0
    for (label, value) in rows {
      var margin = "    " + label + String(repeating: " ", count: width - label.utf8.count + 3)
      for line in value.split(separator: "\n") {
        text += margin + Diagnostic.printable(String(line)) + "\n"
        margin = String(repeating: " ", count: margin.utf8.count)
      }
    }
    return text
  }

  /// The maximum length of a line: a graph file of 100 MB could be a single name.
  private static let maximumScalars = 8192

  /// Text from an object or a command line, without terminal control characters.
  static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(maximumScalars) {
      if scalar.value < 32 || (scalar.value >= 127 && scalar.value < 160) {
        result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return text.unicodeScalars.dropFirst(maximumScalars).isEmpty ? result : result + "…"
  }
}
