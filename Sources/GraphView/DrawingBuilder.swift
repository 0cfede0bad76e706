internal import Emit
internal import Files
package import GenGraph
package import Incr

extension GraphDrawing {
  /// Draws a project. O(tasks + inputs).
  ///
  /// - Parameter outcomes: the outcome of each task in the last build; empty if there are no records.
  package init(_ project: Project, outcomes: [TaskID: Outcome]) {
    var builder = DrawingBuilder(project, outcomes)
    self = builder.build()
  }
}

/// Combines the tasks of a project into the nodes of its drawing.
private struct DrawingBuilder {
  private let project: Project
  private let outcomes: [TaskID: Outcome]
  private var nodes: [GraphDrawing.Node] = []
  private var edges: [GraphDrawing.Edge] = []
  /// The node of each file.
  private var nodeIndices: [PathKey: Int] = [:]

  private var graph: TaskGraph { project.graph }

  init(_ project: Project, _ outcomes: [TaskID: Outcome]) {
    self.project = project
    self.outcomes = outcomes
  }

  mutating func build() -> GraphDrawing {
    let made = Set(project.outputs)
    for object in project.objects where !made.contains(object.path) { addObject(object) }
    for slot in 0..<graph.sourceCount { addSource(graph.path(SlotID(UInt32(slot)))) }
    for task in graph.order { addTask(task) }
    // An object that is linked in this graph is the same node as the link's output.
    for object in project.objects where made.contains(object.path) { addObject(object) }
    return GraphDrawing(nodes: nodes, edges: edges, isBuilt: !outcomes.isEmpty)
  }

  // MARK: Nodes

  private mutating func addObject(_ object: Project.NamedPath) {
    if let node = nodeIndices[PathKey(object.path)] {
      nodes[node].aliases.append(object.name)
    } else {
      add(GraphDrawing.Node(kind: .object, name: object.name, path: object.path))
    }
  }

  private mutating func addSource(_ path: String) {
    if nodeIndices[PathKey(path)] == nil { add(GraphDrawing.Node(kind: .file, name: path, path: path)) }
  }

  private mutating func addTask(_ task: TaskID) {
    let step = GraphDrawing.Step(rule: graph.rule(task).name, name: graph.name(task), outcome: outcomes[task])
    guard let kind = kind(task) else {
      nodes[inspected(by: task)].steps.append(step)
      return
    }
    let path = graph.outputs(task).first.map { graph.path(SlotID(UInt32($0))) }
    // Headers, payloads and BTF have no names except their paths.
    let isCalledByPath = [.skeleton, .subskeleton, .payload, .btf].contains(kind)
    let name = isCalledByPath ? path! : graph.name(task)
    add(GraphDrawing.Node(kind: kind, name: name, path: path, steps: [step]))
    addEdges(task, to: nodes.count - 1)
  }

  private mutating func add(_ node: GraphDrawing.Node) {
    if let path = node.path { nodeIndices[PathKey(path)] = nodes.count }
    nodes.append(node)
  }

  /// `nil` for a task without its own node.
  private func kind(_ task: TaskID) -> GraphDrawing.Kind? {
    switch project.action(task) {
    case .link(_, _, let isFinal): isFinal ? .final : .library
    case .inspect, .needs, .kernelNeeds, .kernel: nil
    case .header(let spec, _, _): spec.kind == .subskeleton ? .subskeleton : .skeleton
    case .payload: .payload
    case .check, .kernelCheck: .check
    case .minimalBTF: .btf
    }
  }

  private func inspected(by task: TaskID) -> Int {
    nodeIndices[PathKey(graph.path(SlotID(graph.inputs(task).first!)))]!
  }

  // MARK: Edges

  private mutating func addEdges(_ task: TaskID, to node: Int) {
    var order: [Int] = []
    var carried: [Int: GraphDrawing.Carried] = [:]
    for input in graph.inputs(task) {
      let (from, what) = origin(SlotID(input), for: nodes[node].kind)
      if carried[from] == nil { order.append(from) }
      if carried[from] != .content { carried[from] = what }
    }
    edges += order.map { GraphDrawing.Edge(from: $0, to: node, carried: carried[$0]!) }
  }

  /// The node that produces a slot, and which part of it the slot contains: values come from an inspection.
  private func origin(_ slot: SlotID, for kind: GraphDrawing.Kind) -> (Int, GraphDrawing.Carried) {
    let path = graph.path(slot)
    guard path.isEmpty else { return (nodeIndices[PathKey(path)]!, .content) }
    let producer = graph.producer(slot)!
    let carried: GraphDrawing.Carried =
      switch ProjectRule(graph.rule(producer)) {
      case .kernel: .answers
      case .needs, .kernelNeeds: .needs
      case .inspect: kind == .check ? .contract : .layout
      case .link, .header, .payload, .check, .minimalBTF, .kernelCheck, nil: .content
      }
    return (inspected(by: producer), carried)
  }
}
