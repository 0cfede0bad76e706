extension BPFToolGrammar {
  /// The error for what bpftool does and this program does not; the tables mark the words.
  static func refusal(of words: String) -> CommandError {
    .failed(
      Diagnostic(
        what: "bpfgen does not implement 'bpftool \(words)'",
        hint: "use bpftool; bpfgen implements gen object, skeleton, subskeleton and min_core_btf, and btf dump file"),
      status: 2)
  }
}
