internal import Bytes

/// Why a task must run.
package enum Reason: Hashable, Sendable {
  /// No earlier run is recorded.
  case neverRan
  /// Its rule's version, its parameters or its output paths changed.
  case recipeChanged
  /// The number of its inputs changed.
  case inputsChanged
  /// The signature of the input in this slot changed.
  case inputChanged(SlotID)
  case outputMissing(SlotID)
  /// An output is not as the task wrote it.
  case outputEdited(SlotID)
}

/// The result of comparing a task's trace and files.
package enum Verdict: Hashable, Sendable {
  case upToDate
  case run(Reason)
}

/// An output file compared with its record.
enum OutputState {
  case unchanged, missing, edited
}

extension TaskGraph {
  /// Compares a task's trace with the current state. Builds and `why` both use this.
  ///
  /// - Parameters:
  ///   - traces: the records of the last runs; the signatures of the task's inputs must be current.
  ///   - output: compares the output file of a slot with its recorded signature.
  func verdict(_ task: TaskID, _ traces: borrowing TraceTable, output: (Int) -> OutputState) -> Verdict {
    switch traces.recordState(task) {
    case .neverRan: return .run(.neverRan)
    case .recipeChanged: return .run(.recipeChanged)
    case .inputsChanged: return .run(.inputsChanged)
    case .traced: break
    }
    for index in inputIndices(task) where traces.signatures[Int(inputSlots[index])] != traces.consumed[index] {
      return .run(.inputChanged(SlotID(inputSlots[index])))
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
