internal import GenGraph

extension JSONStyle {
  /// `{"error": ...}` as bpftool has it: the first of the messages, with its hint.
  func errors(_ diagnostics: [Diagnostic]) -> String {
    guard let first = diagnostics.first else { return "" }
    let prefix = first.path.map { $0 + ": " } ?? ""
    let facts = first.facts.map { "\($0.label) \($0.value)" } + (first.hint.map { [$0] } ?? [])
    let rest = facts.isEmpty ? "" : " (\(facts.joined(separator: "; ")))"
    return text([("error", .text(prefix + first.what + rest))])
  }
}
