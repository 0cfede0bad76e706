/// The consumers of each task, in dense tables; a task that consumes it several times is listed for each input.
struct Consumers {
  private var starts: [UInt32] = [0]
  private var entries: [UInt32] = []

  init() {}

  init(_ graph: TaskGraph, _ wanted: [TaskID]) {
    var counts = [UInt32](repeating: 0, count: graph.taskCount + 1)
    var edges: [(producer: UInt32, consumer: UInt32)] = []
    for task in wanted {
      for input in graph.inputs(task) {
        guard let producer = graph.producer(SlotID(input)) else { continue }
        counts[Int(producer.raw) + 1] += 1
        edges.append((producer.raw, task.raw))
      }
    }
    for index in 1..<counts.count { counts[index] += counts[index - 1] }
    starts = counts
    entries = [UInt32](repeating: 0, count: edges.count)
    for edge in edges {
      entries[Int(counts[Int(edge.producer)])] = edge.consumer
      counts[Int(edge.producer)] += 1
    }
  }

  /// The range of a task's consumers in the table.
  func indices(of task: TaskID) -> Range<Int> {
    guard Int(task.raw) + 1 < starts.count else { return 0..<0 }
    return Int(starts[Int(task.raw)])..<Int(starts[Int(task.raw) + 1])
  }

  subscript(index: Int) -> TaskID { TaskID(entries[index]) }
}
