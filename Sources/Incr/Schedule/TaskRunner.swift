package import Bytes
package import Files

/// What a task is given when it runs.
package struct TaskContext: Sendable {
  package let task: TaskID
  package let graph: TaskGraph
  /// The signature of each input, in the graph's order.
  package internal(set) var inputs: [Fingerprint]
  /// By place among the inputs, those sources that were read for this run: to take their signature, or not read again.
  package internal(set) var contents: [Int: FileContent] = [:]
  /// Whether none of its output files was there when the build began.
  package internal(set) var isNew = false
  /// The places of the inputs that are sources and have no signature yet.
  var unsigned: [Int] = []
  /// What the producers of its inputs computed in this same build, by producer: a convenience that may be missing.
  package let products: [TaskID: any Sendable]

  package init(task: TaskID, graph: TaskGraph, inputs: [Fingerprint], products: [TaskID: any Sendable]) {
    self.task = task
    self.graph = graph
    self.inputs = inputs
    self.products = products
  }
}

/// A part of a task's time, by the kind of work that it went into.
package struct PhaseTiming: Hashable, Sendable {
  package let phase: String
  package let nanos: Int64

  package init(phase: String, nanos: Int64) {
    self.phase = phase
    self.nanos = nanos
  }
}

/// What a task made.
package struct TaskOutcome: Sendable {
  /// The signature of each output file and of each value, in the order of the task's slots.
  package var results: [Fingerprint]
  /// The stamps of the first output files, where the task took them as it wrote; the others are looked at.
  package var stamps: [TakenStamp] = []
  /// How many of the output files had other content than before.
  package var filesWritten: Int
  package var bytesRead: Int
  package var bytesWritten: Int
  /// Where the task's time went.
  package var timings: [PhaseTiming]
  /// Handed to the tasks that consume something of this one, in this build only.
  package var product: (any Sendable)?

  package init(
    results: [Fingerprint], filesWritten: Int = 0, bytesRead: Int = 0, bytesWritten: Int = 0,
    timings: [PhaseTiming] = [], product: (any Sendable)? = nil
  ) {
    self.results = results
    self.filesWritten = filesWritten
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
    self.timings = timings
    self.product = product
  }
}

/// Runs tasks: the part of a build that knows what they mean. Called from several threads at once.
package protocol TaskRunner: Sendable {
  associatedtype Failure: Error

  /// Does the task's work: its output files are in place when this returns.
  ///
  /// - Returns: `nil` when the graph does not say what the task does: the state that the graph comes from is damaged.
  func run(_ context: TaskContext) throws(Failure) -> TaskOutcome?
}

/// Something that happened in a build, told on the thread that drives it.
package enum BuildEvent<Failure: Error>: Sendable {
  /// In a dry run: the task would run, and what needs it may have to.
  case wouldRun(TaskID, Reason)
  case started(TaskID, Reason, worker: Int)
  case finished(TaskID, TaskOutcome, worker: Int, startNanos: Int64, endNanos: Int64)
  case failed(TaskID, BuildFailure<Failure>)
}

/// Why a task did not succeed.
package enum BuildFailure<Failure: Error>: Error, Sendable {
  /// A source file that nothing makes is not there, or cannot be read.
  case source(FileError)
  case missingSource(path: String)
  case task(Failure)
  /// The task returned, but an output file is not there.
  case outputMissing(path: String)
}
