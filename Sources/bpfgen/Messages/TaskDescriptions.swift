internal import GenGraph
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

  /// The object whose exported layout or contract changed; `nil` for any other reason.
  func inspectedObject(_ reason: Reason) -> String? {
    guard case .inputChanged(let slot) = reason, graph.path(slot).isEmpty, let producer = graph.producer(slot),
      case .inspect = ProjectRule(graph.rule(producer)), let object = graph.inputs(producer).first
    else { return nil }
    return graph.path(SlotID(object))
  }

  /// Whether a result of an inspection is the contract, which comes after the layouts of the headers.
  private func isContract(_ slot: SlotID, of inspection: TaskID) -> Bool {
    guard case .inspect(_, hasContract: true) = TaskParameters(decoding: graph.parameters(inspection), rule: .inspect)
    else { return false }
    return Int(slot.raw) == graph.slots(inspection).upperBound - 1
  }

  /// What changed when a slot did.
  private func subject(_ slot: SlotID) -> String {
    let path = graph.path(slot)
    guard path.isEmpty, let producer = graph.producer(slot) else { return "'\(path)'" }
    let name = graph.name(producer)
    switch ProjectRule(graph.rule(producer)) {
    case .inspect: return isContract(slot, of: producer) ? "the contract of \(name)" : "the exported layout of \(name)"
    case .needs: return "what \(name) needs of minimal BTF"
    case .kernelNeeds: return "what \(name) asks of kernels"
    case .kernel: return "what kernel \(name) answers"
    case .link, .header, .payload, .check, .minimalBTF, .kernelCheck, nil: return "the result of \(title(producer))"
    }
  }
}
