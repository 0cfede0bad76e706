/// Why a task has to run.
public enum Reason: Hashable, Sendable {
  /// Nothing is known of an earlier run.
  case neverRan
  /// Its rule has another version, its parameters or output paths are others.
  case recipeChanged
  /// It consumes another number of inputs than before.
  case inputsChanged
  /// An input has another signature; the slot says which.
  case inputChanged(SlotID)
  case outputMissing(SlotID)
  /// An output is not as the task left it.
  case outputEdited(SlotID)
}

/// What the walk decides about a task.
public enum Verdict: Hashable, Sendable {
  case upToDate
  case run(Reason)
}

/// How an output file stands to what is recorded of it.
enum OutputState {
  case unchanged, missing, edited
}

extension TaskGraph {
  /// The one walk over a task's trace: what it says is what a build does and what `why` tells.
  ///
  /// - Parameters:
  ///   - trace: what is known of the task's last run.
  ///   - signature: the signature that a slot has now; `nil` when it has none.
  ///   - output: how an output file stands to its recorded stamp and signature.
  func verdict(
    _ task: TaskID, _ trace: Trace?, signature: (SlotID) -> Fingerprint?,
    output: (SlotID, RecordedStamp, Fingerprint) -> OutputState
  ) -> Verdict {
    guard let trace else { return .run(.neverRan) }
    guard trace.recipe == recipe(task), trace.results.count == slots(task).count,
      trace.stamps.count == outputs(task).count
    else { return .run(.recipeChanged) }
    let inputs = inputs(task)
    guard trace.consumed.count == inputs.count else { return .run(.inputsChanged) }
    for (input, consumed) in zip(inputs, trace.consumed) where signature(SlotID(input)) != consumed {
      return .run(.inputChanged(SlotID(input)))
    }
    for (index, slot) in outputs(task).enumerated() {
      switch output(SlotID(UInt32(slot)), trace.stamps[index], trace.results[index]) {
      case .unchanged: continue
      case .missing: return .run(.outputMissing(SlotID(UInt32(slot))))
      case .edited: return .run(.outputEdited(SlotID(UInt32(slot))))
      }
    }
    return .upToDate
  }
}
