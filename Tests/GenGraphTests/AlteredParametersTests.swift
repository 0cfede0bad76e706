import Bytes
import Files
import Foundation
import SeededRandom
import Testing

@testable import GenGraph
@testable import HandmadeObjects
@testable import Incr

/// A task's parameters in a state are decoded when the task runs, and may have been forged.
@Suite("A state whose checksums are right and whose task parameters were altered")
struct AlteredParametersTests {
  private static let steps = ProcessInfo.processInfo.environment["BPFGEN_TEST_TIER"] == "full" ? 300 : 80
  private static let firstSeed = UInt64(ProcessInfo.processInfo.environment["BPFGEN_SEED"] ?? "") ?? 20_261_127
  private static let state = ".bpfgen/bpfgen.json.state"
  private static let outputs = [
    "gen/netlib.o", "gen/netlib.h", "gen/app.o", "gen/app.h", "gen/app.skel.o", "gen/main.h", "gen/main.c", "gen/net.h",
    "gen/app.json", "gen/main.json",
  ]

  /// Which checksums were recomputed.
  enum Seal: String, CaseIterable, Sendable {
    case tables
    /// Those of the tables, and the fingerprint of the graph.
    case graph
  }

  @Test("is damaged, and costs a build", arguments: Seal.allCases)
  func alterations(_ seal: Seal) throws {
    print("seed \(Self.firstSeed)")
    var random = SeededRandom(seed: Self.firstSeed)
    let project = try HandmadeProject.ofManyRules()
    #expect(try project.build().failures.isEmpty)
    let wanted = try Self.outputs.map { try project.read($0) }
    let saved = try #require(SavedState(folder: project.path(".bpfgen"), name: "bpfgen.json.state"))
    var refused = 0
    for step in 0..<Self.steps {
      let what = "seed \(Self.firstSeed), step \(step)"
      var state = saved
      let task = try #require(state.graph.tasks.randomElement(using: &random))
      let text = altered(state.graph, task, using: &random)
      guard Array(state.graph.parameters(task).utf8) != text else { continue }
      state.graph.tables.parameterTexts = state.graph.tables.parameterTexts.replacing(Int(task.raw), with: text)
      if seal == .graph { state.graph.tables.takeFingerprint() }
      // Where nothing is known of them, all tasks run, and else those that have outputs.
      let isEverythingRun = Bool.random(using: &random)
      if isEverythingRun { state.traces = TraceTable(for: state.graph) }
      try project.write(state.file().bytes.joined(), to: Self.state)
      try project.remove("gen")
      let build = try project.build()
      // Parameters that another task could have are accepted.
      if seal == .graph, TaskAction(task, of: state.graph) != nil { continue }
      refused += 1
      #expect(build.failures.isEmpty, "\(what): \(build)")
      if seal == .tables || isEverythingRun { #expect(build.foundDamage, "\(what): \(build)") }
      for (output, bytes) in zip(Self.outputs, wanted) {
        #expect(project.exists(output) ? try project.read(output) == bytes : false, "\(what): \(output)")
      }
      #expect(try project.build().ran == [], "\(what): the second build")
    }
    #expect(refused > Self.steps / 3)
  }

  /// Other parameters of a task.
  private func altered(_ graph: TaskGraph, _ task: TaskID, using random: inout SeededRandom) -> [UInt8] {
    var text = Array(graph.parameters(task).utf8)
    let offset = Int.random(in: 0...text.count, using: &random)
    let length = Int.random(in: 0...text.count - offset, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where offset < text.count: text[offset] ^= UInt8.random(in: 1...255, using: &random)
    case 1: text.removeSubrange(offset...)
    case 2: text.removeSubrange(offset..<offset + length)
    case 3:
      let inserted = Array(" \t\n0123456789assertstripcontract\u{e9}".utf8) + [0, 0x80, 0xff]
      text.insert(contentsOf: (0...length).map { _ in inserted.randomElement(using: &random)! }, at: offset)
    case 4: text = Array(graph.parameters(graph.tasks.randomElement(using: &random)!).utf8)
    default: text += text[offset...]
    }
    return text
  }

  /// Invalid graphs for the rules of a project.
  static let misfits: [(name: String, change: @Sendable (inout TaskGraph) -> Void)] = [
    ("a rule of no project", { $0.tables.rules[0] = Rule(name: "other", version: 1) }),
    ("a rule of another version", { $0.tables.rules[0] = Rule(name: $0.tables.rules[0].name, version: 99) }),
    ("two rules in each other's place", { $0.tables.rules.swapAt(0, 1) }),
    ("a task without outputs", { $0.tables.outputCounts = $0.tables.outputCounts.map { _ in 0 } }),
    (
      "a task with an input that is a value",
      { graph in graph.tables.inputSlots[0] = UInt32((0..<graph.slotCount).last { graph.path($0).isEmpty }!) }
    ),
    ("a task without inputs", { $0.tables.firstInputs[1] = 0 }),
  ]

  @Test("nor does a rule or a file that does not fit them end the build", arguments: misfits)
  func misfit(_ name: String, _ change: @Sendable (inout TaskGraph) -> Void) throws {
    let project = try HandmadeProject.ofManyRules()
    #expect(try project.build().failures.isEmpty)
    let wanted = try Self.outputs.map { try project.read($0) }
    var state = try #require(SavedState(folder: project.path(".bpfgen"), name: "bpfgen.json.state"))
    change(&state.graph)
    state.graph.tables.takeFingerprint()
    // Nothing is known of the tasks: all of them run.
    state.traces = TraceTable(for: state.graph)
    try project.write(state.file().bytes.joined(), to: Self.state)
    try project.remove("gen")
    let build = try project.build()
    #expect(build.foundDamage && build.failures.isEmpty, "\(build)")
    for (output, bytes) in zip(Self.outputs, wanted) { #expect(try project.read(output) == bytes, "\(output)") }
    #expect(try project.build().ran == [])
  }
}

extension StringPool {
  /// The same with one text replaced.
  fileprivate func replacing(_ index: Int, with text: [UInt8]) -> StringPool {
    let start = Int(starts[index])
    let end = Int(starts[index + 1]) - 1
    let shift = text.count - (end - start)
    return StringPool(
      bytes: bytes[..<start] + text + bytes[end...],
      starts: starts[...index] + starts[(index + 1)...].map { UInt32(Int($0) + shift) })!
  }
}
