/// The engine by itself, on graphs larger than any available tree: files are small and in memory, tasks compute values.
///
/// usage: EngineSimulation FOLDER SHAPE TASKS prepare|first|again
///
/// Shapes: in a `tree` one task in four reads a file, and the other three consume what it found, as a header, a payload and a
/// subskeleton do. In a `deep` graph each task consumes the value of the one before, in a `fan-out` all consume that of the
/// first, in a `fan-in` the last consumes those of all others.
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

enum Shape: String {
  case tree, deep
  case fanOut = "fan-out"
  case fanIn = "fan-in"
}

private struct Simulation {
  static let look = Rule(name: "look", version: 1)
  static let make = Rule(name: "make", version: 1)
  static let version = Fingerprint(of: "simulation")

  let folder: String
  let shape: Shape
  let tasks: Int

  private func source(_ number: Int) -> String { "\(folder)/d\(number / 1000)/object\(number).bpf.o" }

  func prepare() throws(FileError) {
    for number in 0..<(shape == .tree ? tasks / 4 : 1) {
      if number % 1000 == 0 { try Folders.make(for: source(number)) }
      _ = try AtomicOutput.write(ByteRope("object \(number)"), to: source(number))
    }
  }

  private func graph() throws(GraphError) -> TaskGraph {
    var builder = TaskGraphBuilder()
    func add(_ rule: Rule, _ name: String, _ inputs: [TaskGraphBuilder.Input]) throws(GraphError) -> TaskID {
      try builder.add(rule, name: name, parameters: "", inputs: inputs, values: 1)
    }
    if shape == .tree {
      for number in 0..<tasks / 4 {
        let look = try add(Simulation.look, "object\(number)", [.file(source(number))])
        for kind in ["skel.h", "skel.o", "subskel.h"] {
          _ = try add(Simulation.make, "gen/object\(number).\(kind)", [.value(look, 0)])
        }
      }
      return try builder.build()
    }
    let first = try add(Simulation.look, "object0", [.file(source(0))])
    var made = [first]
    for number in 1..<tasks {
      let inputs: [TaskGraphBuilder.Input] =
        switch shape {
        case .tree, .fanOut: [.value(first, 0)]
        case .deep: [.value(made[number - 1], 0)]
        case .fanIn: number == tasks - 1 ? made.map { .value($0, 0) } : []
        }
      made.append(try add(Simulation.make, "gen/object\(number)", inputs))
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
    return Build(graph, runner: ValueRunner(), store: store, options: options, onEvent: { _ in }).run()
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let shape = Shape(rawValue: arguments[2]), let tasks = Int(arguments[3]), tasks >= 4,
  ["prepare", "first", "again"].contains(arguments[4])
else {
  print("usage: EngineSimulation FOLDER tree|deep|fan-out|fan-in TASKS prepare|first|again")
  exit(2)
}
private let simulation = Simulation(folder: arguments[1], shape: shape, tasks: tasks)
let start = Clock.monotonicNanos()
switch arguments[4] {
case "prepare": try simulation.prepare()
case "first":
  let summary = try simulation.build(isFirst: true)
  precondition(summary.ran == tasks, "every task runs once: \(summary)")
default:
  let summary = try simulation.build(isFirst: false)
  precondition(summary.kept == tasks, "no task runs again: \(summary)")
}
print(Clock.monotonicNanos() - start)
