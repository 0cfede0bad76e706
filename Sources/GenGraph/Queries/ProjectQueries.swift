internal import Bytes
internal import Emit
internal import Files
internal import Incr

/// Queries of a project that run no tasks.
extension Project {
  /// The queries for a node.
  package enum Question: String, Sendable, CaseIterable {
    /// The tasks that it needs, and the tasks that need it.
    case deps, rdeps
    /// The files that it is made from, and the files that are made from it.
    case inputs, outputs
  }

  /// The answer, one line per result in the order of the graph; `nil` if there is no such name or path.
  ///
  /// - Parameters:
  ///   - node: a name in the graph file, or the path of a source or an output.
  ///   - isTransitive: whether to include indirect results.
  package func answer(_ question: Question, about node: String, isTransitive: Bool) -> [String]? {
    let start = startingPoint(node)
    guard !start.tasks.isEmpty || start.source != nil else { return nil }
    var near = Set(start.tasks)
    switch question {
    case .deps, .inputs:
      // A source needs nothing.
      if isTransitive { near = Set(graph.closure(of: start.tasks)) }
    case .rdeps, .outputs:
      if let source = start.source { near = Set(readers(of: source)) }
      if isTransitive { near = Set(graph.dependents(of: near)) }
    }
    switch question {
    case .deps:
      let needed = near.flatMap { graph.inputs($0).compactMap { graph.producer(SlotID($0)) } }
      return titles(Set(needed).subtracting(start.tasks))
    case .rdeps:
      if start.source != nil || isTransitive { return titles(near.subtracting(start.tasks)) }
      return titles(
        Set(
          graph.tasks.filter { task in
            graph.inputs(task).contains { graph.producer(SlotID($0)).map(near.contains) ?? false }
          }))
    case .inputs: return paths(near.flatMap { graph.inputs($0).map { SlotID($0) } })
    case .outputs: return paths(near.flatMap { graph.outputs($0).map { SlotID(UInt32($0)) } })
    }
  }

  /// The headers, one line each in the order of the graph: `skeleton`, `subskeleton` or `light-skeleton`, the struct's
  /// name, the header's path and the payload's path, separated by tabs; the last is empty if there is no payload.
  package func headers() -> [String] {
    var payloads: [UInt32: String] = [:]
    for task in graph.tasks {
      if case .payload(_, _, let output, _) = action(task) { payloads[graph.inputs(task).first!] = output }
    }
    return graph.tasks.compactMap { task in
      guard case .header(let spec, _, let output) = action(task) else { return nil }
      let kind = ProcessPlan.Step.Command(spec.kind)
      return [kind.rawValue, spec.name, output, payloads[graph.inputs(task).first!] ?? ""].joined(separator: "\t")
    }
  }

  /// The node with a name or a path: tasks, or a source that no task makes.
  func startingPoint(_ node: String) -> (tasks: [TaskID], source: SlotID?) {
    let node = qualified(node)
    if let task = named[node] { return ([task], nil) }
    let candidates = objects.first { $0.name == node }.map { [PathKey($0.path)] } ?? self.candidates(node)
    for slot in 0..<graph.slotCount {
      let slot = SlotID(UInt32(slot))
      let path = graph.path(slot)
      guard !path.isEmpty, candidates.contains(PathKey(path)) else { continue }
      if let producer = graph.producer(slot) { return ([producer], nil) }
      return ([], slot)
    }
    let namesakes = namesakes(of: node)
    return namesakes.count == 1 && namesakes[0] != node ? startingPoint(namesakes[0]) : ([], nil)
  }

  private func titles(_ tasks: Set<TaskID>) -> [String] {
    graph.order.filter(tasks.contains).map { "\(graph.rule($0).name) \(graph.name($0))" }
  }

  private func paths(_ slots: [SlotID]) -> [String] {
    Set(slots.map { graph.path($0) }.filter { !$0.isEmpty }).sorted()
  }

  /// Compares each library that has a subskeleton with the finals that contain it, as they are on disk.
  ///
  /// - Returns: the number of pairs; the objects of the graph that do not exist yet, without duplicates, whose pairs
  ///   are not compared; and a failure for each other pair that disagrees or cannot be read.
  package func checkContracts() -> (pairs: Int, unbuilt: [String], failures: [ProjectFailure]) {
    let runner = ProjectRunner(self)
    var pairs = 0
    var unbuilt: [String] = []
    var known: Set<PathKey> = []
    var failures: [ProjectFailure] = []
    for task in graph.order where ProjectRule(graph.rule(task)) == .check {
      pairs += 1
      let missing = missingObjects(of: task)
      unbuilt += missing.filter { known.insert(PathKey($0)).inserted }
      guard missing.isEmpty else { continue }
      let inputs = graph.inputs(task).map { _ in Fingerprint(high: 0, low: 0) }
      do throws(ProjectFailure) {
        _ = try runner.run(TaskContext(task: task, graph: graph, inputs: inputs))
      } catch { failures.append(error) }
    }
    return (pairs, unbuilt, failures)
  }

  /// The objects that the graph makes, that a check compares, and that do not exist.
  private func missingObjects(of check: TaskID) -> [String] {
    graph.inputs(check).compactMap { value in
      // The check consumes a value from an object's inspection.
      guard let object = graph.producer(SlotID(value)).flatMap({ graph.inputs($0).first }).map({ SlotID($0) }),
        graph.producer(object) != nil
      else { return nil }
      let path = graph.path(object)
      return ((try? FileStamp(path: path)) ?? nil) == nil ? path : nil
    }
  }
}
