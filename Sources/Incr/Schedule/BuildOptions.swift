package import Files

/// Options of a build.
package struct BuildOptions: Sendable {
  /// The maximum number of tasks that run at once.
  package var jobs = 1
  /// The number of failures after which no further task starts; 0 for no limit.
  package var maximumFailures = 1
  /// Only decide: run nothing, and record nothing.
  package var isDryRun = false
  /// The names of rules whose tasks are ignored, as if the graph did not have them. No other task may need them.
  package var leftOut: Set<String> = []
  /// By the name of a rule, which values its tasks do without when they are lost. A task of any other rule is skipped.
  package var tolerances: [String: Tolerance] = [:]
  /// Called from time to time: whether the build should end. Running tasks are waited for.
  package var isInterrupted: @Sendable () -> Bool = { false }
  /// The source of tokens for more than one job; `nil` if `jobs` is the only limit.
  package var jobserver: Jobserver?

  package init() {}

  /// Returns how many threads may run, this one included, until ``returnThreads()``. Call it only while no task runs.
  func takeThreads() -> Int {
    guard let jobserver else { return max(1, jobs) }
    return 1 + jobserver.take(jobs - 1)
  }

  func returnThreads() { jobserver?.keep(0) }
}

/// The values that tasks of a rule do without: those of tasks that failed.
package struct Tolerance: Hashable, Sendable {
  /// The names of the rules that compute these values.
  let rules: Set<String>
  /// Whether the task's results show which values it had. If so, it runs again when a value is lost that it had before;
  /// if not, it stays as it is until it has to run for another reason.
  let showsLosses: Bool

  package init(of rules: Set<String>, showsLosses: Bool) {
    self.rules = rules
    self.showsLosses = showsLosses
  }
}

/// The result of a build.
package struct BuildSummary: Hashable, Sendable {
  package var kept = 0
  package var ran = 0
  package var failed = 0
  package var skipped = 0
  package var filesWritten = 0
  /// The bytes read from files whose stamps did not prove them unchanged, and by tasks.
  package var bytesRead = 0
  package var bytesWritten = 0
  /// The time by kind of work: "stat" in wall time, all others summed over all workers.
  package var nanos: [String: Int64] = [:]
  package var wasInterrupted = false
  /// Whether the build stopped at a task that cannot be decoded from the graph: the state is damaged.
  package var foundDamage = false
}
