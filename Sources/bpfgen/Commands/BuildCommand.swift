internal import Bytes
internal import Files
internal import GenGraph
internal import Glibc
internal import Incr

extension CommandSpec {
  static let build = CommandSpec(
    name: "build",
    abstract: "Bring all outputs of a graph file up to date, and do nothing else.",
    discussion: """
      Targets are names of the graph file or paths of outputs; without any, everything is built.
      A header is made anew when the layout of its object changed, a payload when its bytes did,
      and either when somebody edited or removed it. Libraries and the finals that they are
      linked into are checked against one another.
      """,
    examples: ["bpfgen build", "bpfgen build -j 8 app", "bpfgen build -n --explain"],
    positionals: [
      Positional(
        name: "target", help: "What to build; everything by default.", kind: .file, isOptional: true, isRepeated: true)
    ],
    options: Option.graph + [
      Option(name: "jobs", short: "j", value: "n", help: "Run this many tasks at once. Default: the number of cores."),
      Option(
        name: "keep-going", short: "k", value: "n",
        help: "Begin no task after this many failures; 0: never stop. Default: 1."),
      Option(name: "dry-run", short: "n", help: "Say what would run, and run nothing."),
      Option(name: "verbose", short: "v", help: "Say each task that runs."),
      Option(name: "quiet", short: "q", help: "Say errors alone."),
      Option(name: "explain", help: "Say why each task runs."),
      Option(
        name: "depfile", value: "file",
        help: "Write all sources and graph files there, as a rule that Ninja, make and CMake read.", kind: .file),
      .stamp, .watchOutputs, .watchInputs, .force,
      Option(name: "no-state", help: "Neither use nor leave what is known of earlier builds: for a sandbox."),
      .declaredInputs, .unusedInputs,
      Option(
        name: "trace", value: "file", help: "Write what ran when there, for Chrome's trace viewer or Perfetto.",
        kind: .file),
      Option(name: "stats", help: "Say where the time went, and how many files and bytes."),
      Option(name: "no-check", help: "Do not check libraries against the finals that they are linked into."),
    ],
    run: { try BuildRun($0).run() })
}

/// One run of `bpfgen build`.
private struct BuildRun {
  private let arguments: ParsedArguments
  private let options: BuildOptions

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    var options = BuildOptions()
    options.jobs = try BuildRun.number(arguments, "jobs", atLeast: 1) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    options.maximumFailures = try BuildRun.number(arguments, "keep-going", atLeast: 0) ?? 1
    options.isDryRun = arguments.has("dry-run")
    if arguments.has("no-check") { options.leftOut = [Project.checkRule] }
    options.isInterrupted = { Interruption.signal != nil }
    // Who says how many jobs there shall be is obeyed, as by make.
    if arguments["jobs"] == nil, let flags = getenv("MAKEFLAGS") {
      options.jobserver = Jobserver(makeFlags: String(cString: flags))
    }
    self.options = options
  }

  private static func number(_ arguments: ParsedArguments, _ option: String, atLeast least: Int) throws(UsageError)
    -> Int?
  {
    guard let text = arguments[option] else { return nil }
    guard let number = Int(text), number >= least, number <= 10_000 else {
      throw UsageError(what: "'--\(option)' does not take '\(text)'", hint: "a number from \(least) to 10000")
    }
    return number
  }

  func run() throws {
    Interruption.catchSignals()
    guard !arguments.positionals.isEmpty else { return try run(try BuildFolder.open(arguments), targets: nil) }
    // Names of targets are read from the graph file itself.
    let project = try GraphInputs.project(arguments)
    let targets = try arguments.positionals.flatMap { try tasks($0, project) }
    try run(try BuildFolder.open(arguments, project), targets: targets)
  }

  private func run(_ build: consuming ProjectBuild, targets: [TaskID]?) throws {
    if build.wasDamaged {
      Terminal.writeError("bpfgen: warning: the state of earlier builds is damaged; it is made anew\n")
    }
    // Both are long lists of texts, and most builds have no use for them.
    try checkPlaces(build)
    let wantsOutputs = arguments["depfile"] != nil
    let outputs = wantsOutputs ? build.outputs(targets: targets) : []
    let leaves = wantsOutputs || arguments["unused-inputs-list"] != nil ? build.leaves(targets: targets) : []
    let report = BuildReport(build.graph, arguments)
    let summary = build.run(
      targets: targets, options: options, replacesAnything: arguments.has("force"), kept: report.kept,
      tell: { report.tell($0) })
    report.finish(summary)
    if let trace = arguments["trace"], let text = report.traceText {
      try Outputs.write(ByteRope(text), to: trace, over: FileMark("{\"displayTimeUnit\""), arguments)
    }
    if summary.wasInterrupted { throw Interruption.failure }
    if summary.failed > 0 { throw Failure(status: 1) }
    guard !options.isDryRun else { return }
    try Outputs.writeUnused(arguments, inputs: leaves)
    try Outputs.finish(arguments, outputs: outputs, inputs: leaves)
  }

  /// Refuses to write over what the build reads or makes.
  private func checkPlaces(_ build: borrowing ProjectBuild) throws {
    let others = ["trace", "unused-inputs-list"].compactMap { arguments[$0] }
    guard !others.isEmpty || arguments["depfile"] != nil || arguments["stamp"] != nil else { return }
    try Outputs.checkPlaces(
      arguments, outputs: others,
      inputs: build.leaves(targets: nil) + build.outputs(targets: nil))
  }

  private func tasks(_ target: String, _ project: Project) throws(Failure) -> [TaskID] {
    guard let tasks = project.tasks(target: target) else { throw GraphInputs.unknown(target, project) }
    return tasks
  }
}
