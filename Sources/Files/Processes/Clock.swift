internal import Glibc

/// The clocks of a build.
package enum Clock {
  /// Nanoseconds since 1970 by the coarse clock that the kernel stamps files with: no file that is written later gets an
  /// older stamp.
  package static func fileNanos() -> Int64 { read(CLOCK_REALTIME_COARSE) }

  /// Nanoseconds since some fixed moment; never set back.
  package static func monotonicNanos() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }

  /// Waits until files that are written now get another stamp than those written before: one tick, 1 to 10 ms.
  ///
  /// The coarse clock has to pass the fine one of this moment: since Linux 6.13 a file that was looked at is stamped with
  /// the fine one.
  package static func waitForTick() {
    let now = read(CLOCK_REALTIME)
    // A clock that is set back meanwhile is not waited for.
    var rounds = 0
    while fileNanos() <= now && rounds < 40 {
      usleep(500)
      rounds += 1
    }
  }
}
