internal import Files

/// A build tool that runs the steps of a graph file itself.
package enum BuildTool: String, CaseIterable, Sendable {
  case ninja, make, bazel

  /// What of a path the tool's syntax cannot carry, as people call it; `nil` when it carries all of it.
  ///
  /// A list of what is known to work, not of what is known to fail: a path comes from a graph file, and no path may
  /// change the meaning of the text that it stands in.
  package func objection(to path: String) -> String? {
    // Our own commands take it for standard output.
    if path == "-" { return "a name that is '-' alone" }
    if [path.utf8.first, path.utf8.last].contains(UInt8(ascii: " ")) { return "a blank at the end of a name" }
    if let scalar = path.unicodeScalars.first(where: { !carries($0) }) { return BuildTool.spelling(scalar) }
    switch self {
    case .ninja:
      // Source: Ninja's `depfile_parser.in.cc`: a word that ends in a colon is a target.
      return path.utf8.last == UInt8(ascii: ":") ? "':' at the end" : nil
    case .bazel: return nil
    case .make:
      if path.hasBytes("~") { return "'~' at the beginning" }
      if BuildTool.makeDirectives.contains(path) { return "a name that is a directive of make's" }
      // `.PHONY`, `.IGNORE` and their like, and suffix rules as `.c.o`.
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
    // Source: the plain text of `depfile_parser.in.cc`, and what it has an escape for.
    case .ninja: return "#$()=[]{}%:".unicodeScalars.contains(scalar) || scalar.value >= 0xa0
    case .make: return scalar.value >= 0xa0
    // Before 5 it takes labels for Latin-1.
    case .bazel: return "#$()=[]{}".unicodeScalars.contains(scalar)
    }
  }

  private static func spelling(_ scalar: Unicode.Scalar) -> String {
    scalar.value < 32 || scalar.value >= 127 ? "a control character" : "'\(scalar)'"
  }
}
