import Bytes
import Foundation
import Incr
import Testing

/// Graphs far deeper and wider than real ones, which reveal recursion and linear searches in the engine.
@Suite("A graph of 30,000 tasks")
struct GraphShapeTests {
  private static let count = 30_000

  enum Shape: String, CaseIterable {
    /// Each task consumes the previous one.
    case chain
    /// The last task consumes all others.
    case fanIn
    /// All tasks consume the first one.
    case fanOut
    /// The last task consumes all others twice.
    case fanInTwice

    func graph(_ count: Int) throws -> TaskGraph {
      var builder = TaskGraphBuilder()
      var tasks: [TaskID] = []
      for number in 0..<count {
        let producers: [TaskID] =
          switch self {
          case .chain: tasks.last.map { [$0] } ?? []
          case .fanOut: tasks.first.map { [$0] } ?? []
          case .fanIn: number == count - 1 ? tasks : []
          case .fanInTwice: number == count - 1 ? tasks + tasks : []
          }
        tasks.append(
          try builder.add(
            Rule(name: "value", version: 1), name: "\(number)", parameters: "",
            inputs: producers.map { .value($0, 0) }, values: 1))
      }
      return try builder.build()
    }

    /// How many tasks cannot run if the first fails.
    func lost(_ count: Int) -> Int {
      switch self {
      case .chain, .fanOut: count - 1
      case .fanIn, .fanInTwice: 1
      }
    }
  }

  private struct ValueRunner: TaskRunner {
    struct Failed: Error {}
    let failing: String?

    func run(_ context: TaskContext) throws(Failed) -> TaskOutcome? {
      guard context.graph.name(context.task) != failing else { throw Failed() }
      return TaskOutcome(results: [Fingerprint(of: "")], product: 0)
    }
  }

  private func build(_ graph: TaskGraph, failing: String? = nil) -> BuildSummary {
    var options = BuildOptions()
    options.jobs = 2
    options.maximumFailures = 0
    let build = Build(graph, runner: ValueRunner(failing: failing), store: StateStore(), options: options) { _ in }
    return build.run()
  }

  @Test(
    "is built, and what needs a task that failed is left out, without an end of the stack", arguments: Shape.allCases)
  func ends(_ shape: Shape) throws {
    let graph = try shape.graph(Self.count)
    #expect(build(graph).ran == Self.count)
    let failed = build(graph, failing: "0")
    #expect(failed.failed == 1)
    #expect(failed.skipped == shape.lost(Self.count))
    #expect(failed.ran == Self.count - 1 - failed.skipped)
  }

  @Test("takes time proportional to tasks and inputs, whatever the shape")
  func linear() throws {
    func seconds(_ shape: Shape) throws -> Double {
      let graph = try shape.graph(Self.count)
      let start = ContinuousClock.now
      _ = build(graph)
      let time = start.duration(to: .now).components
      return Double(time.seconds) + Double(time.attoseconds) / 1e18
    }
    let chain = try seconds(.chain)
    // A search through all inputs for each input takes 1,000 times as long.
    for shape in [Shape.fanIn, .fanOut, .fanInTwice] {
      let time = try seconds(shape)
      #expect(time < 10 * chain, "\(shape): \(time) s, a chain: \(chain) s")
    }
  }
}
