internal import GenGraph

/// A word of bpftool's grammar, with what may follow it.
struct BPFToolWord: Sendable {
  typealias Run = @Sendable (ArraySlice<String>, BPFToolOptions, Console) throws(CommandError) -> Void

  enum Next: Sendable {
    /// One of these, which are in bpftool's order.
    case words([BPFToolWord])
    /// So many words or more.
    case command(usage: String, atLeast: Int, run: Run)
    /// bpftool alone does it.
    case refused
  }

  let name: String
  let next: Next

  /// The first of some words that the word given is the beginning of: `s` is `skeleton`, `su` is `subskeleton`.
  ///
  /// Source: bpftool(8) takes any beginning, and its order of the words says which is meant where several have it.
  static func meant(by word: String, among words: [BPFToolWord]) -> BPFToolWord? {
    words.first { BPFToolWord.isBeginning(word, of: $0.name) }
  }

  static func isBeginning(_ word: String, of name: String) -> Bool { !word.isEmpty && name.hasPrefix(word) }

  /// Goes down the table along the words of a command line, and runs what is at the end.
  ///
  /// - Parameter path: the words that led here, written out.
  static func run(
    _ words: ArraySlice<String>, among table: [BPFToolWord], path: [String] = [], _ options: BPFToolOptions,
    _ console: Console
  ) throws(CommandError) {
    guard let first = words.first else {
      throw CommandError.usage("'\(path.joined(separator: " "))' needs another word", hint: oneOf(table))
    }
    guard let word = meant(by: first, among: table) else { throw unknown(first, table) }
    let path = path + [word.name]
    let rest = words.dropFirst()
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
