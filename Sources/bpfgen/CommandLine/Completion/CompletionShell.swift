/// The shells that completions are written for.
enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish
}
