import Dispatch
import Synchronization
import Testing

@testable import Files

@Suite("Threads")
struct ThreadsTests {
  @Test(
    "each index is worked on once, by no more threads than asked for", arguments: [(0, 4), (1, 4), (100, 1), (100, 3)])
  func perform(_ count: Int, _ limit: Int) {
    let seen = Mutex((indices: [Int](), running: 0, most: 0))
    Threads.perform(count, atMost: limit) { index in
      seen.withLock {
        $0.running += 1
        $0.most = max($0.most, $0.running)
      }
      // Long enough for the others to run at the same time.
      Clock.waitForTick()
      seen.withLock {
        $0.running -= 1
        $0.indices.append(index)
      }
    }
    seen.withLock { seen in
      #expect(seen.indices.sorted() == Array(0..<count))
      #expect(seen.most <= min(limit, count))
    }
  }

  @Test("a worker thread runs its work in order, and as many run at once as there are")
  func workers() {
    let threads = (0..<WorkerThread.maximumCount).map { _ in WorkerThread() }
    let seen = Mutex([[Int]](repeating: [], count: threads.count))
    let (started, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    for (number, thread) in threads.enumerated() {
      thread.start {
        started.signal()
        mayEnd.wait()
      }
      for piece in 0..<10 { thread.start { seen.withLock { $0[number].append(piece) } } }
    }
    // Each one runs before any of them may end.
    for _ in threads { #expect(started.wait(timeout: .now() + 60) == .success) }
    #expect(seen.withLock { $0.allSatisfy { $0.isEmpty } })
    for _ in threads { mayEnd.signal() }
    for thread in threads { thread.start { started.signal() } }
    for _ in threads { started.wait() }
    #expect(seen.withLock { $0.allSatisfy { $0 == Array(0..<10) } })
  }
}
