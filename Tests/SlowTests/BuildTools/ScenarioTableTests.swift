import Foundation
import Testing

@testable import TestSupport

/// The records of a whole test run, compared with docs/build-tools.md.
@Suite("The table of build tools", .runsTools)
struct ScenarioTableTests {
  @Test(
    "has a cell for each tool and scenario that a test has shown",
    .enabled(if: Scenario.isRecorded, "runs after all other tests of ./test --all"))
  func page() throws {
    let path = "\(Toolchain.root)/docs/build-tools.md"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let written = lines.filter { $0.hasPrefix("|") }
    let table = try Scenario.table()
    print(table.joined(separator: "\n"))
    if Toolchain.setting("BPFGEN_UPDATE_GOLDEN") != nil {
      let new = text.replacing(written.joined(separator: "\n"), with: table.joined(separator: "\n"))
      try new.write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(written == table)
    }
  }
}
