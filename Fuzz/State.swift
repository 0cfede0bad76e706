// Bytes as edits of a build's state: whatever it was turned into, the next build is right, and the one after has nothing
// to do. With checksums that are right again, it is read without a crash.
import FuzzSupport
import MutationRunner

@testable import Bytes
@testable import Files
@testable import Incr
@testable import TextBuild

private let yard = Yard()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var choices = Choices(bytes(start, count))
  yard.check(&choices)
  return 0
}

/// A folder with texts that are built, and two states of it.
private struct Yard: @unchecked Sendable {
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
    let isResealed = choices.number(below: 2) == 1
    var state = choices.number(below: 8) == 7 ? choices.bytes(.max) : states[1]
    while !choices.isEmpty { edit(&state, &choices) }
    if isResealed { state = Seal.renewed(state) }
    _ = try! AtomicOutput.write(ByteRope(state), to: story.path("state/state"))
    look()
    // Whoever seals a state can say of a file what is not so.
    guard !isResealed else { return }
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

  private func edit(_ state: inout [UInt8], _ choices: inout Choices) {
    let kind = choices.number(below: 6)
    let place = choices.number(below: state.count + 1)
    let length = min(state.count - place, choices.number(below: 256))
    switch kind {
    case 0 where place < state.count: state[place] ^= UInt8(1 + choices.number(below: 255))
    case 1: state.replaceSubrange(place..<place + min(8, state.count - place), with: choices.bytes(8))
    case 2: state.removeSubrange(place...)
    case 3: state.removeSubrange(place..<place + length)
    case 4: state.insert(contentsOf: choices.bytes(length), at: place)
    default: state = Array(state[..<place] + states[0].dropFirst(place))
    }
  }
}

/// The checksums of a state's file, as the descriptions of `TableFile` and `JournalRecord` have them.
private enum Seal {
  static func renewed(_ state: [UInt8]) -> [UInt8] {
    var state = state
    guard state.count >= 24 else { return state }
    let count = Int(min(word(state, 8), 256))
    var offset = 24 + 16 * count
    guard offset <= state.count else { return state }
    for table in 0..<count {
      let length = Int(min(word(state, 24 + 16 * table), UInt64(state.count - min(offset, state.count))))
      put(UInt64(length), 24 + 16 * table, &state)
      put(checksum(state[offset..<offset + length]), 32 + 16 * table, &state)
      offset = min(state.count, (offset + length + 7) / 8 * 8)
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
    bytes.withUnsafeBytes { Fingerprint(of: $0, seed: seed).low }
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
  }

  private static func put(_ word: UInt64, _ offset: Int, _ bytes: inout [UInt8]) {
    withUnsafeBytes(of: word) { bytes.replaceSubrange(offset..<offset + 8, with: $0) }
  }
}
