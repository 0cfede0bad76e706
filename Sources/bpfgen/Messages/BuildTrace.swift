internal import Files
internal import GenGraph
internal import Incr

/// A timeline of tasks in the format of Chrome's trace viewer: one bar per task, one row per worker.
///
/// Source: "Trace Event Format" of the Chromium project, complete events; times in microseconds.
struct BuildTrace {
  private let descriptions: TaskDescriptions
  private let startNanos = Clock.monotonicNanos()
  private var events: [String] = []
  private var reasons: [TaskID: Reason] = [:]

  init(_ graph: TaskGraph) { descriptions = TaskDescriptions(graph: graph) }

  mutating func add(_ event: BuildEvent<ProjectFailure>) {
    switch event {
    case .started(let task, let reason, _): reasons[task] = reason
    case .finished(let task, let outcome, let worker, let start, let end):
      let reason = reasons.removeValue(forKey: task).map(descriptions.reason) ?? ""
      events.append(
        """
        {"ph": "X", "pid": 1, "tid": \(worker), "ts": \(micros(start - startNanos)), "dur": \(micros(end - start)), \
        "cat": \(JSONText.string(descriptions.graph.rule(task).name)), "name": \(JSONText.string(descriptions.title(task))), \
        "args": {"reason": \(JSONText.string(reason)), "bytes_read": \(outcome.bytesRead), \
        "bytes_written": \(outcome.bytesWritten)}}
        """)
    default: break
    }
  }

  var text: String {
    "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n" + events.joined(separator: ",\n") + "\n]}\n"
  }

  private func micros(_ nanos: Int64) -> String {
    let fraction = String(max(0, nanos) % 1000)
    return "\(max(0, nanos) / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
  }
}
