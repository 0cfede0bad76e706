extension BPFToolGrammar {
  /// What bpftool does and this program does not. The tables say which words that is.
  static func refusal(of words: String) -> CommandError {
    .failed(
      Diagnostic(
        what: "bpfgen does not implement 'bpftool \(words)'",
        hint: "use bpftool; bpfgen implements gen object, skeleton, subskeleton and min_core_btf, and btf dump file"),
      status: 2)
  }
}
