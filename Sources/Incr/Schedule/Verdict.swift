internal import Bytes

/// Why a task has to run.
package enum Reason: Hashable, Sendable {
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

/// What a task's trace and files say.
package enum Verdict: Hashable, Sendable {
  case upToDate
  case run(Reason)
}

/// How an output file stands to what is recorded of it.
enum OutputState {
  case unchanged, missing, edited
}

extension TaskGraph {
  /// Compares a task's trace with what is so now: what it says is what a build does and what `why` reports.
  ///
  /// - Parameters:
  ///   - traces: what is known of the last runs; the signatures of the task's inputs are those of now.
  ///   - output: how the output file of a slot stands to the signature that is recorded of it.
  func verdict(_ task: TaskID, _ traces: borrowing TraceTable, output: (Int) -> OutputState) -> Verdict {
    switch traces.standing(task) {
    case .neverRan: return .run(.neverRan)
    case .recipeChanged: return .run(.recipeChanged)
    case .inputsChanged: return .run(.inputsChanged)
    case .traced: break
    }
    for place in inputPlaces(task) where traces.signatures[Int(inputSlots[place])] != traces.consumed[place] {
      return .run(.inputChanged(SlotID(inputSlots[place])))
    }
    for slot in outputs(task) {
      switch output(slot) {
      case .unchanged: continue
      case .missing: return .run(.outputMissing(SlotID(UInt32(slot))))
      case .edited: return .run(.outputEdited(SlotID(UInt32(slot))))
      }
    }
    return .upToDate
  }
}
