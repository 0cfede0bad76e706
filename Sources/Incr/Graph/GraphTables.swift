internal import Bytes

/// A graph's dense tables: there are no node objects, and no pointers between nodes.
struct GraphTables: Sendable, Hashable {
  /// The paths of sources and outputs; a value's path is empty.
  var paths = StringPool()
  var sourceCount = 0
  var rules: [Rule] = []
  /// For each task, indexed by `TaskID.raw`.
  var taskRules: [UInt16] = []
  var names = StringPool()
  var parameterTexts = StringPool()
  var recipes: [Fingerprint] = []
  var outputCounts: [UInt32] = []
  /// The index of each task's first slot and first input, and of the end.
  var firstSlots: [UInt32] = [0]
  var firstInputs: [UInt32] = [0]
  var inputSlots: [UInt32] = []
  /// For each slot that is not a source, the task that produces it.
  var slotTasks: [UInt32] = []
  /// All tasks, each after those that it consumes.
  var topologicalOrder: [UInt32] = []
  /// A fingerprint of all tables above.
  var fingerprint = Fingerprint(high: 0, low: 0)

  var taskCount: Int { taskRules.count }
  var slotCount: Int { paths.count }
}

extension GraphTables {
  func add(to file: inout TableWriter) {
    file.add([UInt32(sourceCount)])
    file.add(rules.map(\.version))
    var ruleNames = StringPool()
    for rule in rules { ruleNames.append(rule.name) }
    for pool in [ruleNames, paths, names, parameterTexts] { pool.add(to: &file) }
    file.add(taskRules)
    file.add(recipes)
    for table in [outputCounts, firstSlots, firstInputs, inputSlots, topologicalOrder] { file.add(table) }
  }

  /// - Returns: `nil` if a table is damaged or inconsistent with the others: correct checksums can be forged.
  init?(_ file: inout TableReader) {
    let first = file.next
    guard let sourceCount: [UInt32] = file.table(), let versions: [UInt32] = file.table(),
      let ruleNames = StringPool(&file), let paths = StringPool(&file), let names = StringPool(&file),
      let parameterTexts = StringPool(&file),
      let taskRules: [UInt16] = file.table(), let recipes: [Fingerprint] = file.table(),
      let outputCounts: [UInt32] = file.table(), let firstSlots: [UInt32] = file.table(),
      let firstInputs: [UInt32] = file.table(), let inputSlots: [UInt32] = file.table(),
      let order: [UInt32] = file.table(), sourceCount.count == 1, ruleNames.count == versions.count,
      sourceCount[0] <= paths.count
    else { return nil }
    self.sourceCount = Int(sourceCount[0])
    rules = versions.enumerated().map { Rule(name: ruleNames[$0], version: $1) }
    self.paths = paths
    self.names = names
    self.parameterTexts = parameterTexts
    self.taskRules = taskRules
    self.recipes = recipes
    self.outputCounts = outputCounts
    self.firstSlots = firstSlots
    self.firstInputs = firstInputs
    self.inputSlots = inputSlots
    topologicalOrder = order
    guard isWhole else { return nil }
    fillSlotTasks()
    fingerprint = file.fingerprint(since: first)
  }

  /// Sets the graph's fingerprint to that of its tables.
  mutating func takeFingerprint() {
    var tables = TableWriter(magic: 0)
    add(to: &tables)
    fingerprint = tables.fingerprint
  }

  /// Whether all indices are inside the tables that they refer to. O(graph).
  private var isWhole: Bool {
    guard names.count == taskCount, parameterTexts.count == taskCount, recipes.count == taskCount,
      outputCounts.count == taskCount, topologicalOrder.count == taskCount,
      GraphTables.isPartition(firstSlots, of: sourceCount..<slotCount, into: taskCount),
      GraphTables.isPartition(firstInputs, of: 0..<inputSlots.count, into: taskCount)
    else { return false }
    let (slots, ruleCount) = (UInt32(slotCount), rules.count)
    return taskRules.allSatisfy { $0 < ruleCount } && topologicalOrder.allSatisfy { $0 < taskCount }
      && inputSlots.allSatisfy { $0 < slots }
      && (0..<taskCount).allSatisfy { firstSlots[$0 + 1] - firstSlots[$0] >= outputCounts[$0] }
  }

  /// Whether indices, one more than there are parts, ascend from the beginning of a range to its end.
  private static func isPartition(_ starts: [UInt32], of range: Range<Int>, into parts: Int) -> Bool {
    starts.count == parts + 1 && Int(starts[0]) == range.lowerBound && Int(starts[parts]) == range.upperBound
      && (0..<parts).allSatisfy { starts[$0] <= starts[$0 + 1] }
  }

  /// Computes the producing task of each slot that is not a source.
  mutating func fillSlotTasks() {
    slotTasks = []
    slotTasks.reserveCapacity(slotCount - sourceCount)
    for task in 0..<taskCount {
      for _ in firstSlots[task]..<firstSlots[task + 1] { slotTasks.append(UInt32(task)) }
    }
  }
}

extension StringPool {
  func add(to file: inout TableWriter) {
    file.add(bytes)
    file.add(starts)
  }

  init?(_ file: inout TableReader) {
    guard let bytes: [UInt8] = file.table(), let starts: [UInt32] = file.table() else { return nil }
    self.init(bytes: bytes, starts: starts)
  }
}
