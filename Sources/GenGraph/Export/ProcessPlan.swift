internal import Emit
internal import Files
internal import Incr

/// What a graph file asks for as processes that another build tool runs, one a step.
package struct ProcessPlan: Sendable {
  /// What one process does. Paths are as they are opened from the folder in which the plan was made.
  struct Step: Sendable {
    enum Command: String, Sendable {
      case link, skeleton, subskeleton
      case lightSkeleton = "light-skeleton"
      case minCoreBTF = "min-core-btf"

      /// What makes a header of a kind.
      init(_ kind: HeaderOptions.Kind) {
        switch kind {
        case .selfContained, .split: self = .skeleton
        case .subskeleton: self = .subskeleton
        case .light, .lightSplit: self = .lightSkeleton
        }
      }
    }

    let command: Command
    /// What the command line has beside inputs and outputs: ready words, none of them a path or a text of the user's.
    var options: [String] = []
    var payload: String?
    /// The user's text in the payload's linker names.
    var scope: PayloadScope?
    /// An object of the machine that the payload is for.
    var like: String?
    /// The kernel's BTF that a part of is taken.
    var kernel: String?
    /// Libraries that a link's output is compared with.
    var checked: [String] = []
    /// The inputs of the command line, in its order.
    let inputs: [String]
    let output: String

    /// Options whose values a shell must not read.
    var quotedOptions: [(name: String, value: String)] {
      (scope.map { [("--scope", $0.text)] } ?? []) + pathOptions.map { ($0.name, $0.path) }
    }
    /// Options whose values are paths.
    private var pathOptions: [(name: String, path: String)] {
      (like.map { [("--like", $0)] } ?? []) + (kernel.map { [("--btf", $0)] } ?? [])
        + checked.map { ("--check", $0) }
    }
    /// What is read beside the inputs.
    var otherInputs: [String] { pathOptions.map(\.path).filter { !inputs.contains($0) } }
    var outputs: [String] { [output] + (payload.map { [$0] } ?? []) }
  }

  /// The first graph file, by which the commands name the project, and then those that it includes.
  let graphFiles: [String]
  /// Each after those that make its inputs.
  let steps: [Step]

  package init(_ project: Project) {
    var planner = Planner(project)
    planner.plan()
    graphFiles = project.graphFiles
    steps = planner.steps
  }

  /// Refuses what the tool cannot write down, and files of the tool's own that stand in the way of the graph's.
  ///
  /// - Parameter helpers: the names that the text has beside the graph's.
  func check(for tool: BuildTool, helpers: [String]) throws(ProcessPlanError) {
    var known = Set(graphFiles)
    for step in steps { known.formUnion(step.outputs + step.inputs + step.otherInputs) }
    for path in known.union(helpers).sorted() {
      if let objection = tool.objection(to: path) {
        throw .unnameable(path: path, tool: tool, objection: objection)
      }
    }
    for helper in helpers where !known.insert(helper).inserted { throw .taken(path: helper) }
  }
}

/// Why a graph file cannot be written as another tool's.
package enum ProcessPlanError: Error, Hashable, Sendable {
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
  /// By the final's path, in the graph's order.
  private var checkedLibraries: [PathKey: [String]] = [:]
  private(set) var steps: [ProcessPlan.Step] = []

  init(_ project: Project) {
    self.project = project
    for task in project.graph.tasks {
      switch project.action(task) {
      case .payload(_, _, let output, let like): payloads[project.graph.inputs(task).first!] = (output, like)
      case .check(let library, let final): checkedLibraries[PathKey(final), default: []].append(library)
      default: break
      }
    }
  }

  mutating func plan() {
    for task in project.graph.order {
      switch project.action(task) {
      case .link(let inputs, let output, _):
        let checked = checkedLibraries[PathKey(output)] ?? []
        steps.append(ProcessPlan.Step(command: .link, checked: checked, inputs: inputs, output: output))
      case .header(let spec, let object, let output): addHeader(task, spec, object, output)
      case .minimalBTF(let kernel, let objects, let output):
        steps.append(ProcessPlan.Step(command: .minCoreBTF, kernel: kernel, inputs: objects, output: output))
      case .inspect, .payload, .check, .needs: break
      }
    }
  }

  private mutating func addHeader(
    _ task: TaskID, _ spec: HeaderSpec, _ object: String, _ output: String
  ) {
    let payload = payloads[project.graph.inputs(task).first!]
    var step = ProcessPlan.Step(command: .init(spec.kind), inputs: [object], output: output)
    step.payload = payload?.path
    // A payload in C fits every machine.
    step.like = payload.flatMap { $0.path.hasSuffix(".c") ? nil : $0.like }
    step.scope = spec.scope
    step.options = ["--name", spec.name]
    if spec.assertMembers { step.options.append("--assert-members") }
    if spec.strip { step.options.append("--strip") }
    steps.append(step)
  }
}
