/// A rule in make's syntax that lists the inputs of an output, for Ninja, make and CMake.
///
/// Source: Ninja's `depfile_parser.in.cc` and GNU make's manual, "Rule Syntax". A space and `#` are escaped with a
/// backslash, `$` is doubled, and backslashes are doubled only before a space or a `#`, where they would be read as
/// escapes.
package struct Depfile: Hashable, Sendable {
  package var outputs: [String]
  package var inputs: [String]

  /// - Parameter outputs: the first must have exactly the text of the first output of the build tool's own rule: Ninja
  ///   compares them.
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
    // A rule without a recipe for each input, as with -MP: make must not stop if an input was removed. CMake before
    // 3.24 only recognizes the end of a target at a colon followed by a space.
    for input in inputs { text += try Depfile.escape(input) + ": \n" }
    return text
  }

  /// Whether a path cannot be escaped in a rule.
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
