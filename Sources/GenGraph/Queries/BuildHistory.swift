public import Incr

extension Project {
  /// What the last build did about each task that it was asked for; empty when there was none.
  public func lastOutcomes() -> [TaskID: Outcome] {
    history().outcomes
  }

  /// What is on record of earlier builds: what the last one did about each task that it was asked for, and the last time
  /// that a task was not up to date.
  public func history() -> (outcomes: [TaskID: Outcome], last: [TaskID: Decision]) {
    let (folder, file) = ProjectBuild.state(of: name, below: root)
    guard let state = SavedState(folder: folder, name: file) else { return ([:], [:]) }
    let lastOutcomes = state.lastOutcomes()
    // The graph file may have been edited since: tasks are found by who they are.
    var known: [Fingerprint: TaskID] = [:]
    for task in state.graph.tasks { known[state.graph.identity(task)] = task }
    var outcomes: [TaskID: Outcome] = [:]
    var last: [TaskID: Decision] = [:]
    for task in graph.tasks {
      let identity = graph.identity(task)
      outcomes[task] = lastOutcomes[identity]
      guard let old = known[identity], var decision = state.lastDecision(old) else { continue }
      // A slot is a place in the graph of then.
      if state.graph.fingerprint != graph.fingerprint { decision.reason = nil }
      last[task] = decision
    }
    return (outcomes, last)
  }
}
