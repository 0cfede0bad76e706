package import Files

/// How a build is run.
package struct BuildOptions: Sendable {
  /// How many tasks run at once.
  package var jobs = 1
  /// After how many failures no further task is begun; 0 for never.
  package var maximumFailures = 1
  /// Decide, run nothing, and record nothing.
  package var isDryRun = false
  /// The names of rules whose tasks are left alone, as if the graph had none. Nothing may need them.
  package var leftOut: Set<String> = []
  /// Asked now and then: whether somebody wants the build to end. Tasks in flight are waited for.
  package var isInterrupted: @Sendable () -> Bool = { false }
  /// Gives leave to run more than one task; `nil` when `jobs` alone bounds them.
  package var jobserver: Jobserver?

  package init() {}

  /// The number of threads that may work at once, this one included: until ``returnThreads()``, and while no task runs.
  func takeThreads() -> Int {
    guard let jobserver else { return max(1, jobs) }
    return 1 + jobserver.take(jobs - 1)
  }

  func returnThreads() { jobserver?.keep(0) }
}

/// What a build did.
package struct BuildSummary: Hashable, Sendable {
  package var kept = 0
  package var ran = 0
  package var failed = 0
  package var skipped = 0
  package var filesWritten = 0
  /// Files that were read because their stamps did not vouch for them, and what tasks read.
  package var bytesRead = 0
  package var bytesWritten = 0
  /// Where the time went, by kind of work: "stat" by the clock, all others summed over all workers.
  package var nanos: [String: Int64] = [:]
  package var wasInterrupted = false
  /// The build ended at a task of which the graph does not say what it does: the state is damaged.
  package var foundDamage = false
}
