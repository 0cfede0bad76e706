internal import Emit
internal import Incr

/// What a graph file asks for as processes that another build tool runs, one a step.
public struct ProcessPlan: Sendable {
  /// What one process does. Paths are as they are opened from the folder in which the plan was made.
  struct Step: Sendable {
    enum Command: String, Sendable {
      case link, skeleton, subskeleton, check
    }

    let command: Command
    /// What the command line has beside inputs and outputs: ready words, none of them a path.
    var options: [String] = []
    var payload: String?
    /// An object of the machine that the payload is for.
    var like: String?
    /// The inputs of the command line, in its order; of a check the graph file.
    let inputs: [String]
    /// What is read beside them.
    var otherInputs: [String] = []
    /// What must have gone well before, though nothing of it is read.
    var after: [String] = []
    /// What the command line calls the output; of a check the file that says when it last went well.
    let output: String

    var outputs: [String] { [output] + (payload.map { [$0] } ?? []) }
  }

  /// The first graph file, by which the commands name the project, and then those that it includes.
  let graphFiles: [String]
  /// Each after those that make its inputs; the check is the last.
  let steps: [Step]

  var graphFile: String { graphFiles[0] }

  public init(_ project: Project) {
    var planner = Planner(project)
    planner.plan()
    graphFiles = project.graphFiles
    steps = planner.steps
  }

  /// Refuses what the tool cannot write down, and files of the tool's own that stand in the way of the graph's.
  ///
  /// - Parameter helpers: the names that the text has beside the graph's.
  func check(for tool: BuildTool, helpers: [String]) throws(ProcessPlanError) {
    let own = steps.filter { $0.command == .check }.map(\.output) + helpers
    var known = Set(graphFiles)
    for step in steps where step.command != .check { known.formUnion(step.outputs + step.inputs + step.otherInputs) }
    for path in known.union(own).sorted() {
      if let objection = tool.objection(to: path) {
        throw .unnameable(path: path, tool: tool, objection: objection)
      }
    }
    for helper in own where !known.insert(helper).inserted { throw .taken(path: helper) }
  }
}

/// Why a graph file cannot be written as another tool's.
public enum ProcessPlanError: Error, Hashable, Sendable {
  /// - Parameter objection: what of the path the tool's syntax cannot carry.
  case unnameable(path: String, tool: BuildTool, objection: String)
  /// The graph has a file where the tool needs one of its own.
  case taken(path: String)
}

/// Makes steps of a project's tasks: what is one task for a header and one for its payload is one process.
private struct Planner {
  private typealias Payload = (path: String, like: String?)

  private let project: Project
  /// By the value that the header and its payload consume: the layout id.
  private var payloads: [UInt32: Payload] = [:]
  /// Libraries and finals that are compared, in the graph's order.
  private var checkedObjects: [String] = []
  private var isChecked: Set<PathKey> = []
  private(set) var steps: [ProcessPlan.Step] = []

  private var graphFile: String { project.graphFiles[0] }
  private var stamp: String { graphFile + ".checked" }

  init(_ project: Project) {
    self.project = project
    for task in project.graph.tasks {
      switch project.action(task) {
      case .payload(_, _, let output, let like, _): payloads[project.graph.inputs(task).first!] = (output, like)
      case .check(let library, let final):
        for object in [library, final] where isChecked.insert(PathKey(object)).inserted {
          checkedObjects.append(object)
        }
      default: break
      }
    }
  }

  mutating func plan() {
    for task in project.graph.order {
      switch project.action(task) {
      case .link(let inputs, let output, _):
        steps.append(ProcessPlan.Step(command: .link, inputs: inputs, output: output))
      case .header(let spec, let object, let output): addHeader(task, spec, object, output)
      case .inspect, .payload, .check: break
      }
    }
    guard !checkedObjects.isEmpty else { return }
    steps.append(
      ProcessPlan.Step(
        command: .check, inputs: [graphFile], otherInputs: project.graphFiles.dropFirst() + checkedObjects,
        output: stamp))
  }

  private mutating func addHeader(
    _ task: TaskID, _ spec: TaskAction.HeaderSpec, _ object: String, _ output: String
  ) {
    let payload = payloads[project.graph.inputs(task).first!]
    // A payload in C fits every machine.
    let like = payload.flatMap { $0.path.hasSuffix(".c") ? nil : $0.like }
    var step = ProcessPlan.Step(
      command: spec.kind == .subskeleton ? .subskeleton : .skeleton, inputs: [object], output: output)
    step.payload = payload?.path
    step.like = like
    step.otherInputs = like.map { [$0] } ?? []
    step.options = ["--name", spec.name]
    if spec.assertMembers { step.options.append("--assert-members") }
    if spec.strip { step.options.append("--strip") }
    // Whoever needs only the header must hear of a disagreement too.
    if isChecked.contains(PathKey(object)) { step.after = [stamp] }
    steps.append(step)
  }
}
