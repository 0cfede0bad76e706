import Foundation
import GenGraph
import Testing

/// The rules are one file, for users who include it and for the program that writes it.
@Suite("Ninja rules")
struct NinjaRulesTests {
  private static let root: URL = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    return folder
  }()

  @Test("the emitted text begins with ninja/bpfgen.ninja")
  func beginning() throws {
    let rules = try String(contentsOf: Self.root.appendingPathComponent("ninja/bpfgen.ninja"), encoding: .utf8)
    let path = NSTemporaryDirectory() + "rules-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "{ \"bpfgen\": 1 }".write(toFile: path, atomically: true, encoding: .utf8)
    let plan = ProcessPlan(try Project(graphFile: path))
    #expect(try plan.ninjaText(output: nil).hasPrefix(rules))
  }
}
