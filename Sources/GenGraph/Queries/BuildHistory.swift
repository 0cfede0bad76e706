internal import Bytes
package import Incr

extension Project {
  /// What the last build did with each of its tasks; empty if there was no build.
  ///
  /// The reason of a task's last run is recorded for as long as the state exists, but not how often it was up to date
  /// since: a task that ran before the last build counts as kept.
  /// before the last build counts as kept.
  package func lastOutcomes() -> [TaskID: Outcome] {
    let (outcomes, last) = history()
    let earlier = last.mapValues { $0.outcome == .ran ? .kept : $0.outcome }
    return outcomes.merging(earlier) { outcome, _ in outcome }
  }

  /// The records of earlier builds: what the last one did with each of its tasks, and the last time that a task was not
  /// up to date.
  package func history() -> (outcomes: [TaskID: Outcome], last: [TaskID: Decision]) {
    let (folder, file) = ProjectBuild.state(of: name, below: root)
    guard let state = SavedState(folder: folder, name: file) else { return ([:], [:]) }
    let lastOutcomes = state.lastOutcomes()
    // The graph file may have been edited since, so tasks are matched by identity.
    var known: [Fingerprint: TaskID] = [:]
    for task in state.graph.tasks { known[state.graph.identity(task)] = task }
    var outcomes: [TaskID: Outcome] = [:]
    var last: [TaskID: Decision] = [:]
    for task in graph.tasks {
      let identity = graph.identity(task)
      outcomes[task] = lastOutcomes[identity]
      guard let old = known[identity], var decision = state.lastDecision(old) else { continue }
      // A slot is an index in the graph of that build.
      if state.graph.fingerprint != graph.fingerprint { decision.reason = nil }
      last[task] = decision
    }
    return (outcomes, last)
  }
}
