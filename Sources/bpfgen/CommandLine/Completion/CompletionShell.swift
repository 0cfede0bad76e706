/// The shells with completion scripts.
enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish
}
