/// How a build is run.
public struct BuildOptions: Sendable {
  /// How many tasks run at once.
  public var jobs = 1
  /// After how many failures no further task is begun; 0 for never.
  public var maximumFailures = 1
  /// Decide, run nothing, and record nothing.
  public var isDryRun = false
  /// The names of rules whose tasks are left alone, as if the graph had none. Nothing may need them.
  public var leftOut: Set<String> = []
  /// Asked now and then: whether somebody wants the build to end. Tasks in flight are waited for.
  public var isInterrupted: @Sendable () -> Bool = { false }
  /// Gives leave to run more than one task; `nil` when `jobs` alone bounds them.
  public var jobserver: Jobserver?

  public init() {}
}

/// What a build did.
public struct BuildSummary: Hashable, Sendable {
  public var kept = 0
  public var ran = 0
  public var failed = 0
  public var skipped = 0
  public var filesWritten = 0
  /// Sources that were read because their stamps did not vouch for them, and what tasks read.
  public var bytesRead = 0
  public var bytesWritten = 0
  /// Where the time went, by kind of work: "stat" by the clock, all others summed over all workers.
  public var nanos: [String: Int64] = [:]
  public var wasInterrupted = false
}
