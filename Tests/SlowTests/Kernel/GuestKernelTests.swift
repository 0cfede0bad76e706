import Foundation
import Testing

@testable import TestSupport

/// What `bpfgen check-kernels` predicts for Debian's kernel 6.1, and what that kernel does in a virtual machine.
@Suite("bpfgen check-kernels and Debian's kernel", .runsTools, .needs(.tool(.gcc), .tool(.clang), .guestKernel))
struct GuestKernelTests {
  /// Objects by what their names begin with: those without a program, and those with which an emulated processor's verifier
  /// is busy for minutes.
  private static let leftOut = ["btf__", "pyperf", "strobemeta", "loop", "test_verif_scale"]

  /// Programs whose outcome depends on the kernel's age, with that on 6.1.
  private static let own: [(name: String, outcome: String, source: String)] = [
    (
      "a pointer to nothing that is const", "fails",
      "SEC(\"fentry/kernel_write\") int BPF_PROG(program, void *a, void *b) { USE(b); return 0; }"
    ),
    (
      "a pointer to a pointer", "fails",
      "SEC(\"fentry/vfs_getxattr_alloc\") int BPF_PROG(program, void *a, void *b, void *c, void *d) { USE(d); return 0; }"
    ),
    (
      "a pointer to a number", "ok",
      "SEC(\"fentry/vfs_getxattr_alloc\") int BPF_PROG(program, void *a, void *b, void *c) { USE(c); return 0; }"
    ),
  ]

  @Test(
    "each program is predicted as the kernel then loads or refuses it: the small ones, and the selftests",
    .needs(.corpus))
  func loads() throws {
    let kernel = try #require(GuestKernel())
    let scratch = try Scratch()
    let cases = try KernelCases.all.get()
    let shared = try Parallel.map(Array(cases.enumerated())) { number, wanted in
      try KernelCases.compile(wanted, number: number, in: scratch)
    }
    let own = try Self.own.enumerated().map { try KernelCases.compile($1.source, named: "own\($0)", in: scratch) }
    let small = shared + own
    let wanted = cases.map { ($0.name, $0.oldOutcome) } + Self.own.map { ($0.name, $0.outcome) }
    let selftests = try Corpus.objects().filter { object in !Self.leftOut.contains { object.name.hasPrefix($0) } }
    let names = Dictionary(
      zip(small, wanted.map(\.0)) + selftests.map { ($0.path, $0.name) }, uniquingKeysWith: { first, _ in first })

    // Some objects are to be linked first: they are errors, and the others are checked.
    let run = try Shell.run(
      Toolchain.bpfgen(), ["check-kernels", "--format", "json", "--btf", kernel.btf] + small + selftests.map(\.path),
      timeoutSeconds: 300)
    let report = try JSONDecoder().decode(KernelCheckReport.self, from: Data(run.stdout.utf8))
    try #require(report.objects.count >= 450 && report.objects.prefix(small.count).map(\.object) == small)
    for ((name, outcome), object) in zip(wanted, report.objects) {
      // This kernel's BTF does not show which functions programs may call.
      if outcome == "fails", !object.unchecked.isEmpty { continue }
      #expect(object.outcomes[0].outcome == outcome, "\(name): \(object.outcomes[0].findings.map(\.problem))")
    }

    let guest = try kernel.load(report.objects.map(\.object), in: scratch)
    let (size, hash) = try GuestKernel.hash(of: kernel.btf)
    #expect(guest.size == size && guest.hash == hash, "the machine's BTF is not that of \(kernel.btf)")
    var comparison = KernelComparison()
    for (object, truth) in zip(report.objects, guest.truths) {
      comparison.add(names[object.object] ?? object.object, object, truth)
    }
    // The small ones have no other reason to be refused.
    for ((name, outcome), truth) in zip(wanted, guest.truths) where outcome == "ok" || outcome == "guarded" {
      #expect(truth.loads, "\(name): \(truth.programs.map(\.reason))")
    }
    for (name, difference) in comparison.disagreements { Issue.record("\(name) \(difference)") }
    print("check-kernels: on \(guest.release), programs by what is predicted and what is: \(comparison.counts)")
    for (name, reason) in comparison.otherReasons.sorted(by: { $0.key < $1.key }) {
      print("check-kernels: refused for another reason: \(name): \(reason)")
    }
  }
}
