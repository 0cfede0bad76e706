/// The shells that completions are written for.
enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish
}

extension CommandSpec.Option {
  /// The option as it is typed, long and short.
  var spellings: [String] { ["--\(name)"] + (short.map { ["-\($0)"] } ?? []) }
}

extension CommandSpec {
  /// The options whose value may be the word behind them, as they are typed.
  var valuedSpellings: [String] { options.filter { $0.value != nil }.flatMap(\.spellings) }
}
