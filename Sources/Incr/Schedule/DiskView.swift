internal import Bytes
internal import Files

/// The files of a graph on disk, compared with their records.
struct DiskView {
  private let graph: TaskGraph
  private var findings: [FileSurvey.Finding]
  /// By slot: why a source could not be read.
  private var errors: [UInt32: FileError] = [:]

  /// Stats the files of the tasks, on several threads.
  ///
  /// - Parameters:
  ///   - tasks: `nil` for all.
  ///   - known: by slot, the stamps of the recorded signatures.
  init(_ graph: TaskGraph, of tasks: [TaskID]?, known: [StampDigest], workers: Int) {
    self.graph = graph
    let slots = tasks.map { tasks in
      var isWanted = [Bool](repeating: false, count: graph.slotCount)
      for task in tasks {
        for input in graph.inputs(task) { isWanted[Int(input)] = true }
        for output in graph.outputs(task) { isWanted[output] = true }
      }
      return isWanted
    }
    findings = FileSurvey.findings(graph, known: known, wanted: slots, workers: workers)
  }

  /// The sources whose signatures are needed to compare a task's trace. A task that runs in any case reads its inputs
  /// itself, because reading a file for its signature also gives its content.
  ///
  /// - Parameter tasks: `nil` for all.
  func sourcesToCompare(_ tasks: [TaskID]?, _ traces: borrowing TraceTable) -> [Int] {
    guard findings[..<graph.sourceCount].contains(.doubtful) else { return [] }
    var isCompared = [Bool](repeating: false, count: graph.sourceCount)
    for task in tasks ?? Array(graph.order) where traces.recordState(task) == .traced {
      for input in graph.inputs(task) where Int(input) < graph.sourceCount { isCompared[Int(input)] = true }
    }
    return (0..<graph.sourceCount).filter { isCompared[$0] && findings[$0] == .doubtful }
  }

  /// The outputs whose content has to be compared with the record, among those of tasks that may be up to date.
  ///
  /// - Parameter tasks: `nil` for all.
  func outputsToCompare(_ tasks: [TaskID]?, _ traces: borrowing TraceTable) -> [Int] {
    guard findings[graph.sourceCount...].contains(.doubtful) else { return [] }
    var slots: [Int] = []
    for task in tasks ?? Array(graph.order) where traces.recordState(task) == .traced {
      slots += graph.outputs(task).filter { findings[$0] == .doubtful }
    }
    return slots
  }

  /// The content of a file has the recorded signature.
  mutating func sign(_ slot: Int) { findings[slot] = .vouchedFor }

  /// An output has other content than recorded, or could not be read.
  mutating func findEdited(_ slot: Int) { findings[slot] = .edited }

  /// A source could not be read.
  mutating func fail(_ slot: Int, _ error: FileError) { errors[UInt32(slot)] = error }

  /// The status of a task's files.
  ///
  /// - Parameter traces: the records; the signatures of the task's inputs must be current.
  func status(_ task: TaskID, _ traces: borrowing TraceTable) -> Scheduler.FileStatus {
    if let failure = unusableSource(task) { return .unusable(failure) }
    let verdict = graph.verdict(task, traces) { slot in
      switch findings[slot] {
      case .missing, .notLookedAt: .missing
      case .vouchedFor: .unchanged
      case .doubtful, .edited: .edited
      }
    }
    switch verdict {
    case .upToDate: return .upToDate
    case .run(let reason): return .outOfDate(reason)
    }
  }

  private func unusableSource(_ task: TaskID) -> SourceFailure? {
    for input in graph.inputs(task) where Int(input) < graph.sourceCount {
      if let error = errors[input] { return .unreadable(error) }
      if findings[Int(input)] == .missing { return SourceFailure(notFound: graph.path(Int(input))) }
    }
    return nil
  }

  /// The indices of a task's inputs that are sources without a signature.
  func unsigned(_ task: TaskID) -> [Int] {
    graph.inputs(task).enumerated().compactMap { index, input in
      Int(input) < graph.sourceCount && findings[Int(input)] == .doubtful ? index : nil
    }
  }

  /// Whether none of a task's output files existed.
  func isNew(_ task: TaskID) -> Bool { graph.outputs(task).allSatisfy { findings[$0] == .missing } }
}

extension SourceFailure {
  /// Why a file was not found just now.
  fileprivate init(notFound path: String) {
    do throws(FileError) {
      self = try FileStamp(path: path) == nil ? .missing(path: path) : .unreadable(.changedWhileRead(path: path))
    } catch { self = .unreadable(error) }
  }
}
