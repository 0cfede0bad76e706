internal import BTF
internal import Bytes

/// How a kernel's verifier tracks constants, as far as kernels differ.
///
/// The kernel's version does not determine it, because distributions backport newer verifiers. Enumerators that were
/// added at the same time are in its BTF, and were backported together with the verifier.
package struct VerifierTraits: Hashable, Sendable {
  /// Whether the verifier decides all comparisons of constants, and not only equality with an immediate, and whether it
  /// still knows constants after they were spilled to the stack. Linux 5.3.
  let decidesAllComparisons: Bool
  /// Whether it knows the values in `.rodata` and `.kconfig`. Linux 5.5.
  let readsConstants: Bool
  /// Linux 5.10.
  let computesExclusiveOr: Bool
  /// Whether it does not check global functions that no program reaches. Linux 6.8.
  let checksCalledFunctionsOnly: Bool
  /// Whether it still knows constants of less than 8 bytes, and constants of instructions, that are on the stack. Linux 6.8,
  /// and found by an enumerator of 6.10.
  var followsNarrowSlots: Bool { checksCalledFunctionsOnly }

  /// The enumeration whose enumerators reveal the verifier's age.
  static let witness = "bpf_attach_type"

  init(attachTypes: Set<String>) {
    decidesAllComparisons = attachTypes.contains("BPF_CGROUP_GETSOCKOPT")
    readsConstants = attachTypes.contains("BPF_TRACE_FENTRY")
    computesExclusiveOr = attachTypes.contains("BPF_SK_REUSEPORT_SELECT")
    checksCalledFunctionsOnly = attachTypes.contains("BPF_TRACE_KPROBE_SESSION")
  }

  func encode(into encoder: inout CanonicalEncoder) {
    encoder.add(decidesAllComparisons)
    encoder.add(readsConstants)
    encoder.add(computesExclusiveOr)
    encoder.add(checksCalledFunctionsOnly)
  }
}
