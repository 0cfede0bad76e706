internal import Bytes

extension TaskGraph {
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
    self.init()
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
      TaskGraph.isPartition(firstSlots, of: sourceCount..<slotCount, into: taskCount),
      TaskGraph.isPartition(firstInputs, of: 0..<inputSlots.count, into: taskCount)
    else { return false }
    let (slots, ruleCount) = (UInt32(slotCount), rules.count)
    return taskRules.allSatisfy { $0 < ruleCount } && topologicalOrder.allSatisfy { $0 < taskCount }
      && inputSlots.allSatisfy { $0 < slots } && tasks.allSatisfy { self.slots($0).count >= outputCounts[Int($0.raw)] }
  }

  /// Whether indices, one more than there are parts, ascend from the beginning of a range to its end.
  private static func isPartition(_ places: [UInt32], of range: Range<Int>, into parts: Int) -> Bool {
    places.count == parts + 1 && Int(places[0]) == range.lowerBound && Int(places[parts]) == range.upperBound
      && (0..<parts).allSatisfy { places[$0] <= places[$0 + 1] }
  }

  /// Computes the producing task of each slot that is not a source.
  mutating func fillSlotTasks() {
    slotTasks = []
    slotTasks.reserveCapacity(slotCount - sourceCount)
    for task in tasks { for _ in slots(task) { slotTasks.append(task.raw) } }
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
