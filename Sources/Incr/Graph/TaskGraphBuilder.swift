internal import Bytes
internal import Files

/// Collects tasks in any order, and builds the graph.
package struct TaskGraphBuilder {
  /// An input of a task.
  package enum Input: Hashable, Sendable {
    /// The content of a file: a source, or another task's output.
    case file(String)
    /// A value of another task, by index.
    case value(TaskID, Int)
  }

  private struct Entry {
    let rule: Rule
    let name: String
    let parameters: String
    let inputs: [Input]
    let outputs: [String]
    let values: Int

    var recipe: Fingerprint {
      var encoder = CanonicalEncoder()
      encoder.add(rule.name)
      encoder.add(rule.version)
      encoder.add(parameters)
      encoder.add(outputs) { $0.add($1) }
      return encoder.fingerprint
    }
  }

  private var entries: [Entry] = []
  private var writers: [PathKey: UInt32] = [:]

  package init() {}

  /// Adds a task.
  ///
  /// - Parameters:
  ///   - parameters: everything that the task depends on except its inputs; the graph stores it for the runner.
  ///   - outputs: the files that it writes.
  ///   - values: the number of values that it computes.
  /// - Throws: `GraphError.twoWriters`.
  package mutating func add(
    _ rule: Rule, name: String, parameters: String, inputs: [Input], outputs: [String] = [], values: Int = 0
  ) throws(GraphError) -> TaskID {
    let id = UInt32(entries.count)
    for output in outputs {
      if let writer = writers[PathKey(output)] {
        throw .twoWriters(path: output, first: writer < id ? entries[Int(writer)].name : name, second: name)
      }
      writers[PathKey(output)] = id
    }
    entries.append(
      Entry(rule: rule, name: name, parameters: parameters, inputs: inputs, outputs: outputs, values: values))
    return TaskID(id)
  }

  /// The task that writes a file.
  package func writer(of path: String) -> TaskID? { writers[PathKey(path)].map { TaskID($0) } }

  /// The graph, with sources numbered in the order of their first use. O(tasks + inputs).
  ///
  /// - Throws: `GraphError.cycle`.
  package func build() throws(GraphError) -> TaskGraph {
    var tables = GraphTables()
    var sources: [PathKey: UInt32] = [:]
    for entry in entries {
      for case .file(let path) in entry.inputs {
        let key = PathKey(path)
        guard writers[key] == nil, sources[key] == nil else { continue }
        sources[key] = UInt32(tables.slotCount)
        tables.paths.append(path)
      }
    }
    tables.sourceCount = tables.slotCount
    tables.firstSlots = [UInt32(tables.sourceCount)]
    var rules: [Rule: UInt16] = [:]
    for entry in entries {
      if let rule = rules[entry.rule] {
        tables.taskRules.append(rule)
      } else {
        let rule = UInt16(rules.count)
        rules[entry.rule] = rule
        tables.rules.append(entry.rule)
        tables.taskRules.append(rule)
      }
      tables.names.append(entry.name)
      tables.parameterTexts.append(entry.parameters)
      tables.recipes.append(entry.recipe)
      tables.outputCounts.append(UInt32(entry.outputs.count))
      for output in entry.outputs { tables.paths.append(output) }
      for _ in 0..<entry.values { tables.paths.append("") }

      tables.firstSlots.append(UInt32(tables.slotCount))
    }
    for entry in entries {
      for input in entry.inputs { tables.inputSlots.append(slot(input, tables, sources)) }
      tables.firstInputs.append(UInt32(tables.inputSlots.count))
    }
    tables.fillSlotTasks()
    tables.topologicalOrder = try TaskGraphBuilder.order(TaskGraph(tables))
    tables.takeFingerprint()
    return TaskGraph(tables)
  }

  private func slot(_ input: Input, _ tables: GraphTables, _ sources: [PathKey: UInt32]) -> UInt32 {
    switch input {
    case .file(let path):
      guard let writer = writers[PathKey(path)] else { return sources[PathKey(path)]! }
      let index = entries[Int(writer)].outputs.firstIndex { PathKey($0) == PathKey(path) }!
      return tables.firstSlots[Int(writer)] + UInt32(index)
    case .value(let task, let index):
      precondition(index < entries[Int(task.raw)].values, "task '\(entries[Int(task.raw)].name)' has no value \(index)")
      return tables.firstSlots[Int(task.raw)] + UInt32(entries[Int(task.raw)].outputs.count + index)
    }
  }

  /// Kahn's algorithm; among tasks that are ready, the one that was added first comes first.
  private static func order(_ graph: TaskGraph) throws(GraphError) -> [UInt32] {
    var waiting = [UInt32](repeating: 0, count: graph.taskCount)
    let consumers = Consumers(graph, Array(graph.tasks))
    for task in graph.tasks {
      for index in consumers.indices(of: task) { waiting[Int(consumers[index].raw)] += 1 }
    }
    var order = (0..<UInt32(graph.taskCount)).filter { waiting[Int($0)] == 0 }
    order.reserveCapacity(graph.taskCount)
    var next = 0
    while next < order.count {
      for index in consumers.indices(of: TaskID(order[next])) {
        let consumer = consumers[index].raw
        waiting[Int(consumer)] -= 1
        if waiting[Int(consumer)] == 0 { order.append(consumer) }
      }
      next += 1
    }
    guard order.count == graph.taskCount else { throw .cycle(tasks: cycle(graph, waiting)) }
    return order
  }

  /// A complete cycle among the tasks that never become ready, each before the task that it needs.
  private static func cycle(_ graph: TaskGraph, _ waiting: [UInt32]) -> [String] {
    // Every waiting task needs another waiting task, so following them must lead back.
    var path: [TaskID] = [graph.tasks.first { waiting[Int($0.raw)] > 0 }!]
    var indices: [TaskID: Int] = [path[0]: 0]
    while true {
      let needed = graph.inputs(path.last!).lazy.compactMap { graph.producer(SlotID($0)) }
        .first { waiting[Int($0.raw)] > 0 }!
      path.append(needed)
      if let start = indices[needed] { return path[start...].map(graph.name) }
      indices[needed] = path.count - 1
    }
  }
}
