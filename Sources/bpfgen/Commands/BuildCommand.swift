internal import Bytes
internal import Files
internal import GenGraph
internal import Glibc
internal import Incr

extension Command {
  static let build = Command(
    name: "build", purpose: .build,
    abstract: "Bring all outputs of a graph file up to date.",
    discussion: """
      A header is rewritten when the layout of its object changed, a payload when its bytes did, and
      either when it was edited or removed. Libraries are checked against the finals that contain
      them. A target is a name in the graph file, or the path of an output; without targets,
      everything is built.
      """,
    examples: [
      "bpfgen build",
      "bpfgen build -j 8 app",
      "bpfgen build -n --explain",
    ]
  ) { declare in
    let targets = declare.repeatedArgument(
      .file("target"), help: "A name in the graph file, or the path of an output. Default: everything.",
      isOptional: true)
    let graph = GraphOptions.declare(&declare)
    let jobs = declare.optional(
      Option("jobs", short: "j", .count(1...10_000), help: "Run this many tasks at once. Default: the number of cores.")
    )
    let keepGoing = declare.optional(
      Option(
        "keep-going", short: "k", .count(0...10_000),
        help: "Start no more tasks after this many failures; 0: continue. Default: 1."))
    let dryRun = declare.flag(Flag("dry-run", short: "n", help: "Print what would run, and run nothing."))
    let verbose = declare.flag(Flag("verbose", short: "v", help: "Print each task that runs."))
    let quiet = declare.flag(Flag("quiet", short: "q", help: "Print errors only."))
    let explain = declare.flag(Flag("explain", help: "Print why each task runs."))
    let step = StepOptions.declare(
      &declare,
      depfile: Option(
        "depfile", .file(), help: "Write all sources and graph files, as a depfile for Ninja, make and CMake.")
    )
    let noState = declare.flag(
      Flag("no-state", help: "Neither read nor write the state of earlier builds, for a sandbox."))
    let lists = InputLists.declare(&declare)
    let trace = declare.optional(
      Option("trace", .file(), help: "Write what ran when, for Chrome's trace viewer or Perfetto."))
    let stats = declare.flag(Flag("stats", help: "Print times, and numbers of files and bytes."))
    let noCheck = declare.flag(
      Flag(
        "no-check", help: "Check neither libraries against the finals that contain them nor objects against kernels."))
    declare.beforeRunning { parsed, console in console.isQuiet = parsed[quiet] }
    return { (parsed, console) throws(CommandError) in
      var options = BuildOptions.ofCommand(jobs: parsed[jobs], maximumFailures: parsed[keepGoing] ?? 1)
      options.isDryRun = parsed[dryRun]
      if parsed[noCheck] { options.leftOut = Project.checkRules }
      let report = BuildReport.Options(
        isVerbose: parsed[verbose], explains: parsed[explain], isDryRun: parsed[dryRun],
        hasStatistics: parsed[stats], hasTrace: parsed[trace] != nil)
      try BuildRun(
        targets: parsed[targets], graph: parsed[graph], options: options, report: report, step: parsed[step],
        isStateless: parsed[noState], lists: parsed[lists], trace: parsed[trace], console: console
      ).run()
    }
  }
}

extension BuildOptions {
  /// What commands that build have in common: interrupts end the build, and jobs are the machine's cores or make's.
  static func ofCommand(jobs: Int?, maximumFailures: Int) -> BuildOptions {
    var options = BuildOptions()
    options.jobs = jobs ?? Threads.processors
    options.maximumFailures = maximumFailures
    options.isInterrupted = { Interruption.signal != nil }
    // A user who says how many jobs there shall be is obeyed, as by make.
    if jobs == nil, let flags = unsafe getenv("MAKEFLAGS") {
      options.jobserver = unsafe Jobserver(makeFlags: String(cString: flags))
    }
    return options
  }
}

/// One run of `bpfgen build`.
private struct BuildRun {
  let targets: [String]
  let graph: GraphOptions
  let options: BuildOptions
  let report: BuildReport.Options
  let step: StepOptions
  let isStateless: Bool
  let lists: InputLists
  let trace: String?
  let console: Console

  private var outputs: Outputs { Outputs(step, console) }

  func run() throws(CommandError) {
    Interruption.catchSignals()
    guard !targets.isEmpty else { return try run(try open(), targets: nil) }
    // Target names are only in the graph file itself.
    let project = try GraphInputs.project(graph)
    var tasks: [TaskID] = []
    for target in targets {
      guard let found = project.tasks(target: target) else { throw GraphInputs.unknown(target, project) }
      tasks += found
    }
    try run(try open(project), targets: tasks)
  }

  /// - Parameter project: the project, if it was read already.
  private func open(_ project: Project? = nil) throws(CommandError) -> ProjectBuild {
    guard isStateless else { return try BuildFolder.open(graph, project, console) }
    if let project { return ProjectBuild(stateless: project) }
    return ProjectBuild(stateless: try GraphInputs.project(graph))
  }

  private func run(_ build: consuming ProjectBuild, targets: [TaskID]?) throws(CommandError) {
    if build.wasDamaged { BuildReport.warnOfDamage(console) }
    // These are long lists of paths, which most builds do not need.
    try checkPaths(build)
    let wantsOutputs = step.depfile != nil
    let made = wantsOutputs ? build.outputs(targets: targets) : []
    let leaves = wantsOutputs || lists.unused != nil ? build.leaves(targets: targets) : []
    let report = BuildReport(build.graph, report, console)
    let summary: BuildSummary
    do throws(ProjectBuild.Failure) {
      summary = try build.run(
        targets: targets, options: options, replacesAnything: step.force, kept: report.kept,
        restarted: report.restart, onEvent: { report.report($0) })
    } catch { throw BuildFolder.failure(error, graph) }
    report.finish(summary)
    if let trace, let text = report.traceText {
      try outputs.write(ByteRope(text), to: trace, over: FileMarker("{\"displayTimeUnit\""))
    }
    if summary.wasInterrupted { throw Interruption.failure }
    if summary.failed > 0 { throw CommandError.ended(status: 1) }
    guard !options.isDryRun else { return }
    try outputs.writeUnused(lists, inputs: leaves)
    try outputs.finish(outputs: made, inputs: leaves)
  }

  /// Refuses to overwrite what the build reads or makes.
  private func checkPaths(_ build: borrowing ProjectBuild) throws(CommandError) {
    let others = [trace, lists.unused].compactMap { $0 }
    guard !others.isEmpty || step.depfile != nil || step.stamp != nil else { return }
    try outputs.checkPaths(outputs: others, inputs: build.leaves(targets: nil) + build.outputs(targets: nil))
  }
}
