/// A rule in make's syntax that names what an output was made from, as Ninja, make and CMake read it.
///
/// Source: Ninja's `depfile_parser.in.cc` and GNU make's manual, "Rule Syntax": a blank and `#` take a backslash, `$`
/// is doubled, and a run of backslashes is doubled only in front of a blank or a `#`, where it would be read as an escape.
package struct Depfile: Hashable, Sendable {
  package var outputs: [String]
  package var inputs: [String]

  /// - Parameter outputs: the first must be, as text, the first output of the build tool's own rule: Ninja compares them so.
  package init(outputs: [String], inputs: [String]) {
    precondition(!outputs.isEmpty, "a rule has a target")
    self.outputs = outputs
    var known: Set<PathKey> = []
    self.inputs = inputs.filter { known.insert(PathKey($0)).inserted }
  }

  /// - Throws: `FileError.lineBreakInPath`: no escape exists for it.
  package func text() throws(FileError) -> String {
    var text = ""
    for (index, output) in outputs.enumerated() {
      if index > 0 { text += " " }
      text += try Depfile.escape(output)
    }
    text += ":"
    for input in inputs {
      text += " \\\n  "
      text += try Depfile.escape(input)
    }
    text += "\n"
    // A rule without a recipe for each input, as -MP has them: make must not stop when one of them is gone.
    // Before 3.24 CMake sees the end of a target only in a colon with a blank behind it.
    for input in inputs { text += try Depfile.escape(input) + ": \n" }
    return text
  }

  /// Whether no escape can put the path into a rule.
  package static func cannotName(_ path: String) -> Bool { path.utf8.contains { $0 == 10 || $0 == 13 } }

  static func escape(_ path: String) throws(FileError) -> String {
    var escaped = ""
    var backslashes = 0
    for scalar in path.unicodeScalars {
      switch scalar {
      case "\n", "\r":
        throw .lineBreakInPath(path: path)
      case " ", "\t", "#":
        escaped += String(repeating: "\\", count: backslashes + 1)
      case "$":
        escaped += "$"
      default:
        break
      }
      backslashes = scalar == "\\" ? backslashes + 1 : 0
      escaped.unicodeScalars.append(scalar)
    }
    return escaped
  }
}
