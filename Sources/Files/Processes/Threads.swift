package import Dispatch
internal import Glibc
internal import Synchronization

/// A thread that runs pieces of work one after the other.
///
/// It is a serial queue of Dispatch, which gets a thread as soon as it has work. Threads of concurrent queues are not for
/// bpfgen: there are never more of them than processors, whatever `-j` says, and Dispatch opens files to count those that
/// run, and ends the process by `SIGILL` when it cannot open one.
package struct WorkerThread: Sendable {
  private let queue = DispatchQueue(label: "bpfgen.worker")

  package init() {}

  /// Runs a piece of work after those that were started before it.
  package func start(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  /// The same, in a group that can be waited for.
  package func start(in group: DispatchGroup, _ work: @escaping @Sendable () -> Void) {
    queue.async(group: group, execute: work)
  }
}

/// Work that is shared out among a bounded number of threads.
package enum Threads {
  /// The number of processors: how many threads work at once where no option limits them.
  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `work` once for each index from 0 on, in no particular order, and returns when all calls have ended.
  ///
  /// - Parameter limit: the number of threads, this one included.
  package static func perform(_ count: Int, atMost limit: Int, _ work: @Sendable (Int) -> Void) {
    let threads = min(limit, count)
    guard threads > 1 else { return (0..<count).forEach(work) }
    let next = Atomic<Int>(0)
    let takeTurns: @Sendable () -> Void = {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        work(index)
      }
    }
    withoutActuallyEscaping(takeTurns) { takeTurns in
      let others = DispatchGroup()
      for _ in 1..<threads { WorkerThread().start(in: others, takeTurns) }
      takeTurns()
      others.wait()
    }
  }
}
