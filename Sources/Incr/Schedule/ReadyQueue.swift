/// The ready tasks: first those for which a value is in memory, so that few values are kept at once and not for long,
/// then the one that starts the longest path.
struct ReadyQueue {
  /// For each task the length of the longest path that it starts, in tasks; empty until needed.
  private var pathLengths: [UInt32] = []
  private var heap: [TaskID] = []
  private var warm: [TaskID] = []

  init() {}

  var isEmpty: Bool { count == 0 }
  var count: Int { heap.count + warm.count }

  /// From now on tasks are ordered by path length, including those in the queue. O(tasks + inputs).
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
    for task in tasks { insert(task, isWarm: false) }
  }

  /// Longer path first; if equal, the task that was added to the graph first, so that runs are reproducible.
  private func isBefore(_ left: TaskID, _ right: TaskID) -> Bool {
    guard !pathLengths.isEmpty else { return left < right }
    let (a, b) = (pathLengths[Int(left.raw)], pathLengths[Int(right.raw)])
    return a != b ? a > b : left < right
  }

  /// - Parameter isWarm: whether a value for the task is in memory.
  mutating func insert(_ task: TaskID, isWarm: Bool) {
    if isWarm { return warm.append(task) }
    heap.append(task)
    var child = heap.count - 1
    while child > 0, isBefore(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> TaskID? {
    if let task = warm.popLast() { return task }
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var next = parent
      for child in 2 * parent + 1...2 * parent + 2 where child < heap.count && isBefore(heap[child], heap[next]) {
        next = child
      }
      guard next != parent else { return first }
      heap.swapAt(parent, next)
      parent = next
    }
  }
}
