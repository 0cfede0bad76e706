public import Incr

/// How a task ended in the last build.
public enum LastOutcome: String, Sendable, CaseIterable {
  case ran, kept, skipped, failed
}

extension Project {
  /// How each task ended in the last build; empty where none is on record.
  public func lastOutcomes() -> [TaskID: LastOutcome] {
    // To be filled: the engine does not record outcomes yet.
    [:]
  }
}
