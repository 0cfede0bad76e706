import Foundation
import Synchronization
import Testing

/// The threads for tests that wait for processes, so that the few threads of Swift's own pool stay free for the runner.
///
/// One more for every two cores than there are: the processes are what keeps a core busy, and some of them wait for a clock,
/// for a network, or for the last step of a chain.
private final class ToolThreads: TaskExecutor {
  static let shared = ToolThreads()

  private let jobs = Mutex<[UnownedJob]>([])
  private let isAvailable = DispatchSemaphore(value: 0)

  private init() {
    for _ in 0..<(Parallel.width + (Parallel.width + 1) / 2) {
      let thread = Thread { [unowned self] in
        while true {
          isAvailable.wait()
          let job = jobs.withLock { $0.removeFirst() }
          job.runSynchronously(on: asUnownedTaskExecutor())
        }
      }
      // As large as a main thread's: some tests read deeply nested texts.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    isAvailable.signal()
  }
}

/// Runs the tests of a suite on threads of their own, and records how long each took without the time that it waited for one.
struct RunsTools: SuiteTrait, TestTrait, TestScoping {
  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(ToolThreads.shared) {
      let start = ContinuousClock.now
      let usage = ToolUsage()
      defer { TestTimes.record(ContinuousClock.now - start, usage, of: test) }
      try await ToolUsage.$current.withValue(usage) { try await body() }
    }
  }
}

extension Trait where Self == RunsTools {
  /// The tests start processes and wait for them.
  static var runsTools: Self { RunsTools() }
}

/// What the tools that a test started took of the processors.
final class ToolUsage: Sendable {
  @TaskLocal static var current: ToolUsage?

  private let microseconds = Atomic<Int>(0)

  var seconds: Double { Double(microseconds.load(ordering: .relaxed)) / 1e6 }

  func add(_ usage: rusage) {
    let times = [usage.ru_utime, usage.ru_stime]
    microseconds.wrappingAdd(times.reduce(0) { $0 + $1.tv_sec * 1_000_000 + $1.tv_usec }, ordering: .relaxed)
  }
}

/// Each test's own time, appended to the file that `BPFGEN_TEST_TIMES` names: `./test` prints the longest.
private enum TestTimes {
  private static let file = Toolchain.setting("BPFGEN_TEST_TIMES")

  static func record(_ duration: Duration, _ usage: ToolUsage, of test: Test) {
    guard let file else { return }
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    let name = test.id.description.split(separator: "/").prefix(2).joined(separator: "/")
    AppendedFile.append("\(seconds)\t\(usage.seconds)\t\(name)\t\(test.displayName ?? test.name)", to: file)
  }
}
