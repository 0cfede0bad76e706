internal import Incr

/// Describes tasks, and the reasons why they run, to users.
struct TaskDescriptions {
  let graph: TaskGraph

  func title(_ task: TaskID) -> String { "\(graph.rule(task).name) \(graph.name(task))" }

  func reason(_ reason: Reason) -> String {
    switch reason {
    case .neverRan: "it has not run before"
    case .recipeChanged: "its options, its output paths or bpfgen itself changed"
    case .inputsChanged: "its list of inputs changed"
    case .inputChanged(let slot): "\(subject(slot)) changed"
    case .outputMissing(let slot): "'\(graph.path(slot))' was missing"
    case .outputEdited(let slot): "'\(graph.path(slot))' was edited"
    }
  }

  private func subject(_ slot: SlotID) -> String {
    let path = graph.path(slot)
    guard path.isEmpty, let producer = graph.producer(slot) else { return "'\(path)'" }
    return "the result of \(title(producer))"
  }
}
