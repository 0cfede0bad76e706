import Foundation
import Testing

@testable import TestSupport

/// What runs elsewhere, as far as linters see it: GitHub's workflows and the container files.
@Suite("Workflows and container files", .runsTools)
struct WorkflowTests {
  private static let tools = "\(Toolchain.root)/.build/tools/lint/bin"
  private static let folder = "\(Toolchain.root)/.github/workflows"

  private static func files() throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yml") }
    try #require(names.count == 3)
    return names.map { "\(folder)/\($0)" }
  }

  @Test(
    "workflows have no fault that a linter knows",
    .needs(.file("\(tools)/actionlint"), .file("\(tools)/yamllint"), .file("\(tools)/check-jsonschema")))
  func workflows() throws {
    let files = try Self.files()
    // The shell of a step is one command, which the next test reads.
    try Shell.run("\(Self.tools)/actionlint", ["-no-color", "-shellcheck=", "-pyflakes="] + files).checked()
    try Shell.run("\(Self.tools)/yamllint", ["-s", "-c", "\(Toolchain.root)/.yamllint"] + files).checked()
    let schema = ["--builtin-schema", "vendor.github-workflows"]
    try Shell.run("\(Self.tools)/check-jsonschema", schema + files).checked()
  }

  @Test("a workflow runs the scripts of this repository and nothing else")
  func scripts() throws {
    var count = 0
    for file in try Self.files() {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains(" run:") {
        let command = try #require(line.firstMatch(of: /^ +- run: (\S+)[^;&|]*$/), "\(line)").1
        #expect(access("\(Toolchain.root)/\(command)", X_OK) == 0, "\(line)")
        count += 1
      }
    }
    #expect(count > 4)
  }

  @Test(
    "container files have no fault that a linter knows", .needs(.file("\(tools)/hadolint")),
    arguments: ["Containerfile", "Containerfile.package"])
  func containers(_ name: String) throws {
    try Shell.run("\(Self.tools)/hadolint", ["--no-color", "\(Toolchain.root)/\(name)"]).checked()
  }
}
