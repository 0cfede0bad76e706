/// One message: what is wrong with which file, a table of facts, and what to do about it.
struct Diagnostic {
  var path: String?
  var what: String
  var facts: [(label: String, value: String)] = []
  var hint: String?
  /// Whether the work is done all the same.
  var isWarning = false

  /// The message as people and editors read it, `FILE: error: what is wrong` first.
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

  /// No line of a message is longer: what a graph file of 100 MB has for a name helps nobody.
  private static let maximumScalars = 8192

  /// Text that came from an object or a command line, without what a terminal would obey.
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
