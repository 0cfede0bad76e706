import Foundation
import Testing

@testable import TestSupport

/// Rules of the house that are cheap to check.
@Suite("House rules", .runsTools)
struct HouseTests {
  @Test("all Swift files are formatted")
  func format() throws {
    let files = try Self.trackedFiles().filter { $0.hasSuffix(".swift") }
    try Shell.run(
      "/usr/bin/env", ["swift", "format", "lint", "--strict"] + files.map { "\(Toolchain.root)/\($0)" },
      timeoutSeconds: 300
    ).checked()
  }

  /// The targets whose tests run the program: see CONTRIBUTING.md.
  private static let programTests = ["ProgramTests", "KernelTests", "CorpusTests", "BuildToolTests", "SlowTests"]

  /// All suites, since helpers of other files start processes too, and nothing in a suite's own text would show it.
  @Test("the tests that run the program have threads of their own, and are timed")
  func runsTools() throws {
    let manifest = try PackageManifest.read()
    #expect(Set(Self.programTests) == manifest.programTests)
    let suites = try TestSuite.all(of: Self.programTests)
    try #require(Set(suites.values.map(\.target)).count == Self.programTests.count)
    for (name, suite) in suites where !suite.hasRunsTools { Issue.record("\(name) has no .runsTools") }
  }

  @Test(
    "a suite without the trait, and a test without a suite, are seen",
    arguments: [
      ("@testable import B\n@Suite(\"A\", .runsTools)\nstruct A {\n  @Test(\"a\")\n  func a() {}\n}\n", []),
      ("@Suite(\n  \"A\",\n  .runsTools)\nstruct A {\n  @Test(\"a\")\n  func a() {}\n}\n", []),
      ("@Suite(\"A\")\nstruct A {\n  @Test(\"a\")\n  func a() {}\n}\n", ["T/A"]),
      ("struct A {\n  @Test(\"a\")\n  func a() {}\n}\n", ["T/A"]),
      ("extension A {\n  @Test(\"a\")\n  func a() {}\n}\n", ["T/A"]),
      ("@Test(\"a\")\nfunc a() {}\n", ["T/"]),
      ("@Suite(\"A\")\nstruct A {\n  func a() {}\n}\n", []),
    ])
  func withoutTrait(_ source: String, _ wrong: [String]) {
    #expect(TestSuite.all(in: source, of: "T").filter { !$1.hasRunsTools }.keys.sorted() == wrong)
  }

  @Test("only one type repeats reads and writes that a signal interrupts")
  func interruptedCalls() throws {
    let files = try Self.trackedFiles().filter { file in
      guard file.hasPrefix("Sources/"), file.hasSuffix(".swift") else { return false }
      return try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8).contains(/[!=]= EINTR/)
    }
    // The other waits for the end of a child process.
    #expect(Set(files) == ["Sources/Files/Descriptor.swift", "Sources/Files/Processes/ChildProcess.swift"])
  }

  /// Every build of the binary has the same bytes, in whatever folder. `ReleaseTests` checks that by building it again.
  @Test("nothing compiles the path of a source file into the program")
  func noSourcePaths() throws {
    for file in try Self.trackedFiles() where file.hasPrefix("Sources/") && file.hasSuffix(".swift") {
      let lines = try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8).split(separator: "\n")
      for line in lines where !line.contains("//") && line.contains(/withoutActuallyEscaping|#file\b|#filePath/) {
        Issue.record("\(file): \(line)")
      }
    }
  }

  @Test("no committed file contains a machine's folders")
  func noMachinePaths() throws {
    for file in try Self.trackedFiles() {
      guard let text = try? String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8) else { continue }
      // Put together here, so that this file does not name them either.
      for folder in ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"] where text.contains(folder) {
        Issue.record("\(file) names \(folder)")
      }
    }
  }

  @Test(
    "the README's own program works when pasted", .needs(.loading))
  func readme() throws {
    let text = try String(contentsOfFile: "\(Toolchain.root)/README.md", encoding: .utf8)
    let blocks = text.components(separatedBy: "```sh\n").dropFirst().compactMap {
      $0.components(separatedBy: "```\n").first
    }
    let example = try #require(blocks.first { $0.contains("hello.bpf.c") })
    let scratch = try Scratch()
    // Whatever the generator under test is called.
    let tools = scratch.file("bin")
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(tools)/bpfgen", withDestinationPath: try Toolchain.bpfgen())
    let path = "\(tools):\(Toolchain.setting("PATH") ?? "/usr/bin:/bin")"
    let result = try Shell.run(
      "/bin/bash", ["-e", "-c", "cd \"$1\"; " + example, "readme", scratch.path], environment: ["PATH": path]
    ).checked()
    let calls = try #require(Int(result.stdout.split(separator: " ").first ?? ""), "\(result.stdout)")
    #expect(calls > 0)
  }

  /// The files that git knows, as paths from the root of the repository.
  static func trackedFiles() throws -> [String] {
    try Shell.run("/usr/bin/env", ["git", "-C", Toolchain.root, "ls-files"]).checked()
      .stdout.split(separator: "\n").map(String.init)
  }
}
