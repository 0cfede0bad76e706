internal import Files
internal import GenGraph
internal import Incr

/// Reports the progress of a build: one live line on a terminal, plain lines elsewhere. Errors are printed at the end
/// in the order of the graph, whatever the order in which they occurred.
final class BuildReport {
  private var descriptions: TaskDescriptions
  private var taskCount: Int
  private let options: Options
  private let console: Console
  private let isLive: Bool
  private var statusLine: StatusLine
  private var failures: [(TaskID, [Diagnostic])] = []
  private var done = 0
  /// In a dry run, the number of tasks that must run.
  private var predicted = 0
  private var trace: BuildTrace?
  private var shownNanos: Int64 = 0
  private let startNanos = Clock.monotonicNanos()

  /// What to report in addition to errors and the summary.
  struct Options {
    let isVerbose: Bool
    let explains: Bool
    let isDryRun: Bool
    let hasStatistics: Bool
    let hasTrace: Bool
    /// The paths on the command line, if it names objects and kernels itself, without a graph file.
    var arguments: [String]?
  }

  init(_ graph: TaskGraph, _ options: Options, _ console: Console) {
    descriptions = TaskDescriptions(graph: graph)
    taskCount = graph.taskCount
    trace = options.hasTrace ? BuildTrace(graph) : nil
    self.options = options
    self.console = console
    statusLine = StatusLine(console)
    isLive = console.hasEscapes && !console.isQuiet && !options.isVerbose && !options.explains
  }

  /// The trace; `nil` if not requested.
  var traceText: String? { trace?.text }

  func kept(_ task: TaskID) { done += 1 }

  static func warnOfDamage(_ console: Console) {
    console.report([
      Diagnostic(what: "the state of earlier builds is damaged; everything is checked again", isWarning: true)
    ])
  }

  /// The state of earlier builds turned out to be damaged, and the build starts again with another graph.
  func restart(_ graph: TaskGraph) {
    statusLine.erase()
    BuildReport.warnOfDamage(console)
    descriptions = TaskDescriptions(graph: graph)
    taskCount = graph.taskCount
    if trace != nil { trace = BuildTrace(graph) }
    failures = []
    done = 0
    predicted = 0
  }

  func report(_ event: BuildEvent<ProjectFailure>) {
    trace?.add(event)
    switch event {
    case .wouldRun(let task, let reason):
      predicted += 1
      console.write(
        "would run: \(descriptions.title(task))\(options.explains ? ": " + descriptions.reason(reason) : "")\n")
    case .started(let task, let reason, _):
      if options.explains {
        console.write("\(descriptions.title(task)): \(descriptions.reason(reason))\n")
      } else if options.isVerbose {
        console.write("\(descriptions.title(task))\n")
      }
      showStatus(task)
    case .finished: done += 1
    case .failed(let task, let failure):
      done += 1
      let rule = ProjectRule(descriptions.graph.rule(task))
      failures.append((task, Diagnostic.texts(failure, of: rule, hasGraphFile: options.arguments == nil)))
    }
  }

  func finish(_ summary: BuildSummary) {
    statusLine.erase()
    // Several tasks may read one broken file.
    var printed: Set<[String]> = []
    let reports = failures.sorted { $0.0 < $1.0 }.map(\.1).filter { diagnostics in
      printed.insert(diagnostics.map { $0.text(colored: false) }).inserted
    }
    console.report(MissingPath.suggest(for: reports.flatMap { $0 }, arguments: options.arguments ?? []))
    if options.hasStatistics {
      console.write(BuildStatistics.text(summary, tookNanos: Clock.monotonicNanos() - startNanos))
    }
    guard !console.isQuiet else { return }
    if options.isDryRun { return console.write(dryRunSummary(summary)) }
    if summary.ran == 0, summary.failed == 0, !summary.wasInterrupted {
      return console.write(nothingToDo(summary))
    }
    let files = summary.filesWritten == 1 ? "1 file" : "\(summary.filesWritten) files"
    var text = "bpfgen: \(summary.ran) ran, \(summary.kept) kept, \(files) written"
    if summary.failed > 0 { text += ", \(summary.failed) failed" }
    if summary.wasInterrupted { text += ", interrupted" }
    if summary.skipped > 0 { text += ", \(summary.skipped) skipped" }
    console.write(text + "\n")
  }

  private func nothingToDo(_ summary: BuildSummary) -> String {
    "bpfgen: nothing to do (\(summary.kept) \(summary.kept == 1 ? "task" : "tasks"))\n"
  }

  private func dryRunSummary(_ summary: BuildSummary) -> String {
    if predicted == 0, summary.failed == 0 { return nothingToDo(summary) }
    let others = taskCount - predicted - summary.kept - summary.failed - summary.skipped
    return "bpfgen: \(predicted) would run" + (others > 0 ? ", up to \(others) more, depending on their results" : "")
      + "\n"
  }

  private func showStatus(_ task: TaskID) {
    let now = Clock.monotonicNanos()
    guard isLive, now - shownNanos > 50_000_000 else { return }
    shownNanos = now
    var text = "[\(done)/\(taskCount)] \(descriptions.title(task))"
    let elapsed = Double(now - startNanos) / 1e9
    if done > 0, elapsed > 2 {
      text += " (\(Int(elapsed / Double(done) * Double(taskCount - done))) s left)"
    }
    statusLine.show(Diagnostic.printable(text))
  }
}
