internal import Emit
internal import Files
internal import Incr

/// A graph file as processes that another build tool runs, one per step.
package struct ProcessPlan: Sendable {
  /// A process. Its paths are relative to the folder in which the plan was made.
  struct Step: Sendable {
    enum Command: String, Sendable {
      case link, skeleton, subskeleton
      case lightSkeleton = "light-skeleton"
      case minCoreBTF = "min-core-btf"
      case checkKernels = "check-kernels"

      /// The command for a kind of header.
      init(_ kind: HeaderOptions.Kind) {
        switch kind {
        case .selfContained, .split: self = .skeleton
        case .subskeleton: self = .subskeleton
        case .light, .lightSplit: self = .lightSkeleton
        }
      }
    }

    let command: Command
    /// Arguments except inputs and outputs, none of which is a path or a text from the user.
    var options: [String] = []
    var payload: String?
    /// The scope in the payload's linker names.
    var scope: PayloadScope?
    /// An object for the machine of the payload.
    var like: String?
    /// The kernel's BTF for minimal BTF.
    var kernel: String?
    /// Libraries to compare a link's output with.
    var checked: [String] = []
    /// All of the graph's checks against kernels, which are one step: a kernel is read once for all objects.
    var kernelChecks: KernelChecks?
    /// The inputs, in the order of the command line.
    let inputs: [String]
    let output: String

    /// Options whose values must be quoted for a shell.
    var quotedOptions: [(name: String, value: String)] {
      (scope.map { [("--scope", $0.text)] } ?? []) + pathOptions.map { ($0.name, $0.path) }
    }
    /// Options whose values are paths.
    private var pathOptions: [(name: String, path: String)] {
      (like.map { [("--like", $0)] } ?? []) + (kernel.map { [("--btf", $0)] } ?? [])
        + checked.map { ("--check", $0) }
    }
    /// The files that are read in addition to the inputs.
    var otherInputs: [String] { pathOptions.map(\.path).filter { !inputs.contains($0) } }
    var outputs: [String] { [output] + (payload.map { [$0] } ?? []) + (kernelChecks?.reports ?? []) }
  }

  /// The checks of a graph against kernels. The objects are the step's inputs, and its output is touched.
  struct KernelChecks: Sendable {
    let graphFile: String
    /// The folder in which the step records what kernels answered.
    let state: String
    let reports: [String]
    /// The graph files, kernels, folders of kernels and baselines, for tools to which the step does not report what it read.
    let sources: [String]
    /// Those of them whose absence is the step's error: all but the graph files.
    let optional: [String]
  }

  /// The main graph file, which the commands use to refer to the project, and then the files that it includes.
  let graphFiles: [String]
  /// Each after the steps that make its inputs.
  let steps: [Step]

  package init(_ project: Project) {
    var planner = Planner(project)
    planner.plan()
    graphFiles = project.graphFiles
    steps = planner.steps
  }

  /// Refuses paths that the tool cannot express, and paths that conflict with the tool's own files.
  ///
  /// - Parameter helpers: the names that the text uses in addition to the graph's.
  func check(for tool: BuildTool, helpers: [String]) throws(ProcessPlanError) {
    var known = Set(graphFiles)
    for step in steps {
      known.formUnion(step.outputs + step.inputs + step.otherInputs)
      if tool == .make { known.formUnion(step.kernelChecks?.sources ?? []) }
    }
    for path in known.union(helpers).sorted() {
      if let objection = tool.objection(to: path) {
        throw .unnameable(path: path, tool: tool, objection: objection)
      }
    }
    for helper in helpers where !known.insert(helper).inserted { throw .taken(path: helper) }
  }
}

extension Project {
  /// Whether some task compares an object with kernels.
  var hasKernelChecks: Bool { graph.rules.contains(ProjectRule.kernelCheck.rule) }
}

/// Why a graph file cannot be written as another tool's.
package enum ProcessPlanError: Error, Hashable, Sendable {
  /// - Parameter objection: the part of the path that the tool's syntax cannot express.
  case unnameable(path: String, tool: BuildTool, objection: String)
  /// The graph has a file with a name that the tool needs.
  case taken(path: String)
}

/// Turns a project's tasks into steps: the tasks for a header and for its payload become one process.
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
      case .inspect, .payload, .check, .needs, .kernelNeeds, .kernel, .kernelCheck: break
      }
    }
    if project.hasKernelChecks { addKernelChecks() }
  }

  private mutating func addKernelChecks() {
    var (objects, sources, reports) = ([String](), [String](), [String]())
    for task in project.graph.tasks {
      guard case .kernelCheck(_, let object, let kernels, let baseline, let report) = project.action(task) else {
        continue
      }
      objects.append(object)
      sources += kernels.flatMap { $0 } + (baseline.map { [$0] } ?? [])
      reports += report.map { [$0] } ?? []
    }
    let output = Paths.join(project.root, "\(ProjectBuild.stateFolder)/\(project.name).kernels")
    var step = ProcessPlan.Step(command: .checkKernels, inputs: Planner.unique(objects), output: output)
    step.kernelChecks = ProcessPlan.KernelChecks(
      graphFile: project.graphFiles[0], state: output + ".state", reports: reports,
      sources: Planner.unique(project.graphFiles + sources + project.kernelFolders),
      optional: Planner.unique(sources + project.kernelFolders))
    steps.append(step)
  }

  /// The paths, each at its first position.
  private static func unique(_ paths: [String]) -> [String] {
    var known: Set<PathKey> = []
    return paths.filter { known.insert(PathKey($0)).inserted }
  }

  private mutating func addHeader(
    _ task: TaskID, _ spec: HeaderSpec, _ object: String, _ output: String
  ) {
    let payload = payloads[project.graph.inputs(task).first!]
    var step = ProcessPlan.Step(command: .init(spec.kind), inputs: [object], output: output)
    step.payload = payload?.path
    // A C payload works on every machine.
    step.like = payload.flatMap { $0.path.hasSuffix(".c") ? nil : $0.like }
    step.scope = spec.scope
    step.options = ["--name", spec.name]
    if spec.assertMembers { step.options.append("--assert-members") }
    if spec.strip { step.options.append("--strip") }
    steps.append(step)
  }
}
