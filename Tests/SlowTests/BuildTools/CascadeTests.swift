import Testing

@testable import TestSupport

/// What a code-only change of a BPF program compiles, compared with a project that uses `bpftool gen skeleton`.
@Suite("A skeleton that many files include", .runsTools, .needs(.tool(.clang), .tool(.bpftool)))
struct CascadeTests {
  @Test(
    "a change of code compiles none of 100 C files that include the skeleton; with bpftool's header it compiles all")
  func cascade() throws {
    let run = try Shell.run(
      "\(Toolchain.root)/Benchmarks/cascade", ["--check"],
      environment: ["BPFGEN": Toolchain.bpfgen(), "CLANG": Tool.clang.required()], timeoutSeconds: 600
    ).checked()
    print(run.stdout, terminator: "")
  }
}
