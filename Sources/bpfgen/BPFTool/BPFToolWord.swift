internal import GenGraph

/// A word of bpftool's grammar, and what may follow it.
struct BPFToolWord: Sendable {
  typealias Run = @Sendable (ArraySlice<String>, BPFToolOptions, Console) throws(CommandError) -> Void

  enum Next: Sendable {
    /// One of these keywords, in bpftool's order.
    case words([BPFToolWord])
    /// At least this many arguments.
    case command(usage: String, atLeast: Int, run: Run)
    /// bpfgen does not implement it.
    case refused
  }

  let name: String
  let next: Next

  /// The first word that begins with the given one: `s` is `skeleton`, `su` is `subskeleton`.
  ///
  /// Source: bpftool(8) accepts any prefix, and the order of its keywords decides between several matches.
  static func meant(by word: String, among words: [BPFToolWord]) -> BPFToolWord? {
    words.first { BPFToolWord.isBeginning(word, of: $0.name) }
  }

  static func isBeginning(_ word: String, of name: String) -> Bool { !word.isEmpty && name.hasPrefix(word) }

  /// Follows the arguments of a command line through the tables, and runs the command.
  ///
  /// - Parameter path: the keywords so far, in full.
  static func run(
    _ arguments: ArraySlice<String>, among table: [BPFToolWord], path: [String] = [], _ options: BPFToolOptions,
    _ console: Console
  ) throws(CommandError) {
    guard let first = arguments.first else {
      throw CommandError.usage("'\(path.joined(separator: " "))' needs another word", hint: oneOf(table))
    }
    guard let word = meant(by: first, among: table) else { throw unknown(first, table) }
    let path = path + [word.name]
    let rest = arguments.dropFirst()
    switch word.next {
    case .words(let table): try run(rest, among: table, path: path, options, console)
    case .refused: throw BPFToolGrammar.refusal(of: path.joined(separator: " "))
    case .command(let usage, let count, let run):
      guard rest.count >= count else {
        let given = (["bpfgen"] + path).joined(separator: " ")
        throw CommandError.usage("'\(path.joined(separator: " "))' needs more arguments", hint: "\(given) \(usage)")
      }
      try run(rest, options, console)
    }
  }

  private static func unknown(_ word: String, _ table: [BPFToolWord]) -> CommandError {
    let meant = Spelling.closest(to: word, among: table.map(\.name)).map { "did you mean '\($0)'?" }
    return CommandError.usage("unknown word '\(word)'", hint: meant ?? oneOf(table))
  }

  private static func oneOf(_ table: [BPFToolWord]) -> String {
    let covered = table.filter { if case .refused = $0.next { false } else { true } }
    return "one of " + covered.map(\.name).joined(separator: ", ")
  }
}
