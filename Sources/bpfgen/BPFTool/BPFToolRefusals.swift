extension BPFToolGrammar {
  /// What bpftool does and this program does not. The tables say which words that is.
  static func refusal(of words: String) -> CommandError {
    .failed(
      Diagnostic(
        what: "'\(words)' is bpftool's alone",
        hint: "run bpftool itself; bpfgen does gen object, skeleton, subskeleton and min_core_btf, and btf dump file"),
      status: 2)
  }
}
