import Bytes
import Files
import Foundation
import Incr
import Testing

/// Tasks that do without the values of tasks that failed.
@Suite("A tolerant task")
struct TolerantTests {
  /// `value` reads a file, and fails when it is broken; `list` writes the values of all files that can be read.
  private struct Runner: TaskRunner {
    struct Failed: Error {}

    func run(_ context: TaskContext) throws(Failed) -> TaskOutcome? {
      let (graph, task) = (context.graph, context.task)
      do {
        if graph.rule(task).name == "value" {
          let text = try String(contentsOfFile: graph.path(SlotID(graph.inputs(task).first!)), encoding: .utf8)
          guard text != "broken" else { throw Failed() }
          return TaskOutcome(results: [Fingerprint(of: text)])
        }
        let text = context.inputs.indices.map { context.isLost($0) ? "-" : "\(context.inputs[$0])" }
          .joined(separator: "\n")
        let path = graph.path(SlotID(UInt32(graph.outputs(task).lowerBound)))
        _ = try AtomicOutput.write(ByteRope(text), to: path)
        return TaskOutcome(results: [Fingerprint(of: text)], filesWritten: 1)
      } catch { throw Failed() }
    }
  }

  private let folder = NSTemporaryDirectory() + "tolerant-" + UUID().uuidString

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
  private func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }
  private func list() throws -> [String] {
    try String(contentsOfFile: path("list"), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// The tasks that ran, and those that failed.
  ///
  /// - Parameter showsLosses: whether `list` is written again when a value is lost.
  private func build(showsLosses: Bool = false) throws -> String {
    var builder = TaskGraphBuilder()
    var values: [TaskGraphBuilder.Input] = []
    for name in ["a", "b"] {
      let task = try builder.add(
        Rule(name: "value", version: 1), name: name, parameters: "", inputs: [.file(path(name))], values: 1)
      values.append(.value(task, 0))
    }
    _ = try builder.add(
      Rule(name: "list", version: 1), name: "list", parameters: "", inputs: values, outputs: [path("list")])
    let graph = try builder.build()
    var options = BuildOptions()
    options.maximumFailures = 0
    options.tolerances = ["list": Tolerance(of: ["value"], showsLosses: showsLosses)]
    var log: [String] = []
    let store = try StateStore(folder: path("state"), waiting: { _ in })
    _ = Build(graph, runner: Runner(), store: store, options: options) { event in
      switch event {
      case .finished(let task, _, _, _, _): log.append(graph.name(task))
      case .failed(let task, _): log.append("!" + graph.name(task))
      default: break
      }
    }.run()
    return log.joined(separator: " ")
  }

  @Test("runs without the value of a task that fails, and again with it, in later builds too")
  func lost() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (one, two) = ("\(Fingerprint(of: "one"))", "\(Fingerprint(of: "two"))")
    try write("one", to: "a")
    try write("broken", to: "b")
    #expect(try build() == "a !b list")
    #expect(try list() == [one, "-"])
    // Nothing else is known: it does not run again.
    #expect(try build() == "!b")
    try write("two", to: "b")
    #expect(try build() == "b list")
    #expect(try list() == [one, two])

    // What is up to date stays, with the value that it consumed.
    try write("broken", to: "b")
    #expect(try build() == "!b")
    #expect(try list() == [one, two])
    // It runs for another reason, and does not take the earlier value.
    try write("three", to: "a")
    #expect(try build() == "a !b list")
    #expect(try list()[1] == "-")
    #expect(try build() == "!b")
    // The same value as before the failure is another one than none.
    try write("two", to: "b")
    #expect(try build() == "b list")
    #expect(try list()[1] == two)
    #expect(try build() == "")
    // A file that is not there fails its task before it runs.
    try FileManager.default.removeItem(atPath: path("a"))
    try write("four", to: "b")
    #expect(try build() == "!a b list")
    #expect(try list()[0] == "-")
  }

  @Test("whose results show what is lost runs again when a value is lost, once, and again with the value")
  func shown() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (one, two) = ("\(Fingerprint(of: "one"))", "\(Fingerprint(of: "two"))")
    try write("one", to: "a")
    try write("two", to: "b")
    #expect(try build(showsLosses: true) == "a b list")
    #expect(try build(showsLosses: true) == "")
    for isMissing in [false, true] {
      if isMissing { try FileManager.default.removeItem(atPath: path("b")) } else { try write("broken", to: "b") }
      #expect(try build(showsLosses: true) == "!b list")
      #expect(try list() == [one, "-"])
      #expect(try build(showsLosses: true) == "!b")
      try write("two", to: "b")
      #expect(try build(showsLosses: true) == "b list")
      #expect(try list() == [one, two])
      #expect(try build(showsLosses: true) == "")
    }
  }

  /// A random history of two files, each of them broken, missing, or with one of some contents.
  @Test("whose results show what is lost writes after each build what a first build would write", arguments: 0..<3)
  func random(_ seed: UInt64) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func choose(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for step in 0..<30 {
      for name in ["a", "b"] where choose(2) == 0 {
        let content: String? = [nil, "broken", "one", "two"][choose(4)]
        try? FileManager.default.removeItem(atPath: path(name))
        if let content { try write(content, to: name) }
      }
      _ = try build(showsLosses: true)
      let expected = ["a", "b"].map { name in
        let content = try? String(contentsOfFile: path(name), encoding: .utf8)
        return content == nil || content == "broken" ? "-" : "\(Fingerprint(of: content ?? ""))"
      }
      #expect(try list() == expected, "seed \(seed), step \(step)")
      #expect(try !build(showsLosses: true).contains("list"), "seed \(seed), step \(step): nothing changed")
    }
  }
}
