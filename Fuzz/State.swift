// Bytes as edits of a build's state: whatever it was turned into, the next build is right, and the one after has nothing
// to do. With checksums that are right again, it is read and built from without a crash. The builds are those of the engine's
// tests, and those of a graph file.
import FuzzSupport
import MutationRunner

@testable import Bytes
@testable import Files
@testable import GenGraph
@testable import HandmadeBuild
@testable import HandmadeObjects
@testable import Incr
@testable import TextBuild

private let texts = TextYard()
private let objects = ProjectYard()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var choices = Choices(bytes(start, count))
  if choices.number(below: 2) == 0 { texts.check(&choices) } else { objects.check(&choices) }
  return 0
}

/// A state that was edited as the input describes.
private struct EditedState {
  let bytes: [UInt8]
  /// Whether its checksums were recomputed, so that it may contain wrong facts about files.
  let isResealed: Bool

  /// - Parameter states: two of one folder.
  init(of states: [[UInt8]], _ choices: inout Choices) {
    isResealed = choices.number(below: 2) == 1
    var state = choices.number(below: 8) == 7 ? choices.bytes(.max) : states[1]
    while !choices.isEmpty { EditedState.edit(&state, states[0], &choices) }
    bytes = isResealed ? Seal.renewed(state) : state
  }

  private static func edit(_ state: inout [UInt8], _ other: [UInt8], _ choices: inout Choices) {
    let kind = choices.number(below: 6)
    let offset = choices.number(below: state.count + 1)
    let length = min(state.count - offset, choices.number(below: 256))
    switch kind {
    case 0 where offset < state.count: state[offset] ^= UInt8(1 + choices.number(below: 255))
    case 1: state.replaceSubrange(offset..<offset + min(8, state.count - offset), with: choices.bytes(8))
    case 2: state.removeSubrange(offset...)
    case 3: state.removeSubrange(offset..<offset + length)
    case 4: state.insert(contentsOf: choices.bytes(length), at: offset)
    default: state = Array(state[..<offset] + other.dropFirst(offset))
    }
  }
}

/// A folder with texts that are built, and two states of it.
private struct TextYard: @unchecked Sendable {
  // Safe because: libFuzzer has one thread.
  private let story = try! Story(joins: 1)
  private let graph: TaskGraph
  private let states: [[UInt8]]

  init() {
    graph = try! story.graph()
    _ = try! story.build(graph)
    let first = try! FileContent(path: story.path("state/state")).bytes
    try! story.write("other\n", to: "b")
    _ = try! story.build(graph)
    states = [first, try! FileContent(path: story.path("state/state")).bytes]
  }

  func check(_ choices: inout Choices) {
    let state = EditedState(of: states, &choices)
    _ = try! AtomicOutput.write(ByteRope(state.bytes), to: story.path("state/state"))
    look()
    guard !state.isResealed else { return }
    _ = try! story.build(graph)
    for (name, wanted) in [("ab", "one\nother\n"), ("aab", "one\none\nother\n"), ("j0", "one\none\nother\n")] {
      require(try! story.read(name) == wanted, "\(name) is wrong")
    }
    require(try! story.build(graph) == "", "the second build has something to do")
  }

  /// All that is asked of a state without a build.
  private func look() {
    guard let saved = SavedState(folder: story.path("state")) else { return }
    _ = saved.lastOutcomes()
    for task in saved.graph.tasks {
      _ = saved.lastDecision(task)
      _ = saved.graph.dependents(of: [task])
    }
    _ = saved.moved(to: graph, version: saved.version, inputs: [])
  }
}

/// A folder with a graph file and objects, and two states of it.
private struct ProjectYard: @unchecked Sendable {
  // Safe because: libFuzzer has one thread.
  private let project: HandmadeProject
  private let states: [[UInt8]]
  private let wanted: [String: [UInt8]]
  private static let state = ".bpfgen/bpfgen.json.state"
  private static let sources = ["main.o": HandmadeUnit(isLong: true).bytes, "net.o": HandmadeUnit(name: "net").bytes]

  init() {
    let project = try! HandmadeProject.ofManyRules()
    _ = try! project.build()
    let first = try! project.read(ProjectYard.state)
    for (path, bytes) in ProjectYard.sources { try! project.write(bytes, to: path) }
    require(try! project.build().failures.isEmpty, "the project cannot be built")
    states = [first, try! project.read(ProjectYard.state)]
    // A loop: the compiler (6.3.1) does not end well with the same in a closure.
    var wanted: [String: [UInt8]] = [:]
    for output in try! project.project.outputs {
      let path = String(output.dropFirst(project.folder.count + 1))
      wanted[path] = try! project.read(path)
    }
    self.wanted = wanted
    self.project = project
  }

  func check(_ choices: inout Choices) {
    let isEverythingRun = choices.number(below: 2) == 1
    let state = EditedState(of: states, &choices)
    // A state that is believed may have written what it likes below the root.
    try? project.remove("gen")
    for (path, bytes) in isEverythingRun ? [:] : wanted { try! project.write(bytes, to: path) }
    for (path, bytes) in ProjectYard.sources { try! project.write(bytes, to: path) }
    try! project.write(state.bytes, to: ProjectYard.state)
    let read = try! project.project
    _ = read.history()
    _ = read.lastOutcomes()
    let build = try! project.build()
    guard !state.isResealed else { return }
    require(build.failures.isEmpty, "the build failed: \(build.failures)")
    for (path, bytes) in wanted { require(try! project.read(path) == bytes, "\(path) is wrong") }
    require(try! project.build().ran == [], "the second build has something to do")
  }
}

/// The checksums of a state's file, as the descriptions of `SavedState`, `TableFile` and `JournalRecord` have them.
private enum Seal {
  /// The tables of the graph, of which the first table has the fingerprint.
  private static let graphTables = 5..<22

  static func renewed(_ state: [UInt8]) -> [UInt8] {
    var state = state
    guard state.count >= 24 else { return state }
    let count = Int(min(word(state, 8), 256))
    let start = 24 + 16 * count
    var offset = start
    guard offset <= state.count else { return state }
    for table in 0..<count {
      let length = Int(min(word(state, 24 + 16 * table), UInt64(state.count - min(offset, state.count))))
      put(UInt64(length), 24 + 16 * table, &state)
      put(checksum(state[offset..<offset + length]), 32 + 16 * table, &state)
      offset = min(state.count, (offset + length + 7) / 8 * 8)
    }
    if count >= graphTables.upperBound, word(state, 24) >= 48, start + 48 <= state.count {
      let directory = 24 + 16 * graphTables.lowerBound..<24 + 16 * graphTables.upperBound
      let fingerprint = Fingerprint(of: state.span.extracting(directory))
      put(fingerprint.high, start + 16, &state)
      put(fingerprint.low, start + 24, &state)
      put(checksum(state[start..<start + Int(word(state, 24))]), 32, &state)
    }
    var seed = checksum(state[24..<24 + 16 * count])
    put(seed, 16, &state)
    while offset + 16 <= state.count {
      let length = Int(word(state, offset + 8) & 0xffff_ffff)
      guard length % 8 == 0, length <= state.count - offset - 16 else { break }
      seed = checksum(state[offset + 8..<offset + 16 + length], seed)
      put(seed, offset, &state)
      offset += 16 + length
    }
    return state
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>, _ seed: UInt64 = 0) -> UInt64 {
    Fingerprint(of: bytes.span, seed: seed).low
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
  }

  private static func put(_ word: UInt64, _ offset: Int, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: word) { bytes.replaceSubrange(offset..<offset + 8, with: $0) }
  }
}
