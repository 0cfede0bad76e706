import Bytes
import Files
import Foundation
import Incr

/// A build of something that is not BPF: texts are joined, and a joined text is counted.
///
/// Each rule shows one thing that the engine does: `join` writes a file of files, `count` computes a value (how many
/// lines), `report` consumes only that value, so that an edit within a line is cut off before it.
struct TextRunner: TaskRunner {
  static let join = Rule(name: "join", version: 1)
  static let count = Rule(name: "count", version: 1)
  static let report = Rule(name: "report", version: 1)

  struct Failed: Error {}

  let folder: String

  func run(_ context: TaskContext) throws(Failed) -> TaskOutcome? {
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
final class Story {
  let folder: String
  var parameters = ""
  var joinVersion: UInt32 = 1
  var jobs = 1
  var maximumFailures = 1
  /// How many more texts are joined: j0 = a + ab, j1 = b + ab, j2 = a + ab and so on.
  let joins: Int
  /// What their tasks' names end in.
  let suffix: String

  init(joins: Int = 0, suffix: String = "", in parent: String = NSTemporaryDirectory()) throws {
    (self.joins, self.suffix) = (joins, suffix)
    folder = parent + "/incr-" + UUID().uuidString
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
      Rule(name: TextRunner.join.name, version: joinVersion), name: "aab", parameters: parameters,
      inputs: [.file(path("a")), .file(path("ab"))],
      outputs: [path("aab")])
    _ = aab
    let count = try builder.add(
      TextRunner.count, name: "n", parameters: parameters, inputs: [.file(path("aab"))], values: 1)
    _ = try builder.add(
      TextRunner.report, name: "r", parameters: parameters, inputs: [.value(count, 0)], outputs: [path("r")])
    _ = try builder.add(
      Rule(name: TextRunner.join.name, version: joinVersion), name: "ab", parameters: parameters,
      inputs: [.file(path("a")), .file(path("b"))],
      outputs: [path("ab")])
    for number in 0..<joins {
      _ = try builder.add(
        Rule(name: TextRunner.join.name, version: joinVersion), name: "j\(number)\(suffix)", parameters: parameters,
        inputs: [.file(path(number % 2 == 0 ? "a" : "b")), .file(path("ab"))], outputs: [path("j\(number)")])
    }
    return try builder.build()
  }

  /// Builds, and returns the tasks that ran in the graph's order, and the failed ones.
  ///
  /// - Parameters:
  ///   - known: the graph, for callers that build often.
  ///   - afterTask: called with the name of each task that ran, while the build goes on.
  func build(_ known: TaskGraph? = nil, afterTask: @escaping (String) -> Void = { _ in }) throws -> String {
    let graph = try known ?? graph()
    var options = BuildOptions()
    options.jobs = jobs
    options.maximumFailures = maximumFailures
    var ran: [TaskID] = []
    var failed: [TaskID] = []
    let store = try StateStore(folder: path("state"), waiting: { _ in })
    let build = Build(graph, runner: TextRunner(folder: folder), store: store, options: options) { event in
      switch event {
      case .finished(let task, _, _, _, _):
        ran.append(task)
        afterTask(graph.name(task))
      case .failed(let task, _): failed.append(task)
      default: break
      }
    }
    _ = build.run()
    let position = Dictionary(uniqueKeysWithValues: graph.order.enumerated().map { ($1, $0) })
    let names = ran.sorted { position[$0]! < position[$1]! }.map(graph.name)
    return names.joined(separator: " ") + failed.map { " !" + graph.name($0) }.joined()
  }
}
