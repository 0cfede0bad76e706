import Foundation
import SeededRandom
import Testing

@testable import Bytes
@testable import Files
@testable import Incr

/// The two forms of a state.
enum StateForm: String, CaseIterable, Sendable {
  case tablesAlone, withJournal
}

/// The kinds of damage to a state file.
enum StateDamage: CaseIterable {
  case flips, truncation, insertedBytes, removedBytes, zeroedBlock, gluedToAnother

  /// - Parameters:
  ///   - others: earlier states of the folder.
  ///   - start: the bytes before it are not changed.
  func apply(
    to state: [UInt8], _ others: [[UInt8]], from start: Int, using random: inout SeededRandom
  ) -> [UInt8] {
    var bytes = state
    let offset = Int.random(in: min(start, bytes.count - 1)..<bytes.count, using: &random)
    let rest = bytes.count - offset
    switch self {
    case .flips:
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: offset..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      }
    case .truncation: bytes.removeLast(rest)
    case .insertedBytes:
      let inserted = (0..<Int.random(in: 1...100, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
      }
      bytes.insert(contentsOf: inserted, at: offset)
    case .removedBytes: bytes.removeSubrange(offset..<offset + Int.random(in: 1...min(rest, 100), using: &random))
    case .zeroedBlock:
      let length = min(rest, Int.random(in: 1...4096, using: &random))
      bytes.replaceSubrange(offset..<offset + length, with: repeatElement(0, count: length))
    case .gluedToAnother:
      let other = others.randomElement(using: &random) ?? []
      bytes = Array(bytes[..<offset] + other.dropFirst(offset))
    }
    return bytes
  }
}

/// A folder with texts that are built from a damaged state.
final class DamageYard {
  private let form: StateForm
  private let story: Story
  private let graph: TaskGraph
  private var random: SeededRandom
  private var sources = ["a": "one\n", "b": "two\n"]
  private var builds = 0
  /// The state before it is damaged.
  private(set) var state: [UInt8] = []
  /// The size of its tables.
  private(set) var tablesSize = 0
  private(set) var earlierStates: [[UInt8]] = []

  init(_ form: StateForm, seed: UInt64) throws {
    self.form = form
    // Few tasks, for many builds; long names or a long journal, for a large state.
    story = try Story(
      joins: 1, suffix: form == .tablesAlone ? String(repeating: " and so on", count: 800) : "", in: "/dev/shm")
    graph = try story.graph()
    random = SeededRandom(seed: seed)
    _ = try story.build(graph)
    try renew()
  }

  private var path: String { story.path("state/state") }
  private var outputs: [String] { ["ab", "aab", "r"] + (0..<story.joins).map { "j\($0)" } }

  /// Builds a few times, so that the state is of now and in its form.
  func renew() throws {
    let tables = try SavedState.tables(folder: story.path("state"))
    try Data(tables).write(to: URL(fileURLWithPath: path))
    repeat {
      try edit()
      _ = try story.build(graph)
    } while try form == .withJournal && FileContent(path: path).bytes.count < 9000
    if form == .tablesAlone {
      try Data(SavedState.tables(folder: story.path("state"))).write(to: URL(fileURLWithPath: path))
    }
    if !state.isEmpty { earlierStates = earlierStates.suffix(8) + [state] }
    (state, tablesSize) = (try FileContent(path: path).bytes, tables.count)
  }

  /// Installs a damaged state, sometimes edits something too, and builds.
  func checkBuild(after damaged: [UInt8], _ what: String) throws {
    let edited = builds % 32 == 0 ? try edit() : "no edit"
    builds += 1
    try Data(damaged).write(to: URL(fileURLWithPath: path))
    _ = try story.build(graph)
    for output in outputs {
      guard (try? FileContent(path: story.path(output)))?.bytes == Array(wanted(output).utf8) else {
        Issue.record("\(what), \(edited): \(output) is wrong")
        continue
      }
    }
    let second = try story.build(graph)
    #expect(second == "", "\(what), \(edited): the second build")
  }

  /// Edits a source, or an output as a user might. Sources get their earlier content again.
  @discardableResult
  private func edit() throws -> String {
    let output = outputs.randomElement(using: &random)!
    switch Int.random(in: 0..<4, using: &random) {
    case 0: try FileManager.default.removeItem(atPath: story.path(output))
    case 1: try story.write("edited\n", to: output)
    default:
      let source = Bool.random(using: &random) ? "a" : "b"
      sources[source] = ["one\n", "two\n", "two\nlines\n"].filter { $0 != sources[source] }.randomElement(
        using: &random)!
      try story.write(sources[source]!, to: source)
      return "\(source) edited"
    }
    return "\(output) edited or removed"
  }

  /// The expected content of an output, computed naively.
  private func wanted(_ output: String) -> String {
    let (a, b) = (sources["a"]!, sources["b"]!)
    switch output {
    case "ab": return a + b
    case "aab": return a + a + b
    case "r":
      let lines = (a + a + b).utf8.count { $0 == UInt8(ascii: "\n") }
      return "lines: \(Fingerprint(of: "\(lines)"))\n"
    default: return (Int(output.dropFirst())! % 2 == 0 ? a : b) + a + b
    }
  }
}
