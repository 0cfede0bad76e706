/// What a build did with a task.
package enum Outcome: String, Hashable, Sendable, CaseIterable {
  case ran
  /// It was up to date.
  case kept
  /// Something that it consumes could not be made, or the build ended before the task started.
  case skipped
  case failed

  /// The stored form.
  var code: UInt8 {
    switch self {
    case .ran: 1
    case .kept: 2
    case .skipped: 3
    case .failed: 4
    }
  }

  init?(code: UInt8) {
    guard let outcome = Outcome.allCases.first(where: { $0.code == code }) else { return nil }
    self = outcome
  }
}

/// The last decision that a task was not up to date, and when it was made.
package struct Decision: Hashable, Sendable {
  package var outcome: Outcome
  /// Why it had to run; `nil` for a task that was skipped before this was known.
  package var reason: Reason?
  /// How many builds ago: 0 for the last one.
  package var buildsAgo: Int
}

/// For each task the last decision that it was not up to date, which `why` reports, long after the build.
struct DecisionTable {
  /// The number of the last build; builds are counted from 1.
  var build: UInt32 = 0
  /// The targets of the last build; `nil` for everything.
  var lastTargets: [TaskID]?
  /// By task: the number of the build that made the decision; 0 for none.
  var builds: [UInt32]
  /// By task: the outcome, plus 16 times the reason's code.
  var codes: [UInt8]
  /// By task: the slot that the reason names.
  var slots: [UInt32]

  init(taskCount: Int) {
    builds = [UInt32](repeating: 0, count: taskCount)
    codes = [UInt8](repeating: 0, count: taskCount)
    slots = [UInt32](repeating: 0, count: taskCount)
  }

  init(builds: [UInt32], codes: [UInt8], slots: [UInt32]) {
    self.builds = builds
    self.codes = codes
    self.slots = slots
  }

  mutating func begin(_ targets: [TaskID]?) {
    build &+= 1
    lastTargets = targets
  }

  mutating func record(_ task: TaskID, _ outcome: Outcome, _ reason: ReasonCode) {
    builds[Int(task.raw)] = build
    codes[Int(task.raw)] = outcome.code + 16 * reason.code
    slots[Int(task.raw)] = reason.slot
  }

  /// The last decision about a task; `nil` if it never ran, failed or was skipped.
  func decision(_ task: TaskID) -> Decision? {
    let index = Int(task.raw)
    guard builds[index] != 0, let outcome = Outcome(code: codes[index] % 16) else { return nil }
    return Decision(
      outcome: outcome, reason: ReasonCode(code: codes[index] / 16, slot: slots[index]).reason,
      buildsAgo: Int(build &- builds[index]))
  }

  /// Takes a decision from another graph's table; slots of that graph are dropped.
  mutating func carryOver(_ task: TaskID, from old: DecisionTable, _ oldTask: TaskID) {
    let (index, oldIndex) = (Int(task.raw), Int(oldTask.raw))
    builds[index] = old.builds[oldIndex]
    codes[index] = old.codes[oldIndex]
    slots[index] = ReasonCode.noSlot
  }
}

/// The stored form of a reason.
struct ReasonCode: Hashable {
  static let noSlot = UInt32.max

  /// 0 for no reason.
  let code: UInt8
  let slot: UInt32

  init(code: UInt8, slot: UInt32) {
    self.code = code
    self.slot = slot
  }

  init(_ reason: Reason?) {
    switch reason {
    case nil: self.init(code: 0, slot: ReasonCode.noSlot)
    case .neverRan: self.init(code: 1, slot: ReasonCode.noSlot)
    case .recipeChanged: self.init(code: 2, slot: ReasonCode.noSlot)
    case .inputsChanged: self.init(code: 3, slot: ReasonCode.noSlot)
    case .inputChanged(let slot): self.init(code: 4, slot: slot.raw)
    case .outputMissing(let slot): self.init(code: 5, slot: slot.raw)
    case .outputEdited(let slot): self.init(code: 6, slot: slot.raw)
    }
  }

  /// `nil` also for a reason whose slot no longer exists.
  var reason: Reason? {
    switch (code, slot) {
    case (1, _): .neverRan
    case (2, _): .recipeChanged
    case (3, _): .inputsChanged
    case (_, ReasonCode.noSlot): nil
    case (4, _): .inputChanged(SlotID(slot))
    case (5, _): .outputMissing(SlotID(slot))
    case (6, _): .outputEdited(SlotID(slot))
    default: nil
    }
  }
}
