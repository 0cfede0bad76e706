/// The engine alone, on graphs of a size that no tree at hand has: files are small and lie in memory, tasks compute values.
///
/// usage: EngineSimulation FOLDER TASKS prepare|first|again
///
/// One task in four reads a file; the other three consume what it found, as a header, a payload and a subskeleton do.
/// `prepare` makes the files, `first` makes the graph and runs every task, `again` takes both from the state. Prints the
/// nanoseconds that the work took.
internal import Bytes
internal import Files
internal import Glibc
internal import Incr

private struct ValueRunner: TaskRunner {
  struct Failed: Error {}

  func run(_ context: TaskContext) throws(Failed) -> TaskOutcome? {
    var encoder = CanonicalEncoder()
    for input in context.inputs {
      encoder.add(input.high)
      encoder.add(input.low)
    }
    return TaskOutcome(results: [encoder.fingerprint])
  }
}

private struct Simulation {
  static let look = Rule(name: "look", version: 1)
  static let make = Rule(name: "make", version: 1)
  static let version = Fingerprint(of: "simulation")

  let folder: String
  let tasks: Int

  private func source(_ number: Int) -> String { "\(folder)/d\(number / 1000)/object\(number).bpf.o" }

  func prepare() throws(FileError) {
    for number in 0..<tasks / 4 {
      if number % 1000 == 0 { try Folders.make(for: source(number)) }
      _ = try AtomicOutput.write(ByteRope("object \(number)"), to: source(number))
    }
  }

  private func graph() throws(GraphError) -> TaskGraph {
    var builder = TaskGraphBuilder()
    let none = ""
    for number in 0..<tasks / 4 {
      let look = try builder.add(
        Simulation.look, name: "object\(number)", parameters: none, inputs: [.file(source(number))], values: 1)
      for kind in ["skel.h", "skel.o", "subskel.h"] {
        _ = try builder.add(
          Simulation.make, name: "gen/object\(number).\(kind)", parameters: none, inputs: [.value(look, 0)], values: 1)
      }
    }
    return try builder.build()
  }

  /// - Parameter isFirst: whether the graph is made, or taken from the state.
  func build(isFirst: Bool) throws -> BuildSummary {
    var store = try StateStore(folder: folder + "/state", waiting: { _ in })
    let graph: TaskGraph
    if isFirst {
      graph = try self.graph()
      store.adopt(graph, version: Simulation.version, inputs: [])
    } else {
      guard let saved = store.graph(version: Simulation.version, file: nil) else { fatalError("there is no state") }
      graph = saved
    }
    var options = BuildOptions()
    options.jobs = 2
    return Build(graph, runner: ValueRunner(), store: store, options: options, tell: { _ in }).run()
  }
}

let words = CommandLine.arguments
guard words.count == 4, let tasks = Int(words[2]), ["prepare", "first", "again"].contains(words[3]) else {
  print("usage: EngineSimulation FOLDER TASKS prepare|first|again")
  exit(2)
}
private let simulation = Simulation(folder: words[1], tasks: tasks)
let start = Clock.monotonicNanos()
switch words[3] {
case "prepare": try simulation.prepare()
case "first":
  let summary = try simulation.build(isFirst: true)
  precondition(summary.ran == tasks, "every task runs once: \(summary)")
default:
  let summary = try simulation.build(isFirst: false)
  precondition(summary.kept == tasks, "no task runs again: \(summary)")
}
print(Clock.monotonicNanos() - start)
