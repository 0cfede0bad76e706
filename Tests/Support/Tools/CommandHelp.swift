import Foundation

/// A command's `--help`, with which the manual and the completions are compared.
struct CommandHelp: Sendable, CustomStringConvertible {
  struct Option: Sendable {
    /// As it is typed, without its value: `-o, --output`.
    let words: [String]
    /// The placeholder of the value; `nil` for a flag.
    let value: String?
  }

  let name: String
  let usage: String
  let options: [Option]
  let arguments: [String]
  let examples: [String]

  var description: String { name }

  /// Every command of the overview.
  static let all: Result<[CommandHelp], any Error> = Result {
    let overview = try Shell.run(Toolchain.bpfgen(), ["--help"]).checked().stdout
    let lines = overview.components(separatedBy: "\nOptions:\n")[0].split(separator: "\n")
    return try lines.compactMap { $0.firstMatch(of: #/^  ([a-z-]+)  /#) }.map { try CommandHelp(String($0.1)) }
  }

  init(_ name: String) throws {
    self.name = name
    let text = try Shell.run(Toolchain.bpfgen(), [name, "--help"]).checked().stdout
    usage = text.split(separator: "\n").first { $0.hasPrefix("Usage: ") }.map { String($0.dropFirst(7)) } ?? ""
    arguments = Self.rows(text, below: "Arguments:").compactMap { $0.firstMatch(of: /^<([^>]+)>/).map { String($0.1) } }
    examples = Self.rows(text, below: "Examples:")
    options = Self.rows(text, below: "Options:").compactMap { row in
      row.firstMatch(of: /^((?:-\w, )?--[\w-]+)(?: <([^>]+)>(?:\.\.\.)?)?(?:  |$)/).map { match in
        Option(words: match.1.components(separatedBy: ", "), value: match.2.map(String.init))
      }
    }
  }

  /// The rows of a table, without the lines that only go on with a text.
  private static func rows(_ text: String, below title: String) -> [String] {
    let lines = text.components(separatedBy: "\n")
    guard let start = lines.firstIndex(of: title) else { return [] }
    return lines[(start + 1)...].prefix { $0.hasPrefix("  ") }.map { String($0.dropFirst(2)) }
      .filter { !$0.hasPrefix(" ") }
  }
}
