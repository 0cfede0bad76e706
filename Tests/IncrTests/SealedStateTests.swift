import Bytes
import Files
import Foundation
import Testing

@testable import Incr

/// Correct checksums can be forged: a state with inconsistent tables is ignored completely.
@Suite("A state whose checksums are right and whose tables are not")
struct SealedStateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout SavedState) -> Void

    init(_ name: String, _ change: @escaping @Sendable (inout SavedState) -> Void) {
      (testDescription, self.change) = (name, change)
    }
  }

  static let cases = [
    Case("fewer signatures than slots") { $0.traces.signatures.removeLast() },
    Case("more stamps than slots") { $0.traces.stamps.append(.doubtful) },
    Case("fewer consumed than inputs") { $0.traces.consumed.removeLast() },
    Case("fewer record states than tasks") { $0.traces.recordStates.removeLast() },
    Case("a record state that does not exist") { $0.traces.recordStates[0] = 9 },
    Case("fewer decisions than tasks") { $0.traces.decisions.codes.removeLast() },
    Case("a reason of a slot that is none") { $0.traces.decisions.slots[0] = 99 },
    Case("a target that is none") { $0.traces.decisions.lastTargets = [TaskID(99)] },
    Case("more sources than paths") { $0.graph.tables.sourceCount = 99 },
    Case("fewer sources than there are") { $0.graph.tables.sourceCount -= 1 },
    Case("a rule that is none") { $0.graph.tables.taskRules[0] = 99 },
    Case("fewer recipes than tasks") { $0.graph.tables.recipes.removeLast() },
    Case("an input that is not a slot") { $0.graph.tables.inputSlots[0] = 99 },
    Case("inputs that begin behind their end") { $0.graph.tables.firstInputs[1] = 99 },
    Case("slots that do not end") { $0.graph.tables.firstSlots.removeLast() },
    Case("more outputs than slots") { $0.graph.tables.outputCounts[0] = 99 },
    Case("an order of other tasks") { $0.graph.tables.topologicalOrder[0] = 99 },
  ]

  @Test("is damaged, and is built again", arguments: cases)
  func read(_ c: Case) throws {
    let story = try Story()
    _ = try story.build()
    var state = try #require(SavedState(folder: story.path("state")))
    c.change(&state)
    try Data(state.file().bytes.joined()).write(to: URL(fileURLWithPath: story.path("state/state")))
    #expect(SavedState(folder: story.path("state")) == nil)
    #expect(try StateStore(folder: story.path("state"), waiting: { _ in }).wasDamaged)
    _ = try story.build()
    #expect(try story.build() == "")
  }
}
