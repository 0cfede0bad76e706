internal import BPF
internal import Files
internal import GenGraph
internal import Glibc
internal import GraphView
internal import Incr

extension Command {
  static let checkKernels = Command(
    name: "check-kernels", purpose: .inspect,
    abstract: "List which kernels will load objects, by the kernels' BTF.",
    discussion: """
      For each object and kernel: whether the kernel has what CO-RE relocations, kernel functions
      and variables, attach targets with their arguments, and struct_ops need. Code that a program
      cannot reach on a kernel, because of a test such as bpf_core_field_exists(), does not fail: the
      object is "guarded" there. If that depends on a variable that is set when the object is loaded, or
      on what the kernel's verifier knows, the object "may fail".

      --state makes it a step of a build: it records the results, checks again only what changed, and
      prints objects that a kernel cannot load as errors. With --graph, it checks the kernel_checks
      of a graph file.

      --btf accepts files, shell patterns and folders. In a folder and those below it, each file *.btf
      or vmlinux is a kernel. The other files next to a vmlinux are its modules. A kernel's version,
      which LINUX_KERNEL_VERSION is compared with, is in the name of its file or folder. A kernel that
      cannot be read is an error, and the objects are checked against the others.

      The verifier may refuse an object for other reasons: docs/check-kernels.md names them.
      """,
    examples: [
      "bpfgen check-kernels --btf 'kernels/*.btf' app.bpf.o",
      "bpfgen check-kernels --btf btfhub/ubuntu --btf vmlinux.btf --exit-code app.bpf.o",
      "bpfgen check-kernels --btf kernels --format json app.bpf.o >known.json",
      "bpfgen check-kernels --btf kernels --format html app.bpf.o >kernels.html",
      "bpfgen check-kernels --btf kernels --exit-code --baseline known.json app.bpf.o",
    ]
  ) { declare in
    let objects = declare.repeatedArgument(.object, help: "Objects that programs load.", isOptional: true)
    let kernels = declare.repeated(
      Option("btf", .file(), help: "A kernel's BTF, a folder or a pattern. May be repeated."))
    let graph = declare.optional(
      Option(
        "graph", .file(), help: "With --state, instead of objects and --btf: the kernel_checks of this graph file."))
    let format = declare.optional(
      Option<KernelReportFormat>(
        "format", .choice("format"), help: "text (the default) or html for people, json for programs, sarif for CI."))
    let exitCode = declare.flag(
      Flag("exit-code", help: "Exit with status 1 if an object fails, or may fail, on a kernel."))
    let baseline = declare.optional(
      Option(
        "baseline", .file(), help: "A report of --format json: its failures are known, and only new ones are errors."))
    let jobs = declare.optional(
      Option(
        "jobs", short: "j", .count(1...10_000), help: "Read this many kernels at once. Default: the number of cores."))
    let quiet = declare.flag(Flag("quiet", short: "q", help: "Print errors only: objects that fail or may fail."))
    let state = declare.optional(
      Option(
        "state", .folder,
        help: "Record in this folder what kernels answer, check again only what changed, and print errors only."))
    let verbose = declare.flag(Flag("verbose", short: "v", help: "With --state: print what is checked again."))
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      let outputs = Outputs(parsed[step], console)
      if let graph = parsed[graph] {
        guard let state = parsed[state], !console.isWorker else {
          throw CommandError.usage("'--graph' needs '--state', outside of a worker", hint: "add --state <folder>")
        }
        guard parsed[objects].isEmpty, parsed[kernels].isEmpty, parsed[baseline] == nil, parsed[format] == nil else {
          throw CommandError.usage(
            "'--graph' cannot be used together with objects, '--btf', '--baseline' and '--format'",
            hint: "remove them: they are in the graph file")
        }
        try outputs.checkPaths(outputs: [], inputs: [graph])
        let inputs = try KernelChecks(jobs: parsed[jobs], state: state, isVerbose: parsed[verbose], console: console)
          .run { () throws(GraphFileError) in try Project(kernelChecksOf: graph) }
        return try outputs.finish(outputs: [], inputs: inputs)
      }
      guard !parsed[kernels].isEmpty else {
        throw CommandError.usage("'--btf' is missing", hint: "name the kernels' BTF, or a graph file with --graph")
      }
      guard !parsed[objects].isEmpty else {
        throw CommandError.usage("<object> is missing", hint: "name objects, or a graph file with --graph")
      }
      let arguments = KernelArguments(parsed[kernels])
      let (files, paths) = (arguments.kernels, parsed[objects])
      let inputs = paths + files.flatMap(\.paths) + arguments.folders + (parsed[baseline].map { [$0] } ?? [])
      try outputs.checkPaths(outputs: [], inputs: inputs)
      if let state = parsed[state] {
        if console.isWorker {
          throw CommandError.usage("a worker's steps cannot use '--state'", hint: "remove it")
        }
        if parsed[format] != nil {
          throw CommandError.usage("'--state' and '--format' cannot be used together", hint: "remove one of them")
        }
        let known = parsed[baseline]
        _ = try KernelChecks(
          jobs: parsed[jobs], state: state, isVerbose: parsed[verbose], console: console,
          arguments: parsed[kernels] + paths
        ).run { () throws(GraphFileError) in
          try Project("check-kernels", checking: paths, against: files, baseline: known)
        }
        return try outputs.finish(outputs: [], inputs: inputs)
      }
      if files.count > 1 { FreedMemory.keep() }
      let known = try parsed[baseline].map(KernelBaseline.init(path:))
      // Only the thread of a worker's step has the step's folder.
      let jobs = console.isWorker ? 1 : parsed[jobs] ?? Threads.processors
      let runs = KernelRuns(objects: paths, kernels: files, jobs: jobs)
      let check = known?.compared(with: runs.check) ?? runs.check
      console.report(MissingPath.suggest(for: runs.failures, arguments: parsed[kernels] + paths))
      if parsed[quiet], parsed[format] == nil {
        for object in check.objects where object.worstNew >= .possible {
          console.report([Diagnostic(object.path, check.ofObjects { $0.path == object.path })])
        }
      }
      switch parsed[format] ?? (parsed[quiet] ? nil : .text) {
      case nil: break
      case .text: console.write(KernelReport.text(check))
      case .html: console.write(check.page())
      case .json: console.write(check.json())
      case .sarif: console.write(KernelReport.sarif(check, objectFailures: runs.objectFailures))
      }
      guard runs.failures.isEmpty else { throw CommandError.ended(status: 1) }
      if parsed[exitCode], check.worstNew >= .possible { throw CommandError.ended(status: 1) }
      try outputs.finish(outputs: [], inputs: inputs)
    }
  }
}

enum KernelReportFormat: String, CaseIterable {
  case text, html, json, sarif
}

/// The kernels of some files, folders and patterns.
private struct KernelArguments {
  /// In the order of their versions.
  let kernels: [KernelFile]
  /// The folders that another kernel would be found in.
  let folders: [String]

  init(_ patterns: [String]) {
    let paths = patterns.flatMap { pattern in
      guard FilePatterns.isPattern(pattern) else { return [pattern] }
      // The others are checked: that it matches nothing is the error of a kernel of this name.
      let files = FilePatterns.matches(pattern)
      return files.isEmpty ? [pattern] : files
    }
    let found = KernelFiles.all(paths)
    kernels = found.kernels
    folders = Set(found.folders + patterns.filter(FilePatterns.isPattern).flatMap(FilePatterns.folders)).sorted()
  }
}

/// A check that is a build of its own: only what changed since the last one is asked again.
private struct KernelChecks {
  let jobs: Int?
  let state: String
  let isVerbose: Bool
  let console: Console
  /// The paths on the command line; `nil` if a graph file has them.
  var arguments: [String]?

  /// - Returns: all files and folders that it depends on.
  func run(_ read: () throws(GraphFileError) -> Project) throws(CommandError) -> [String] {
    Interruption.catchSignals()
    let build: ProjectBuild
    do throws(ProjectBuild.Failure) {
      let project: Project
      do throws(GraphFileError) {
        project = try read()
      } catch { throw .graphFile(error) }
      build = try ProjectBuild(project, stateFolder: state, waiting: BuildFolder.waiting(console))
    } catch { throw BuildFolder.failure(error, GraphOptions(file: state)) }
    let inputs = build.leaves(targets: nil)
    if build.wasDamaged { BuildReport.warnOfDamage(console) }
    console.isQuiet = true
    let report = BuildReport(
      build.graph,
      BuildReport.Options(
        isVerbose: isVerbose, explains: false, isDryRun: false, hasStatistics: false, hasTrace: false,
        arguments: arguments),
      console)
    let summary: BuildSummary
    do throws(ProjectBuild.Failure) {
      summary = try build.run(
        targets: nil, options: .ofCommand(jobs: jobs, maximumFailures: 0), onEvent: { report.report($0) })
    } catch { throw BuildFolder.failure(error, GraphOptions(file: state)) }
    report.finish(summary)
    if summary.wasInterrupted { throw Interruption.failure }
    if summary.failed > 0 { throw CommandError.ended(status: 1) }
    return inputs
  }
}

extension KernelBaseline {
  /// - Parameter path: of what `--format json` wrote.
  init(path: String) throws(CommandError) {
    let file = try Inputs.read(path) { Diagnostic(missingBaseline: $0) }
    do throws(KernelBaseline.Fault) {
      self = try KernelBaseline(file.bytes)
    } catch { throw CommandError.failed(Diagnostic(baseline: path, error)) }
  }
}
