import Foundation
import Synchronization
import Testing

/// The threads for tests that wait for processes, so that the few threads of Swift's own pool stay free for the runner.
///
/// One for each core: the processes are what keeps a core busy.
private final class ToolThreads: TaskExecutor {
  static let shared = ToolThreads()

  private let jobs = Mutex<[UnownedJob]>([])
  private let isAvailable = DispatchSemaphore(value: 0)

  private init() {
    for _ in 0..<Parallel.width {
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
      defer { TestTimes.record(ContinuousClock.now - start, of: test) }
      try await body()
    }
  }
}

extension Trait where Self == RunsTools {
  /// The tests start processes and wait for them.
  static var runsTools: Self { RunsTools() }
}

/// Each test's own time, appended to the file that `BPFGEN_TEST_TIMES` names: `./test` prints the longest.
private enum TestTimes {
  private static let file = Toolchain.setting("BPFGEN_TEST_TIMES")

  static func record(_ duration: Duration, of test: Test) {
    guard let file else { return }
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    let name = test.id.description.split(separator: "/").prefix(2).joined(separator: "/")
    AppendedFile.append("\(seconds)\t\(name)\t\(test.displayName ?? test.name)", to: file)
  }
}
