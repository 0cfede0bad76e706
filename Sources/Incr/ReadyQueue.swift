/// The tasks that can run, the one with the longest path of others behind it first.
struct ReadyQueue {
  /// For each task the number of tasks on the longest path that it begins; empty until it is asked for.
  private var pathLengths: [UInt32] = []
  private var heap: [TaskID] = []

  init() {}

  var isEmpty: Bool { heap.isEmpty }

  /// From here on the order of the paths counts: what is in the queue is put in it. O(tasks + inputs).
  mutating func sort(by graph: TaskGraph) {
    var lengths = [UInt32](repeating: 1, count: graph.taskCount)
    for task in graph.order.reversed() {
      for input in graph.inputs(task) {
        guard let producer = graph.producer(SlotID(input)) else { continue }
        lengths[Int(producer.raw)] = max(lengths[Int(producer.raw)], lengths[Int(task.raw)] + 1)
      }
    }
    pathLengths = lengths
    let tasks = heap
    heap = []
    for task in tasks { insert(task) }
  }

  /// Longer path first; among equals the one that was added to the graph first, so that runs are alike.
  private func isBefore(_ left: TaskID, _ right: TaskID) -> Bool {
    guard !pathLengths.isEmpty else { return left < right }
    let (a, b) = (pathLengths[Int(left.raw)], pathLengths[Int(right.raw)])
    return a != b ? a > b : left < right
  }

  mutating func insert(_ task: TaskID) {
    heap.append(task)
    var child = heap.count - 1
    while child > 0, isBefore(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> TaskID? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var next = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(heap[child], heap[next]) {
        next = child
      }
      guard next != parent else { return first }
      heap.swapAt(parent, next)
      parent = next
    }
  }
}

/// For each task those that consume something of it, in dense tables.
struct Consumers {
  private var starts: [UInt32] = [0]
  private var entries: [UInt32] = []

  init() {}

  init(_ graph: TaskGraph, _ wanted: [TaskID]) {
    var counts = [UInt32](repeating: 0, count: graph.taskCount + 1)
    var edges: [(producer: UInt32, consumer: UInt32)] = []
    for task in wanted {
      var seen: [UInt32] = []
      for input in graph.inputs(task) {
        guard let producer = graph.producer(SlotID(input)), !seen.contains(producer.raw) else { continue }
        seen.append(producer.raw)
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

  func of(_ task: TaskID) -> [TaskID] {
    guard Int(task.raw) + 1 < starts.count else { return [] }
    return entries[Int(starts[Int(task.raw)])..<Int(starts[Int(task.raw) + 1])].map(TaskID.init)
  }
}
