import Foundation
import SeededRandom
import Testing

@testable import Files
@testable import Incr

/// A state file may be incomplete, damaged or a mix of two: that costs work, and never gives a wrong output.
@Suite("A damaged state costs work and nothing else")
struct DamagedStateTests {
  /// How much of the file is damaged byte by byte. Where the tables are short, all of them and the journal's beginning.
  private static let sweptBytes =
    ProcessInfo.processInfo.environment["BPFGEN_TEST_TIER"] == "full" ? 2048 : 512
  private static let firstSeed = UInt64(ProcessInfo.processInfo.environment["BPFGEN_SEED"] ?? "") ?? 20_261_121

  /// A part of a sweep, with its own folder.
  struct Part: Sendable, CustomTestStringConvertible {
    let form: StateForm
    let offsets: Range<Int>
    var testDescription: String { "\(form), bytes \(offsets)" }
  }

  static let parts: [Part] = StateForm.allCases.flatMap { form in
    stride(from: 0, to: sweptBytes, by: 1024).map { Part(form: form, offsets: $0..<$0 + 1024) }
  }

  @Test("every length of a truncated file, every flipped byte", arguments: parts)
  func sweep(_ part: Part) throws {
    let yard = try DamageYard(part.form, seed: Self.firstSeed)
    try #require(yard.state.count > 2 * Self.sweptBytes)
    for offset in part.offsets {
      try yard.checkBuild(after: Array(yard.state[..<offset]), "truncated to \(offset)")
      for mask: UInt8 in [0x01, 0xff] {
        var flipped = yard.state
        flipped[offset] ^= mask
        try yard.checkBuild(after: flipped, "byte \(offset) ^ \(mask)")
      }
    }
  }

  @Test("random damages of the whole file", arguments: StateForm.allCases)
  func randomDamages(_ form: StateForm) throws {
    let seed = Self.firstSeed
    print("seed \(seed)")
    var random = SeededRandom(seed: seed)
    let yard = try DamageYard(form, seed: seed)
    for step in 0..<250 {
      if step % 20 == 0 { try yard.renew() }
      let damage = StateDamage.allCases.randomElement(using: &random)!
      let damaged = damage.apply(to: yard.state, yard.earlierStates, from: 0, using: &random)
      try yard.checkBuild(after: damaged, "seed \(seed), step \(step): \(damage)")
    }
  }

  @Test("random damage in the journal only")
  func journalDamages() throws {
    let seed = Self.firstSeed + 1
    print("seed \(seed)")
    var random = SeededRandom(seed: seed)
    let yard = try DamageYard(.withJournal, seed: seed)
    for step in 0..<500 {
      if step % 20 == 0 { try yard.renew() }
      let damage = StateDamage.allCases.randomElement(using: &random)!
      let damaged = damage.apply(to: yard.state, yard.earlierStates, from: yard.tablesSize, using: &random)
      try yard.checkBuild(after: damaged, "seed \(seed), step \(step): \(damage)")
    }
  }

  /// Changes to a journal that keep each of its records intact.
  enum Rearrangement: String, CaseIterable, Sendable {
    case oneIsMissing, oneIsThereTwice, neighboursAreSwapped, otherTablesBefore
  }

  @Test("records are accepted only after those that they were written after", arguments: Rearrangement.allCases)
  func rearranged(_ rearrangement: Rearrangement) throws {
    let story = try Story()
    let state = story.path("state/state")
    _ = try story.build()
    let oldTables = try SavedState.tables(folder: story.path("state"))
    try Data(oldTables).write(to: URL(fileURLWithPath: state))
    try story.write("zwei\n", to: "b")
    _ = try story.build()
    // Without other tables, the journal reports the edit of b; with them, only a removed output.
    if rearrangement == .otherTablesBefore {
      try Data(SavedState.tables(folder: story.path("state"))).write(to: URL(fileURLWithPath: state))
      try FileManager.default.removeItem(atPath: story.path("ab"))
      _ = try story.build()
    }
    let journal = Array(try FileContent(path: state).bytes[oldTables.count...])
    for records in rearrangement.applied(to: JournalText.records(journal)) {
      // What b was when the old tables were written: the outputs on disk are of another b.
      try story.write("two\n", to: "b")
      try Data(oldTables + records.joined()).write(to: URL(fileURLWithPath: state))
      _ = try story.build()
      #expect(try story.read("ab") == "one\ntwo\n")
      #expect(try story.read("aab") == "one\none\ntwo\n")
      try story.write("zwei\n", to: "b")
      _ = try story.build()
    }
  }
}

extension DamagedStateTests.Rearrangement {
  /// Every way to do it.
  fileprivate func applied(to records: [[UInt8]]) -> [[[UInt8]]] {
    switch self {
    case .otherTablesBefore: [records]
    case .oneIsMissing:
      records.indices.map { index in Array(records[..<index] + records[(index + 1)...]) }
    case .oneIsThereTwice:
      records.indices.map { index in Array(records[...index] + records[index...]) }
    case .neighboursAreSwapped:
      records.indices.dropFirst().map { index in
        var swapped = records
        swapped.swapAt(index - 1, index)
        return swapped
      }
    }
  }
}
