internal import GenGraph
internal import Glibc
internal import Incr

/// Says what a build does while it does it: one live line on a terminal, plain lines elsewhere, errors at the end in the
/// order of the graph, whatever the order in which they came.
final class BuildReport {
  private let graph: TaskGraph
  private let isQuiet: Bool
  private let isVerbose: Bool
  private let explains: Bool
  private let isDryRun: Bool
  private let isLive: Bool
  private var failures: [(TaskID, [Diagnostic])] = []
  private var done = 0
  private let startNanos = Clock.monotonicNanos()

  init(_ graph: TaskGraph, _ arguments: ParsedArguments) {
    self.graph = graph
    isQuiet = arguments.has("quiet")
    isVerbose = arguments.has("verbose")
    explains = arguments.has("explain")
    isDryRun = arguments.has("dry-run")
    isLive = isatty(STDERR_FILENO) == 1 && !isQuiet && !isVerbose && !explains
  }

  func tell(_ event: BuildEvent<ProjectFailure>) {
    switch event {
    case .kept: done += 1
    case .wouldRun(let task, let reason):
      Terminal.write("would run: \(title(task))\(explains ? ": " + words(reason) : "")\n")
    case .started(let task, let reason, _):
      if explains {
        Terminal.write("\(title(task)): \(words(reason))\n")
      } else if isVerbose {
        Terminal.write("\(title(task))\n")
      }
      showStatus(task)
    case .finished: done += 1
    case .failed(let task, let failure):
      done += 1
      failures.append((task, Diagnostic.texts(failure)))
    }
  }

  func finish(_ summary: Build<LazyRunner>.Summary) {
    if isLive { Terminal.writeError("\r\u{1b}[K") }
    for (_, diagnostics) in failures.sorted(by: { $0.0 < $1.0 }) { Terminal.report(diagnostics) }
    guard !isQuiet, !isDryRun else { return }
    if summary.ran == 0, summary.failed == 0 {
      Terminal.write("bpfgen: nothing to do (\(summary.kept) tasks)\n")
      return
    }
    var text = "bpfgen: \(summary.ran) ran, \(summary.kept) kept, \(summary.filesWritten) files written"
    if summary.failed > 0 { text += ", \(summary.failed) failed, \(summary.skipped) not begun" }
    Terminal.write(text + "\n")
  }

  private func showStatus(_ task: TaskID) {
    guard isLive else { return }
    var text = "[\(done)/\(graph.taskCount)] \(title(task))"
    let elapsed = Double(Clock.monotonicNanos() - startNanos) / 1e9
    if done > 0, elapsed > 2 {
      text += " (\(Int(elapsed / Double(done) * Double(graph.taskCount - done))) s left)"
    }
    Terminal.writeError("\r\u{1b}[K" + Diagnostic.printable(text))
  }

  private func title(_ task: TaskID) -> String { "\(graph.rule(task).name) \(graph.name(task))" }

  private func words(_ reason: Reason) -> String {
    switch reason {
    case .neverRan: "it never ran here"
    case .recipeChanged: "its options, its outputs' places or bpfgen itself changed"
    case .inputsChanged: "it has other inputs"
    case .inputChanged(let slot): "\(subject(slot)) changed"
    case .outputMissing(let slot): "'\(graph.path(slot))' is missing"
    case .outputEdited(let slot): "'\(graph.path(slot))' is not as it was written"
    }
  }

  private func subject(_ slot: SlotID) -> String {
    let path = graph.path(slot)
    guard path.isEmpty, let producer = graph.producer(slot) else { return "'\(path)'" }
    return "what \(title(producer)) found"
  }
}
