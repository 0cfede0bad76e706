import Foundation
import Testing

@testable import TestSupport

/// What `bpfgen check-kernels` predicts, and what the running kernel then does.
@Suite(
  "bpfgen check-kernels compared with the kernel", .runsTools,
  .needs(.tool(.clang), .tool(.gcc), .file("/sys/kernel/btf/vmlinux")))
struct CheckKernelsTests {
  private static let kernel = "/sys/kernel/btf/vmlinux"

  @Test("each program is predicted as documented, and loads or fails as predicted")
  func cases() throws {
    let cases = try Tier.sample(KernelCases.all.get(), quick: 40)
    let scratch = try Scratch()
    let objects = try Parallel.map(Array(cases.enumerated())) { number, wanted in
      try KernelCases.compile(wanted, number: number, in: scratch)
    }
    let report = try KernelCheckReport(["--btf", Self.kernel] + objects)
    try #require(report.objects.map(\.object) == objects)
    let predicted = report.objects.map { $0.outcomes[0] }
    for (wanted, outcome) in zip(cases, predicted) {
      let isExpected = [wanted.outcome, wanted.oldOutcome].contains(outcome.outcome)
      #expect(isExpected, "\(wanted.name): \(outcome.outcome), \(outcome.findings.map(\.problem))")
    }
    try #require(cases.count >= Tier.count(quick: 40, full: 100))

    if let unmet = Requirement.loading.unmet { try Test.cancel("SKIPPED: \(unmet)") }
    let probes = try [
      KernelCases.compile("PROGRAM { return 0; }", named: "probe", in: scratch),
      // Nothing but the attach point is asked: kernels without a tracer of functions load no such program.
      KernelCases.compile(
        "SEC(\"fentry/vfs_read\") int program(void *ctx) { return 0; }", named: "fentry", in: scratch),
    ]
    let loadable = try KernelTruth.ofRunningKernel(probes, in: scratch).map(\.loads)
    if !loadable[0] { try Test.cancel("SKIPPED: this kernel lets this user load no program") }
    if !loadable[1] { print("check-kernels: this kernel loads no fentry program: those that would load are left out") }
    let truths = try KernelTruth.ofRunningKernel(objects, in: scratch)
    // Kernels without CONFIG_KALLSYMS_ALL have no addresses of variables.
    let hasAddresses = try String(contentsOfFile: "/proc/kallsyms", encoding: .utf8).contains(" runqueues\n")
    for ((wanted, outcome), truth) in zip(zip(cases, predicted), truths) {
      switch outcome.outcome {
      case "ok", "guarded":
        let needsTracer = ["fentry", "fexit", "fmod_ret", "LSM", "arguments"].contains { wanted.name.contains($0) }
        let isLeftOut =
          needsTracer && !loadable[1] || wanted.name == "a variable of the kernel" && !hasAddresses
        #expect(truth.loads || isLeftOut, "\(wanted.name): predicted \(outcome.outcome)")
        #expect(!truth.isAsked, "\(wanted.name): predicted \(outcome.outcome)")
      case "fails": #expect(!truth.loads && (truth.isAsked || !loadable[1]), "\(wanted.name): predicted to fail")
      default: #expect(truth.loads || truth.isAsked, "\(wanted.name)")
      }
    }
  }

  /// Objects by what their names begin with: those without a program, and those that the verifier follows for a minute.
  private static let leftOut = ["btf__", "pyperf600", "strobemeta_bpf_loop", "loop3"]

  @Test(
    "no selftest is refused for what it asks where it is predicted to load, and none loads that is predicted to fail",
    .needs(.corpus), .needs(.loading))
  func corpus() throws {
    let scratch = try Scratch()
    let objects = try Tier.sample(
      Corpus.objects().filter { object in !Self.leftOut.contains { object.name.hasPrefix($0) } }, quick: 30
    ).map(\.path)
    // Some objects are to be linked first: they are errors, and the others are checked.
    let run = try Shell.run(
      Toolchain.bpfgen(), ["check-kernels", "--format", "json", "--btf", Self.kernel] + objects, timeoutSeconds: 300)
    let report = try JSONDecoder().decode(KernelCheckReport.self, from: Data(run.stdout.utf8))
    let truths = try KernelTruth.ofRunningKernel(report.objects.map(\.object), in: scratch)
    var comparison = KernelComparison()
    for (object, truth) in zip(report.objects, truths) { comparison.add(object.object, object, truth) }
    for (name, difference) in comparison.disagreements { Issue.record("\(name) \(difference)") }
    print("check-kernels: selftests' programs by what is predicted and what is: \(comparison.counts)")
    #expect(report.objects.count >= Tier.count(quick: 20, full: 400))
  }
}
