/// What tasks computed and hand to the tasks that consume something of them, for as long as one of these may ask.
struct Products {
  private var held: [TaskID: (product: any Sendable, users: Int)] = [:]

  /// - Parameter users: how many inputs of other tasks it makes.
  mutating func hold(_ product: any Sendable, of task: TaskID, users: Int) {
    if users > 0 { held[task] = (product, users) }
  }

  /// What is held for a task.
  func forTask(_ task: TaskID, _ graph: TaskGraph) -> [TaskID: any Sendable] {
    guard !held.isEmpty else { return [:] }
    var handed: [TaskID: any Sendable] = [:]
    for input in graph.inputs(task) {
      if let producer = graph.producer(SlotID(input)), let entry = held[producer] { handed[producer] = entry.product }
    }
    return handed
  }

  /// Whether something is held for the task.
  func feed(_ task: TaskID, _ graph: TaskGraph) -> Bool {
    !held.isEmpty
      && graph.inputs(task).contains { graph.producer(SlotID($0)).map { held[$0] != nil } ?? false }
  }

  /// A task asks no more.
  mutating func release(by task: TaskID, _ graph: TaskGraph) {
    guard !held.isEmpty else { return }
    for input in graph.inputs(task) {
      guard let producer = graph.producer(SlotID(input)), let entry = held[producer] else { continue }
      held[producer] = entry.users == 1 ? nil : (entry.product, entry.users - 1)
    }
  }
}
