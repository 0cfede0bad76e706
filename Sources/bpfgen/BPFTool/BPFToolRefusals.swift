extension BPFToolGrammar {
  /// The error for what bpftool does and this program does not; `.refused` in the tables.
  static func refusal(of command: String) -> CommandError {
    .failed(
      Diagnostic(
        what: "bpfgen does not implement 'bpftool \(command)'",
        hint: "use bpftool; bpfgen implements gen object, skeleton, subskeleton and min_core_btf, and btf dump file"),
      status: 2)
  }
}
