import Foundation
import Incr
import Testing

/// A build of something that is not BPF: texts are joined, and a joined text is counted.
///
/// Each rule shows one thing that the engine does: `join` writes a file of files, `count` computes a value (how many
/// lines), `report` consumes that value alone, so that an edit within a line is cut off before it.
private struct TextRunner: TaskRunner {
  static let join = Rule(name: "join", version: 1)
  static let count = Rule(name: "count", version: 1)
  static let report = Rule(name: "report", version: 1)

  struct Failed: Error {}

  let folder: String

  func run(_ context: TaskContext) throws(Failed) -> TaskOutcome {
    let (graph, task) = (context.graph, context.task)
    let paths = graph.inputs(task).map { graph.path(SlotID($0)) }
    switch graph.rule(task).name {
    case "join":
      var text = ""
      for path in paths { text += try read(path) }
      guard !text.contains("broken") else { throw Failed() }
      return try write(text, graph.path(SlotID(UInt32(graph.outputs(task).lowerBound))))
    case "count":
      let lines = try read(paths[0]).split(separator: "\n", omittingEmptySubsequences: false).count - 1
      return TaskOutcome(results: [Fingerprint(of: "\(lines)")])
    default:
      return try write("lines: \(context.inputs[0])\n", graph.path(SlotID(UInt32(graph.outputs(task).lowerBound))))
    }
  }

  private func read(_ path: String) throws(Failed) -> String {
    do { return try String(contentsOfFile: path, encoding: .utf8) } catch { throw Failed() }
  }

  private func write(_ text: String, _ path: String) throws(Failed) -> TaskOutcome {
    do {
      let outcome = try AtomicOutput.write(ByteRope(text), to: path)
      return TaskOutcome(results: [Fingerprint(of: text)], filesWritten: outcome == .written ? 1 : 0)
    } catch { throw Failed() }
  }
}

/// A folder with sources, the graph over them, and the log of what each build did.
private final class Story {
  let folder: String
  var parameters = Fingerprint(of: "")
  var jobs = 1
  var maximumFailures = 1

  init() throws {
    folder = NSTemporaryDirectory() + "incr-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write("one\n", to: "a")
    try write("two\n", to: "b")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { folder + "/" + name }
  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }
  func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// ab = a + b, aab = a + ab, n = lines of aab, r = report of n.
  func graph() throws -> TaskGraph {
    var builder = TaskGraphBuilder()
    // Added in the wrong order on purpose: the graph finds its own.
    let aab = try builder.add(
      TextRunner.join, name: "aab", parameters: parameters, inputs: [.file(path("a")), .file(path("ab"))],
      outputs: [path("aab")])
    _ = aab
    let count = try builder.add(
      TextRunner.count, name: "n", parameters: parameters, inputs: [.file(path("aab"))], values: 1)
    _ = try builder.add(
      TextRunner.report, name: "r", parameters: parameters, inputs: [.value(count, 0)], outputs: [path("r")])
    _ = try builder.add(
      TextRunner.join, name: "ab", parameters: parameters, inputs: [.file(path("a")), .file(path("b"))],
      outputs: [path("ab")])
    return try builder.build()
  }

  /// Builds, and tells what ran in the graph's order and what failed.
  func build() throws -> String {
    let graph = try graph()
    var options = BuildOptions()
    options.jobs = jobs
    options.maximumFailures = maximumFailures
    var ran: [TaskID] = []
    var failed: [TaskID] = []
    let store = try StateStore(folder: path("state"), waiting: { _ in })
    let build = Build(graph, runner: TextRunner(folder: folder), store: store, options: options) { event in
      switch event {
      case .finished(let task, _, _, _, _): ran.append(task)
      case .failed(let task, _): failed.append(task)
      default: break
      }
    }
    _ = build.run()
    let place = Dictionary(uniqueKeysWithValues: graph.order.enumerated().map { ($1, $0) })
    let names = ran.sorted { place[$0]! < place[$1]! }.map(graph.name)
    return names.joined(separator: " ") + failed.map { " !" + graph.name($0) }.joined()
  }
}

@Suite("A build runs what an edit asks for, and nothing else")
struct EngineTests {
  @Test("first everything, then nothing")
  func nothingToDo() throws {
    let story = try Story()
    #expect(try story.build() == "ab aab n r")
    #expect(try story.build() == "")
    #expect(try story.read("aab") == "one\none\ntwo\n")
  }

  @Test("an edit that a value does not show is cut off behind it")
  func earlyCutoff() throws {
    let story = try Story()
    _ = try story.build()
    try story.write("zwei\n", to: "b")
    #expect(try story.build() == "ab aab n")
    try story.write("zwei\ndrei\n", to: "b")
    #expect(try story.build() == "ab aab n r")
  }

  @Test("a touch without a change runs nothing")
  func touch() throws {
    let story = try Story()
    _ = try story.build()
    try story.write("one\n", to: "a")
    #expect(try story.build() == "")
  }

  @Test("new content of the same size under the old times is seen")
  func sameSizeSameTime() throws {
    let story = try Story()
    _ = try story.build()
    let old = try FileManager.default.attributesOfItem(atPath: story.path("b"))[.modificationDate]!
    try story.write("TWO\n", to: "b")
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: story.path("b"))
    #expect(try story.build() == "ab aab n")
  }

  @Test("an output that somebody edited or removed is made anew, and nothing behind it")
  func outputsAreChecked() throws {
    let story = try Story()
    _ = try story.build()
    try story.write("mine\n", to: "ab")
    #expect(try story.build() == "ab")
    try FileManager.default.removeItem(atPath: story.path("aab"))
    #expect(try story.build() == "aab")
    #expect(try story.read("aab") == "one\none\ntwo\n")
    #expect(try story.build() == "")
  }

  @Test("other parameters run every task")
  func parameters() throws {
    let story = try Story()
    _ = try story.build()
    story.parameters = Fingerprint(of: "other")
    #expect(try story.build() == "ab aab n r")
    #expect(try story.build() == "")
  }

  @Test("a failure stops what needs it, and is no failure any more once mended")
  func failure() throws {
    let story = try Story()
    try story.write("broken\n", to: "b")
    #expect(try story.build() == " !ab")
    try story.write("two\n", to: "b")
    #expect(try story.build() == "ab aab n r")
  }

  @Test("a source that is not there is named")
  func missingSource() throws {
    let story = try Story()
    try FileManager.default.removeItem(atPath: story.path("b"))
    #expect(try story.build() == " !ab")
  }

  @Test(
    "a state that is damaged or gone costs work and nothing else", arguments: [0, 1, 8, 15, 16, 17, 24, 40, 100, 200])
  func damagedState(_ offset: Int) throws {
    let story = try Story()
    _ = try story.build()
    let whole = try Data(contentsOf: URL(fileURLWithPath: story.path("state/state")))
    for damaged in [whole.prefix(offset), flipped(whole, offset)] {
      try story.write("new\n", to: "b")
      try damaged.write(to: URL(fileURLWithPath: story.path("state/state")))
      _ = try story.build()
      #expect(try story.read("aab") == "one\none\nnew\n")
      #expect(try story.build() == "")
      try story.write("two\n", to: "b")
      _ = try story.build()
    }
  }

  private func flipped(_ data: Data, _ offset: Int) -> Data {
    var data = data
    data[min(offset, data.count - 1)] ^= 0x55
    return data
  }

  @Test("the number of jobs changes nothing", arguments: [1, 2, 8, 64])
  func jobs(_ jobs: Int) throws {
    let story = try Story()
    story.jobs = jobs
    #expect(try story.build() == "ab aab n r")
    #expect(try story.build() == "")
  }

  @Test("a cycle is told whole, two writers by name")
  func badGraphs() throws {
    var builder = TaskGraphBuilder()
    let none = Fingerprint(of: "")
    _ = try builder.add(TextRunner.join, name: "x", parameters: none, inputs: [.file("c")], outputs: ["a"])
    _ = try builder.add(TextRunner.join, name: "y", parameters: none, inputs: [.file("a")], outputs: ["b"])
    _ = try builder.add(TextRunner.join, name: "z", parameters: none, inputs: [.file("b")], outputs: ["c"])
    #expect(throws: GraphError.cycle(tasks: ["x", "z", "y", "x"])) { try builder.build() }
    #expect(throws: GraphError.twoWriters(path: "a", first: "x", second: "w")) {
      try builder.add(TextRunner.join, name: "w", parameters: none, inputs: [], outputs: ["a"])
    }
  }
}
