import Foundation
import Testing

/// What happens to a project in its build tool: a row of the table in docs/build-tools.md.
///
/// A test that has shown one calls ``holds(in:)``. `./test --all` makes the table of these calls and compares it with the page.
enum Scenario: String, CaseIterable, Sendable {
  case unchanged = "nothing changed"
  case touched = "a source is touched"
  case code = "code is changed"
  case layout = "a layout is changed"
  case headerEdited = "a header of BPF programs is edited"
  case headerRemoved = "a header of BPF programs is dropped and removed"
  case output = "an output is edited or deleted"
  case sourceRenamed = "a source is renamed"
  case objectAdded = "an object is added, and removed again"
  case branch = "a branch is switched, and switched back"
  case broken = "a compile error, and its fix"
  case compilerUpgraded = "clang is upgraded"
  case bpfgenUpgraded = "bpfgen is upgraded"
  case option = "an option in the build files is changed"
  case interrupted = "a build is interrupted"
  case jobs = "one job and sixteen"
  case twoFolders = "two build folders of one source folder"
  case cross = "a build for another machine"
  case package = "a package that another project uses"
  case linkTimeOptimization = "link-time optimization"
  case sanitizers = "sanitizers"
  case positionIndependent = "position-independent programs"
  case linkage = "shared and static libraries"
  case blankSource = "sources in a folder with a blank"
  case blankBuild = "a build folder with a blank"

  /// The table's columns. The Multi-Config generator of CMake has none: it runs the tests of Ninja too.
  static let tools: [BuildSystem.Kind] = [.cmakeNinja, .cmakeMake, .ninja, .make, .meson, .bazel]

  /// Whether a tool has it at all.
  func isPossible(in tool: BuildSystem.Kind) -> Bool {
    switch self {
    // One output folder for each workspace, and none with a blank. A build file of Ninja names its own.
    case .twoFolders: ![.bazel, .ninja].contains(tool)
    case .blankBuild: tool != .bazel
    // A changed Makefile runs nothing in make.
    case .option: tool != .make
    default: true
    }
  }

  // MARK: Records

  private static let file = Toolchain.setting("BPFGEN_TEST_SCENARIOS")

  /// Whether all other tests have run, so that the records are complete.
  static let isRecorded = file != nil && Toolchain.setting("BPFGEN_TEST_TABLE") != nil

  /// Records that the current test has shown it with a build tool. The last lines of a test call it.
  func holds(in tool: BuildSystem.Kind) {
    guard let file = Self.file, let test = Test.current else { return }
    // `BuildToolTests.MakeRulesTests/renamed(_:)/MakeRulesTests.swift:118:4`
    let parts = test.id.description.split(separator: "/")
    let name = "\(parts[0].split(separator: ".").last ?? "").\(parts[1].prefix { $0 != "(" })"
    AppendedFile.append("\(rawValue)\t\(tool.rawValue)\t\(name)", to: file)
  }

  /// The table of what was recorded, as lines of Markdown.
  static func table() throws -> [String] {
    let lines = try String(contentsOfFile: file ?? "", encoding: .utf8).split(separator: "\n")
    let records = lines.map { $0.split(separator: "\t").map(String.init) }
    let head = ["scenario"] + tools.map(\.rawValue) + ["tests"]
    let rows = allCases.map { scenario in
      let shown = records.filter { $0[0] == scenario.rawValue }
      let cells = tools.map { tool in
        shown.contains { $0[1] == tool.rawValue } ? "yes" : scenario.isPossible(in: tool) ? "none" : "-"
      }
      return [scenario.rawValue] + cells + [Set(shown.map { "`\($0[2])`" }).sorted().joined(separator: ", ")]
    }
    return ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
  }
}
