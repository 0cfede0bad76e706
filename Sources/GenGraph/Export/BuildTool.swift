internal import Files

/// A build tool that runs the steps of a graph file itself.
package enum BuildTool: String, CaseIterable, Sendable {
  case ninja, make, bazel

  /// The part of a path that the tool's syntax cannot express, in words for a message; `nil` if it can express the
  /// whole path.
  ///
  /// This is a list of characters known to work, not of those known to fail: paths come from graph files, and no path
  /// may change the meaning of the generated text.
  package func objection(to path: String) -> String? {
    // Our own commands interpret it as standard output.
    if path == "-" { return "a name that is '-' alone" }
    if [path.utf8.first, path.utf8.last].contains(UInt8(ascii: " ")) { return "a blank at the end of a name" }
    if let scalar = path.unicodeScalars.first(where: { !carries($0) }) { return BuildTool.spelling(scalar) }
    switch self {
    case .ninja:
      // Source: Ninja's `depfile_parser.in.cc`: a word that ends with a colon is a target.
      return path.utf8.last == UInt8(ascii: ":") ? "':' at the end" : nil
    case .bazel: return nil
    case .make:
      if path.hasBytes("~") { return "'~' at the beginning" }
      if BuildTool.makeDirectives.contains(path) { return "a name that is a directive of make's" }
      // `.PHONY`, `.IGNORE` and others, and suffix rules such as `.c.o`.
      guard path.hasBytes("."), !path.utf8.contains(UInt8(ascii: "/")) else { return nil }
      return "'.' at the beginning of a name without a folder"
    }
  }

  /// Source: GNU make's `eval` and `parse_var_assignment`.
  private static let makeDirectives: Set<String> = [
    "define", "endef", "undefine", "override", "private", "export", "unexport", "include", "sinclude", "-include",
    "vpath", "load", "-load", "ifdef", "ifndef", "ifeq", "ifneq", "else", "endif",
  ]

  private func carries(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", " ", "+", "-", "_", ".", ",", "/", "@", "~", "!": return true
    default: break
    }
    switch self {
    // Source: the plain characters in `depfile_parser.in.cc`, and those for which it has an escape.
    case .ninja: return "#$()=[]{}%:".unicodeScalars.contains(scalar) || scalar.value >= 0xa0
    case .make: return scalar.value >= 0xa0
    // Before version 5 it interprets labels as Latin-1.
    case .bazel: return "#$()=[]{}".unicodeScalars.contains(scalar)
    }
  }

  private static func spelling(_ scalar: Unicode.Scalar) -> String {
    scalar.value < 32 || scalar.value >= 127 ? "a control character" : "'\(scalar)'"
  }
}
