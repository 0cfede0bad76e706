package import Bytes
package import Files

/// The input of a running task.
package final class TaskContext: Sendable {
  package let task: TaskID
  package let graph: TaskGraph
  /// The signature of each input, in the graph's order.
  package let inputs: [Fingerprint]
  /// By input index, the sources that were read for this run: to compute their signatures, or to avoid reading them
  /// again.
  package let contents: [Int: FileContent]
  /// Whether none of its output files existed when the build began.
  package let isNew: Bool
  /// The values that the producers of its inputs computed in this build, by producer. An optimization: any may be
  /// missing.
  package let products: [TaskID: any Sendable]
  /// The indices of the inputs that are sources without a signature.
  let unsigned: [Int]

  /// Whether an input is a value that was not computed, because its task failed.
  package func isLost(_ input: Int) -> Bool { inputs[input] == TraceTable.nothing }

  package convenience init(task: TaskID, graph: TaskGraph, inputs: [Fingerprint]) {
    self.init(task: task, graph: graph, inputs: inputs, products: [:], unsigned: [], isNew: false)
  }

  init(
    task: TaskID, graph: TaskGraph, inputs: [Fingerprint], contents: [Int: FileContent] = [:],
    products: [TaskID: any Sendable], unsigned: [Int], isNew: Bool
  ) {
    self.task = task
    self.graph = graph
    self.inputs = inputs
    self.contents = contents
    self.isNew = isNew
    self.products = products
    self.unsigned = unsigned
  }

  /// The same task after its sources without a signature were read.
  func with(inputs: [Fingerprint], contents: [Int: FileContent]) -> TaskContext {
    TaskContext(
      task: task, graph: graph, inputs: inputs, contents: contents, products: products, unsigned: [], isNew: isNew)
  }
}

/// A part of a task's time, by kind of work.
package struct PhaseTiming: Hashable, Sendable {
  package let phase: String
  package let nanos: Int64

  package init(phase: String, nanos: Int64) {
    self.phase = phase
    self.nanos = nanos
  }
}

/// The result of a task.
package struct TaskOutcome: Sendable {
  /// The signature of each output file and of each value, in the order of the task's slots.
  package var results: [Fingerprint]
  /// The stamps of the first output files, if the task took them when it wrote the files; the others are statted.
  package var stamps: [TakenStamp] = []
  /// How many output files changed.
  package var filesWritten: Int
  package var bytesRead: Int
  package var bytesWritten: Int
  /// The task's time by kind of work.
  package var timings: [PhaseTiming]
  /// A value for the consumers of the task, in this build only.
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

/// Runs tasks: the part of a build that knows what tasks do. Called from several threads at once.
package protocol TaskRunner: Sendable {
  /// Why a task failed.
  associatedtype Failure: Error

  /// Runs a task. Its output files must exist when this returns.
  ///
  /// - Returns: `nil` if the task cannot be decoded from the graph: the state that the graph comes from is damaged.
  func run(_ context: TaskContext) throws(Failure) -> TaskOutcome?
}

/// An event of a build, reported on the driving thread.
package enum BuildEvent<Failure: Error>: Sendable {
  /// In a dry run: the task would run, and its consumers might.
  case wouldRun(TaskID, Reason)
  case started(TaskID, Reason, worker: Int)
  case finished(TaskID, TaskOutcome, worker: Int, startNanos: Int64, endNanos: Int64)
  case failed(TaskID, BuildFailure<Failure>)
}

/// Why a task did not succeed.
package enum BuildFailure<Failure: Error>: Error, Sendable {
  /// A source file that no task produces does not exist or cannot be read.
  case source(FileError)
  case missingSource(path: String)
  case task(Failure)
  /// The task returned, but an output file does not exist.
  case outputMissing(path: String)
}
