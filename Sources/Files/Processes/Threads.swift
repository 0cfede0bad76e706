internal import Dispatch
internal import Glibc
internal import Synchronization

/// Work that is shared out among a bounded number of threads.
package enum Threads {
  /// The number of processors: how many threads work at once where no option limits them.
  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `work` once for each index from 0 on, in no particular order, and returns when all calls have ended.
  ///
  /// `DispatchQueue.concurrentPerform` uses all processors, whatever `-j` says.
  ///
  /// - Parameter limit: the number of threads, this one included.
  package static func perform(_ count: Int, atMost limit: Int, _ work: @Sendable (Int) -> Void) {
    let threads = min(limit, count)
    guard threads > 1 else { return (0..<count).forEach(work) }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        work(index)
      }
    }
  }
}
