import Testing

@testable import TestSupport

/// The kernel's own tests with our headers. `Tests/selftests/run` does the work, and reports what the machine lacks.
@Suite("The kernel's selftests pass on our headers", .runsTools, .serialized)
struct SelftestsTests {
  /// The script's exit status for a machine that cannot run them.
  private static let cannotRun: Int32 = 77

  // Two tests and not one with two cases: a cancelled case would leave the test itself as passed.

  @Test("self-contained headers")
  func embedded() throws { try Self.run([]) }

  @Test("headers with a separate payload")
  func split() throws { try Self.run(["--split"]) }

  @Test("a machine that has debugfs and tracefs mounted runs them too, and keeps its mounts")
  func mounted() throws {
    // In a mount namespace: what a machine with systemd has, for this test only.
    let script = """
      mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
      mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
      before=$(cat /proc/self/mountinfo)
      "$@" || exit
      [ "$before" = "$(cat /proc/self/mountinfo)" ] && [ "$(stat -f -c %T /sys/kernel/debug)" = debugfs ]
      """
    try Self.run(
      ["skeleton"], within: ["unshare", "--mount", "--", "bash", "-c", script, "bash"],
      environment: ["BPFGEN_SELFTESTS": "\(Toolchain.root)/.build/selftests-mounted"])
  }

  private static func run(_ mode: [String], within: [String] = [], environment: [String: String] = [:]) throws {
    let bpfgen = try Toolchain.bpfgen()
    let result = try Shell.run(
      "/usr/bin/env", within + ["\(Toolchain.root)/Tests/selftests/run"] + mode,
      environment: environment.merging(["BPFGEN": bpfgen]) { $1 }, timeoutSeconds: 900)
    if result.status == .exited(cannotRun) {
      let lines = (result.stdout + result.stderr).split(separator: "\n")
      let reason = lines.last { $0.hasPrefix("SKIPPED: ") } ?? "SKIPPED: Tests/selftests/run does not say why"
      try Test.cancel("\(reason)")
    }
    print(result.stdout, terminator: "")
    if result.succeeded { return }
    // Some of them wait a fixed time for the kernel to free something, which a busy machine may exceed: those run again.
    let first = failures(in: result.stdout)
    try #require((1...2).contains(first.count), "\(Shell.Failure(result: result))\n\(result.stdout)")
    let second = try Shell.run(
      "/usr/bin/env", within + ["\(Toolchain.root)/Tests/selftests/run"] + mode + first,
      environment: environment.merging(["BPFGEN": bpfgen]) { $1 }, timeoutSeconds: 900)
    let failed = failures(in: second.stdout)
    if second.succeeded { return }
    // A newer kernel's verifier may refuse a program of 6.1: such a test fails with bpftool's headers as well.
    let reference = try Shell.run(
      "/usr/bin/env", within + ["\(Toolchain.root)/Tests/selftests/run", "--with-bpftool"] + failed,
      environment: environment.merging(["BPFGEN": bpfgen]) { $1 }, timeoutSeconds: 900)
    let ours = failed.filter { !reference.stdout.contains("FAIL  \($0) ") }
    print("selftests that fail with bpftool's headers as well: \(failed)")
    #expect(
      !failed.isEmpty && ours.isEmpty, "\(ours): \(Shell.Failure(result: second))\n\(second.stdout)")
  }

  /// The names of the selftests that failed.
  private static func failures(in report: String) -> [String] {
    report.split(separator: "\n").filter { $0.hasPrefix("FAIL ") }
      .compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
  }
}
