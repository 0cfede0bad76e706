import Foundation
import GenGraph
import Testing

/// The rules are in two places, for those who include them and for the program that writes them.
@Suite("Ninja rules")
struct NinjaRulesTests {
  private static let root: URL = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    return folder
  }()

  @Test("ninja/bpfgen.ninja is what the program has")
  func sameText() throws {
    let file = try String(contentsOf: Self.root.appendingPathComponent("ninja/bpfgen.ninja"), encoding: .utf8)
    #expect(file == NinjaRules.text, "copy one to the other")
  }

  @Test("what is emitted begins with the rules")
  func beginning() throws {
    let path = NSTemporaryDirectory() + "rules-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "{ \"bpfgen\": 1 }".write(toFile: path, atomically: true, encoding: .utf8)
    let plan = ProcessPlan(try Project(graphFile: path))
    #expect(try plan.ninjaText(output: nil).hasPrefix(NinjaRules.text))
  }
}
