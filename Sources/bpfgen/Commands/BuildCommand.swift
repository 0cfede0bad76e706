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
      Positional(name: "target", help: "What to build; everything by default.", isOptional: true, isRepeated: true)
    ],
    options: [
      .graphFile,
      Option(name: "directory", short: "C", value: "folder", help: "Go to this folder first."),
      Option(name: "jobs", short: "j", value: "n", help: "Run this many tasks at once. Default: the number of cores."),
      Option(
        name: "keep-going", short: "k", value: "n",
        help: "Begin no task after this many failures; 0: never stop. Default: 1."),
      Option(name: "dry-run", short: "n", help: "Say what would run, and run nothing."),
      Option(name: "verbose", short: "v", help: "Say each task that runs."),
      Option(name: "quiet", short: "q", help: "Say errors alone."),
      Option(name: "explain", help: "Say why each task runs."),
      Option(name: "no-check", help: "Do not check libraries against the finals that they are linked into."),
    ],
    run: { try BuildRun($0).run() })
}

/// One run of `bpfgen build`.
private struct BuildRun {
  private let arguments: ParsedArguments
  private let options: Build<LazyRunner>.Options

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    var options = Build<LazyRunner>.Options()
    options.jobs = try BuildRun.number(arguments, "jobs", atLeast: 1) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    options.maximumFailures = try BuildRun.number(arguments, "keep-going", atLeast: 0) ?? 1
    options.isDryRun = arguments.has("dry-run")
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
    if let folder = arguments["directory"], chdir(folder) != 0 {
      throw Failure(Diagnostic(.system(path: folder, operation: "enter", errno: errno)), status: 2)
    }
    let (build, targets) = try load(arguments["file"] ?? GraphInputs.defaultPath)
    let report = BuildReport(build.graph, arguments)
    let summary: Build<LazyRunner>.Summary
    do throws(FileError) {
      summary = try build.run(
        targets: targets, options: options,
        waiting: { Terminal.writeError("bpfgen: waiting for \($0), which builds in this folder\n") },
        damaged: { Terminal.writeError("bpfgen: warning: the state of earlier builds is damaged; it is made anew\n") },
        tell: { report.tell($0) })
    } catch { throw Failure(Diagnostic(error)) }
    report.finish(summary)
    if summary.failed > 0 { throw Failure(status: 1) }
  }

  /// The graph, and the tasks that the targets stand for; names of targets are read from the graph file itself.
  private func load(_ path: String) throws -> (ProjectBuild, [TaskID]?) {
    let checks = !arguments.has("no-check")
    let project: Project
    do throws(GraphFileError) {
      if arguments.positionals.isEmpty { return (try ProjectBuild(graphFile: path, checks: checks), nil) }
      project = try Project(graphFile: path, checks: checks)
    } catch { throw GraphInputs.failure(error, isDefault: arguments["file"] == nil) }
    return (ProjectBuild(project), try arguments.positionals.flatMap { try tasks($0, project) })
  }

  private func tasks(_ target: String, _ project: Project) throws(Failure) -> [TaskID] {
    guard let tasks = project.tasks(target: target) else { throw GraphInputs.unknown(target, project) }
    return tasks
  }
}
