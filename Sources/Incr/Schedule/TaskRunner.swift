/// What a task is given when it runs.
public struct TaskContext: Sendable {
  public let task: TaskID
  public let graph: TaskGraph
  /// The signature of each input, in the graph's order.
  public internal(set) var inputs: [Fingerprint]
  /// By place among the inputs, those sources that were read for this run: to take their signature, or not read again.
  public internal(set) var contents: [Int: FileContent] = [:]
  /// Whether none of its output files was there when the build began.
  public internal(set) var isNew = false
  /// The places of the inputs that are sources and have no signature yet.
  var unsigned: [Int] = []
  /// What the producers of its inputs computed in this same build, by producer: a convenience that may be missing.
  public let products: [TaskID: any Sendable]

  public init(task: TaskID, graph: TaskGraph, inputs: [Fingerprint], products: [TaskID: any Sendable]) {
    self.task = task
    self.graph = graph
    self.inputs = inputs
    self.products = products
  }
}

/// A part of a task's time, by the kind of work that it went into.
public struct PhaseTiming: Hashable, Sendable {
  public let phase: String
  public let nanos: Int64

  public init(phase: String, nanos: Int64) {
    self.phase = phase
    self.nanos = nanos
  }
}

/// What a task made.
public struct TaskOutcome: Sendable {
  /// The signature of each output file and of each value, in the order of the task's slots.
  public var results: [Fingerprint]
  /// The stamps of the first output files, where the task took them as it wrote; the others are looked at.
  public var stamps: [TakenStamp] = []
  /// How many of the output files had other content than before.
  public var filesWritten: Int
  public var bytesRead: Int
  public var bytesWritten: Int
  /// Where the task's time went.
  public var timings: [PhaseTiming]
  /// Handed to the tasks that consume something of this one, in this build only.
  public var product: (any Sendable)?

  public init(
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
public protocol TaskRunner: Sendable {
  associatedtype Failure: Error

  /// Does the task's work: its output files are in place when this returns.
  func run(_ context: TaskContext) throws(Failure) -> TaskOutcome
}

/// Something that happened in a build, told on the thread that drives it.
public enum BuildEvent<Failure: Error>: Sendable {
  /// In a dry run: the task would run, and what needs it may have to.
  case wouldRun(TaskID, Reason)
  case started(TaskID, Reason, worker: Int)
  case finished(TaskID, TaskOutcome, worker: Int, startNanos: Int64, endNanos: Int64)
  case failed(TaskID, BuildFailure<Failure>)
}

/// Why a task did not succeed.
public enum BuildFailure<Failure: Error>: Error, Sendable {
  /// A source file that nothing makes is not there, or cannot be read.
  case source(FileError)
  case missingSource(path: String)
  case task(Failure)
  /// The task returned, but an output file is not there.
  case outputMissing(path: String)
}
