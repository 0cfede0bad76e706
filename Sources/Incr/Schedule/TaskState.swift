/// The state of a task in one build.
package enum TaskState: UInt8, Hashable, Sendable {
  /// Something that it consumes is not settled.
  case waiting
  /// It must run, and can.
  case ready
  case running
  /// It ran, and its trace is recorded.
  case ran
  /// It was up to date.
  case kept
  case failed
  /// Something that it consumes could not be made, or the build ended before the task started.
  case skipped

  /// Whether the state is final in this build.
  var isSettled: Bool {
    switch self {
    case .waiting, .ready, .running: false
    case .ran, .kept, .failed, .skipped: true
    }
  }

  /// Whether its consumers cannot run.
  var isLost: Bool { self == .failed || self == .skipped }

  func mayBecome(_ next: TaskState) -> Bool {
    switch (self, next) {
    case (.waiting, .ready), (.waiting, .kept), (.waiting, .skipped), (.waiting, .failed): true
    case (.ready, .running), (.ready, .skipped): true
    // Back to ready: the worker that got it did not start it.
    case (.running, .ran), (.running, .failed), (.running, .ready): true
    default: false
    }
  }
}

/// The states of all tasks, which can only change along valid transitions.
struct TaskStates {
  private var states: [TaskState]

  init(count: Int) { states = [TaskState](repeating: .waiting, count: count) }

  subscript(_ id: TaskID) -> TaskState { states[Int(id.raw)] }

  mutating func move(_ id: TaskID, to next: TaskState) {
    precondition(self[id].mayBecome(next), "task \(id.raw): \(self[id]) -> \(next)")
    states[Int(id.raw)] = next
  }

  func count(_ state: TaskState) -> Int { states.count { $0 == state } }
}
