internal import BTF

/// What a kernel's verifier knows of constants, as far as kernels differ.
///
/// A kernel's version does not say it: distributions bring newer verifiers to old kernels. What was added at the same time
/// is in its BTF, and came with it.
package struct VerifierTraits: Hashable, Sendable {
  /// Whether all comparisons of constants are decided, and not only whether one is equal to a number in the instruction;
  /// whether a constant is still known after it was on the stack. Linux 5.3.
  let decidesAllComparisons: Bool
  /// Whether what is in `.rodata` and `.kconfig` is read. Linux 5.5.
  let readsConstants: Bool
  /// Linux 5.10.
  let computesExclusiveOr: Bool
  /// Whether global functions that no program can come to are left unchecked. Linux 6.8.
  let checksCalledFunctionsOnly: Bool

  /// The enumeration whose enumerators tell.
  static let witness = "bpf_attach_type"

  init(attachTypes: Set<String>) {
    decidesAllComparisons = attachTypes.contains("BPF_CGROUP_GETSOCKOPT")
    readsConstants = attachTypes.contains("BPF_TRACE_FENTRY")
    computesExclusiveOr = attachTypes.contains("BPF_SK_REUSEPORT_SELECT")
    checksCalledFunctionsOnly = attachTypes.contains("BPF_TRACE_KPROBE_SESSION")
  }
}
