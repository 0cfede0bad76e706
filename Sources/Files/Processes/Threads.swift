internal import Dispatch
internal import Glibc
internal import Synchronization

/// A thread that runs pieces of work one after the other. It begins with the first one, and ends when this is released.
///
/// It is a serial queue of Dispatch, which gets a thread of its own at once. Threads of concurrent queues are not for
/// bpfgen: there are never more of them than processors, whatever `-j` says, and Dispatch opens files to count those that
/// run, and ends the process by `SIGILL` when it cannot open one.
package final class WorkerThread: Sendable {
  /// What the thread waits for.
  private final class Mailbox: Sendable {
    private let pieces = Mutex<[@Sendable () -> Void]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// Adds a piece of work, or the end of all work.
    func add(_ piece: (@Sendable () -> Void)?) {
      if let piece { pieces.withLock { $0.append(piece) } }
      arrived.signal()
    }

    /// Waits for a piece of work; `nil` at the end.
    func next() -> (@Sendable () -> Void)? {
      arrived.wait()
      return pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
  }

  /// How many there may be at once. Dispatch has 255 threads for serial queues, and work for more than those would wait
  /// until one is released.
  package static let maximumCount = 200

  private let mailbox = Mailbox()
  private let isRunning = Atomic<Bool>(false)

  package init() {}

  deinit { mailbox.add(nil) }

  /// Runs a piece of work after those that were started before it.
  package func start(_ piece: @escaping @Sendable () -> Void) {
    mailbox.add(piece)
    guard !isRunning.exchange(true, ordering: .relaxed) else { return }
    DispatchQueue(label: "bpfgen.worker").async { [mailbox] in
      while let piece = mailbox.next() { piece() }
    }
  }
}

/// Work that is shared out among a bounded number of threads.
package enum Threads {
  /// The number of processors: how many threads work at once where no option limits them.
  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `work` once for each index from 0 on, in no particular order, and returns when all calls have ended.
  ///
  /// - Parameters:
  ///   - limit: the number of threads, this one included; there are never more than processors.
  ///   - work: does not outlive the call. It is declared escaping because `withoutActuallyEscaping` would compile this
  ///     file's full path into the program, which must be the same wherever it is built.
  package static func perform(_ count: Int, atMost limit: Int, _ work: @escaping @Sendable (Int) -> Void) {
    let threads = min(limit, count, processors)
    guard threads > 1 else { return (0..<count).forEach(work) }
    let indices = Indices()
    let takeTurns: @Sendable () -> Void = {
      while true {
        let index = indices.take()
        guard index < count else { return }
        work(index)
      }
    }
    let others = DispatchGroup()
    for _ in 1..<threads { DispatchQueue(label: "bpfgen.worker").async(group: others, execute: takeTurns) }
    takeTurns()
    others.wait()
  }

  /// Hands out numbers from 0 on, each once.
  private final class Indices: Sendable {
    private let next = Atomic<Int>(0)

    func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
  }
}
