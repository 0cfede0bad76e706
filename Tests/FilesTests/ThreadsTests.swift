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
}
