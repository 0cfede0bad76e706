import Testing

/// The kernel's own tests on our headers. `Tests/selftests/run` does the work; it says what the machine lacks.
@Suite("The kernel's selftests pass on our headers", .serialized)
struct SelftestsTests {
  /// The script's exit status for a machine that cannot run them.
  private static let cannotRun: Int32 = 77

  // Two tests and not one with two cases: a cancelled case would leave the test itself as passed.

  @Test("headers that carry their bytes")
  func embedded() throws { try Self.run([]) }

  @Test("headers with a payload apart")
  func split() throws { try Self.run(["--split"]) }

  private static func run(_ mode: [String]) throws {
    let bpfgen = try Toolchain.bpfgen()
    let result = try Shell.run(
      "\(Toolchain.root)/Tests/selftests/run", mode, environment: ["BPFGEN": bpfgen], timeoutSeconds: 900)
    if result.status == .exited(cannotRun) {
      let lines = (result.stdout + result.stderr).split(separator: "\n")
      let reason = lines.last { $0.hasPrefix("SKIPPED: ") } ?? "SKIPPED: Tests/selftests/run does not say why"
      try Test.cancel("\(reason)")
    }
    print(result.stdout, terminator: "")
    #expect(result.succeeded, "\(Shell.Failure(result: result))\n\(result.stdout)")
  }
}
