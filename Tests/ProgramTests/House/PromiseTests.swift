import Foundation
import Testing

@testable import TestSupport

/// docs/promises.md is true: each test that it names exists, in a tier where it runs, and no promise is left out.
@Suite("Promises", .runsTools)
struct PromiseTests {
  private static func read(_ file: String) throws -> String {
    try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8)
  }

  @Test("each has a row, and each test that a row names exists in its tier")
  func table() throws {
    let table = try PromiseTable(Self.read("docs/promises.md"))
    let readmeRows = PromiseTable.comparisonRows(ofReadme: try Self.read("README.md"))
    try #require(readmeRows.count > 10)
    let targets = try FileManager.default.contentsOfDirectory(atPath: "\(Toolchain.root)/Tests")
      .filter { $0.hasSuffix("Tests") }
    let benchmarks = try FileManager.default.contentsOfDirectory(atPath: "\(Toolchain.root)/Benchmarks")
    let problems = table.problems(
      readmeRows: readmeRows, suites: try TestSuite.all(of: targets), benchmarks: Set(benchmarks))
    for problem in problems { Issue.record("docs/promises.md: \(problem)") }
    let unheld = table.rows.filter(\.full.isEmpty).count
    print("promises: \(table.rows.count) claims, \(table.rows.filter(\.quick.isEmpty).count) without a quick test,")
    print("promises: \(unheld) without any")
  }

  private static let source = """
    @Suite("A", .needs(.tool(.clang)))
    struct A {
      @Test("one")
      func one() {}

      @Test(
        "two", .needs(.multilib))
      func two(_ number: Int) {}
    }

    """

  private static let head = PromiseTable.promises.map { "## \($0)\n|---|\n|x|none|none|\n" }.joined()

  @Test(
    "a wrong row is seen",
    arguments: [
      ("| c | `ProgramTests/A.one` | `ProgramTests/A.one`, `Benchmarks/b` |", []),
      ("| c | none | `SlowTests/A.one` |", []),
      ("| other | none | none |", ["no row for the README's 'c'", "the README has no row 'other'"]),
      ("| c | none | `ProgramTests/A.three` |", ["'c': there is no test ProgramTests/A.three"]),
      ("| c | none | `ProgramTests/B.one` |", ["'c': there is no test ProgramTests/B.one"]),
      ("| c | none | `Benchmarks/none` |", ["'c': there is no Benchmarks/none"]),
      ("| c | `ProgramTests/A.one` | none |", ["'c' has only a quick test"]),
      (
        "| c | `SlowTests/A.one` | `SlowTests/A.one` |",
        ["'c': SlowTests/A.one is not in the quick tier"]
      ),
      (
        "| c | `ProgramTests/A.two` | `ProgramTests/A.two` |",
        ["'c': ProgramTests/A.two needs .multilib, which the quick tier does not install"]
      ),
      ("| c | `Benchmarks/b` | `Benchmarks/b` |", ["'c': Benchmarks/b is not a quick test"]),
    ])
  func wrongRow(_ row: String, _ expected: [String]) throws {
    let suites = ["ProgramTests", "SlowTests"].map { TestSuite.all(in: Self.source, of: $0) }
    let table = try PromiseTable(Self.head + "## Compared with bpftool\n|---|\n\(row)\n")
    let problems = table.problems(
      readmeRows: ["c"], suites: suites[0].merging(suites[1]) { $1 }, benchmarks: ["b"])
    #expect(problems == expected)
  }

  @Test("a promise without a claim is detected, and so is a claim without a promise")
  func wrongSection() throws {
    let table = try PromiseTable(Self.head.replacing("## Drop-in", with: "## Drop-out"))
    #expect(
      table.problems(readmeRows: [], suites: [:], benchmarks: []) == [
        "no claim of 'Drop-in'", "'Drop-out' is not a promise",
      ])
  }

  @Test("an invalid row is an error", arguments: ["| c | none |", "| c | none | A.one |", "| c | `x` | none |"])
  func unreadable(_ row: String) {
    #expect(throws: PromiseTable.Unreadable.self) { try PromiseTable("## Fast\n|---|\n\(row)\n") }
  }
}
