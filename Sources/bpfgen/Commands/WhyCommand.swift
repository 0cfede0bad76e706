internal import GenGraph
internal import Incr

extension Command {
  static let why = Command(
    name: "why", purpose: .inspect,
    abstract: "Explain why an output was made or kept.",
    discussion: """
      Prints what the last build decided about an output, and why, and what the next build would do.
      Nothing is built.
      """,
    examples: [
      "bpfgen why gen/app.skel.h",
      "bpfgen why -f drivers/bpfgen.json driver",
    ]
  ) { declare in
    let output = declare.argument(.file("output"), help: "The path of an output, or a name in the graph file.")
    let graph = GraphOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try WhyRun(node: parsed[output], graph: parsed[graph], console: console).run()
    }
  }
}

/// A run of `bpfgen why`.
private struct WhyRun {
  let node: String
  let graph: GraphOptions
  let console: Console

  func run() throws(CommandError) {
    let project = try GraphInputs.project(graph)
    guard let tasks = project.makers(of: node) else { throw GraphInputs.unknown(node, project) }
    let next = try nextDecisions(project, tasks)
    let history = project.history()
    let descriptions = TaskDescriptions(graph: project.graph)
    for task in tasks {
      let last = history.last[task]
      console.write("\(descriptions.title(task))\n")
      console.write("    last build   \(text(history.outcomes[task], last, descriptions))\n")
      if let last, last.buildsAgo > 0 { console.write("    before that  \(text(last, descriptions))\n") }
      console.write("    next build   \(next[task] ?? "up to date")\n")
      if let object = last?.reason.flatMap(descriptions.inspectedObject) {
        console.write("    details      'bpfgen diff OLD \(object)' lists what changed since an object OLD\n")
      }
    }
  }

  /// What the last build did with a task.
  private func text(_ outcome: Outcome?, _ last: Decision?, _ descriptions: TaskDescriptions) -> String {
    switch outcome {
    case nil: last == nil ? "not recorded" : "not part of the build"
    case .kept: "kept: its inputs and outputs were unchanged"
    case .ran, .failed, .skipped: text(last!, descriptions)
    }
  }

  private func text(_ decision: Decision, _ descriptions: TaskDescriptions) -> String {
    let time =
      switch decision.buildsAgo {
      case 0: ""
      case 1: "1 build ago: "
      default: "\(decision.buildsAgo) builds ago: "
      }
    if decision.outcome == .ran, decision.reason == .neverRan { return time + "ran for the first time" }
    let reason = decision.reason.map(descriptions.reason)
    switch decision.outcome {
    case .ran, .kept: return time + "ran" + (reason.map { ": \($0)" } ?? "")
    case .failed:
      return time + "failed" + (reason.map { "; it ran because \($0)" } ?? ": a source could not be read")
    case .skipped: return time + "skipped: a dependency failed, or the build was interrupted"
    }
  }

  /// The messages for tasks that would run now, among the given ones and those that they need; without up-to-date ones.
  private func nextDecisions(_ project: Project, _ tasks: [TaskID]) throws(CommandError) -> [TaskID: String] {
    var options = BuildOptions()
    options.isDryRun = true
    let build = try BuildFolder.open(graph, project, console)
    let descriptions = TaskDescriptions(graph: project.graph)
    let decisions = Decisions(descriptions)
    do throws(ProjectBuild.Failure) {
      _ = try build.run(
        targets: tasks, options: options, kept: { decisions.kept.insert($0) }, onEvent: { decisions.add($0) })
    } catch { throw BuildFolder.failure(error, graph) }
    for task in tasks where decisions.texts[task] == nil && !decisions.kept.contains(task) {
      let needed = project.graph.closure(of: [task]).first { decisions.texts[$0] != nil && $0 != task }
      decisions.texts[task] =
        needed.map { "may run: it depends on \(descriptions.title($0)), which would run" } ?? "may run"
    }
    return decisions.texts
  }

  /// The events of a dry run.
  private final class Decisions {
    private let descriptions: TaskDescriptions
    var texts: [TaskID: String] = [:]
    var kept: Set<TaskID> = []

    init(_ descriptions: TaskDescriptions) { self.descriptions = descriptions }

    func add(_ event: BuildEvent<ProjectFailure>) {
      switch event {
      case .wouldRun(let task, let reason): texts[task] = "would run: \(descriptions.reason(reason))"
      case .failed(let task, let failure):
        let rule = ProjectRule(descriptions.graph.rule(task))
        texts[task] = "would fail: \(Diagnostic.texts(failure, of: rule)[0].what)"
      case .started, .finished: break
      }
    }
  }
}
