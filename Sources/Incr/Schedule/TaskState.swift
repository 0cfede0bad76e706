/// The life of a task in one build.
package enum TaskState: UInt8, Hashable, Sendable {
  /// Something that it consumes is not known yet.
  case waiting
  /// It has to run, and can.
  case ready
  case running
  /// It ran and its trace is kept.
  case ran
  /// It was up to date.
  case kept
  case failed
  /// Something that it consumes could not be made, or the build ended before it began.
  case skipped

  /// Whether nothing more will happen to it in this build.
  var isSettled: Bool {
    switch self {
    case .waiting, .ready, .running: false
    case .ran, .kept, .failed, .skipped: true
    }
  }

  /// Whether what needs it cannot run.
  var isLost: Bool { self == .failed || self == .skipped }

  func mayBecome(_ next: TaskState) -> Bool {
    switch (self, next) {
    case (.waiting, .ready), (.waiting, .kept), (.waiting, .skipped), (.waiting, .failed): true
    case (.ready, .running), (.ready, .skipped): true
    // Back to ready: it was handed to a worker that did not come to it.
    case (.running, .ran), (.running, .failed), (.running, .ready): true
    default: false
    }
  }
}

/// The states of all tasks, changed through one door.
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
