import Dispatch
import Foundation
import Synchronization

/// A bounded parallel map on Dispatch, for work that is mostly waiting for compilers.
enum Parallel {
  /// How many cases are in work at a time: `BPFGEN_TEST_JOBS`, else one for each core.
  static let width: Int = {
    let wanted = ProcessInfo.processInfo.environment["BPFGEN_TEST_JOBS"].flatMap { Int($0) }
    return max(1, wanted ?? ProcessInfo.processInfo.activeProcessorCount)
  }()

  /// The values of `body` for all cases, in the order of the cases.
  /// - Throws: the error of the first case that threw, after all cases have run.
  static func map<Case: Sendable, Value: Sendable>(
    _ cases: [Case], _ body: @Sendable (Case) throws -> Value
  ) throws -> [Value] {
    let next = Atomic<Int>(0)
    let usage = ToolUsage.current
    let results = Mutex([Result<Value, any Error>?](repeating: nil, count: cases.count))
    DispatchQueue.concurrentPerform(iterations: min(width, cases.count)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < cases.count else { return }
        let result = Result { try ToolUsage.$current.withValue(usage) { try body(cases[index]) } }
        results.withLock { $0[index] = result }
      }
    }
    return try results.withLock { $0 }.map { try $0!.get() }
  }
}
