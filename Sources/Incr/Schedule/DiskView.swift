internal import Bytes
internal import Files

/// The files of a graph as they are on disk, beside what is recorded of them.
struct DiskView {
  private let graph: TaskGraph
  private var findings: [FileSurvey.Finding]
  /// By slot: why a source could not be read.
  private var errors: [UInt32: FileError] = [:]

  /// Stamps the files of the tasks, on several threads.
  ///
  /// - Parameters:
  ///   - tasks: `nil` for all.
  ///   - known: by slot, the stamps that vouch for recorded signatures.
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

  /// The sources whose signature has to be taken because a task's trace is compared with it. A task that runs in any case
  /// takes those of its inputs itself: a caller that reads a file for its signature has its content too.
  ///
  /// - Parameter tasks: `nil` for all.
  func sourcesToCompare(_ tasks: [TaskID]?, _ traces: borrowing TraceTable) -> [Int] {
    guard findings[..<graph.sourceCount].contains(.doubtful) else { return [] }
    var isCompared = [Bool](repeating: false, count: graph.sourceCount)
    for task in tasks ?? Array(graph.order) where traces.standing(task) == .traced {
      for input in graph.inputs(task) where Int(input) < graph.sourceCount { isCompared[Int(input)] = true }
    }
    return (0..<graph.sourceCount).filter { isCompared[$0] && findings[$0] == .doubtful }
  }

  /// The outputs whose content has to be compared with what is recorded, as far as it is known which tasks run.
  ///
  /// - Parameter tasks: `nil` for all.
  func outputsToCompare(_ tasks: [TaskID]?, _ traces: borrowing TraceTable) -> [Int] {
    guard findings[graph.sourceCount...].contains(.doubtful) else { return [] }
    var slots: [Int] = []
    for task in tasks ?? Array(graph.order) where traces.standing(task) == .traced {
      slots += graph.outputs(task).filter { findings[$0] == .doubtful }
    }
    return slots
  }

  /// A file's signature is the recorded one.
  mutating func sign(_ slot: Int) { findings[slot] = .vouchedFor }

  /// An output was read, and has other content than is recorded, or could not be read.
  mutating func findEdited(_ slot: Int) { findings[slot] = .edited }

  /// A source could not be read.
  mutating func fail(_ slot: Int, _ error: FileError) { errors[UInt32(slot)] = error }

  /// What the files of a task are like.
  ///
  /// - Parameter traces: what is recorded; the signatures of the task's inputs are those of now.
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

  /// The places of a task's inputs that are sources without a signature.
  func unsigned(_ task: TaskID) -> [Int] {
    graph.inputs(task).enumerated().compactMap { place, input in
      Int(input) < graph.sourceCount && findings[Int(input)] == .doubtful ? place : nil
    }
  }

  /// Whether none of a task's output files was there.
  func isNew(_ task: TaskID) -> Bool { graph.outputs(task).allSatisfy { findings[$0] == .missing } }
}

extension SourceFailure {
  /// Why a file was not found a moment ago.
  fileprivate init(notFound path: String) {
    do throws(FileError) {
      self = try FileStamp(path: path) == nil ? .missing(path: path) : .unreadable(.changedWhileRead(path: path))
    } catch { self = .unreadable(error) }
  }
}
