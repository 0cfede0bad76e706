public import Incr

extension Project {
  /// What the last build did about each task that it was asked for; empty when there was none.
  public func lastOutcomes() -> [TaskID: Outcome] {
    guard let state = SavedState(folder: Paths.join(root, ProjectBuild.stateFolder)) else { return [:] }
    let last = state.lastOutcomes()
    // The graph file may have been edited since: tasks are found by who they are.
    var outcomes: [TaskID: Outcome] = [:]
    for task in graph.tasks { outcomes[task] = last[graph.identity(task)] }
    return outcomes
  }
}
