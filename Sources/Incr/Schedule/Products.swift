/// Values that tasks computed for their consumers, kept in memory until no consumer needs them.
struct Products {
  private var held: [TaskID: (product: any Sendable, users: Int)] = [:]

  /// - Parameter users: the number of inputs of other tasks that it produces.
  mutating func hold(_ product: any Sendable, of task: TaskID, users: Int) {
    if users > 0 { held[task] = (product, users) }
  }

  /// The values kept for a task.
  func forTask(_ task: TaskID, _ graph: TaskGraph) -> [TaskID: any Sendable] {
    guard !held.isEmpty else { return [:] }
    var handed: [TaskID: any Sendable] = [:]
    for input in graph.inputs(task) {
      if let producer = graph.producer(SlotID(input)), let entry = held[producer] { handed[producer] = entry.product }
    }
    return handed
  }

  /// Whether a value is kept for the task.
  func feed(_ task: TaskID, _ graph: TaskGraph) -> Bool {
    !held.isEmpty
      && graph.inputs(task).contains { graph.producer(SlotID($0)).map { held[$0] != nil } ?? false }
  }

  /// Called when a task needs no more values.
  mutating func release(by task: TaskID, _ graph: TaskGraph) {
    guard !held.isEmpty else { return }
    for input in graph.inputs(task) {
      guard let producer = graph.producer(SlotID(input)), let entry = held[producer] else { continue }
      held[producer] = entry.users == 1 ? nil : (entry.product, entry.users - 1)
    }
  }
}
