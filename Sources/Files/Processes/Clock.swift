internal import Glibc

/// The clocks that a build reads.
package enum Clock {
  /// Nanoseconds since 1970 by the coarse clock that the kernel uses for file times: files written later never get an
  /// older stamp.
  package static func fileNanos() -> Int64 { read(CLOCK_REALTIME_COARSE) }

  /// Nanoseconds since some fixed moment; this clock is never set back.
  package static func monotonicNanos() -> Int64 { read(CLOCK_MONOTONIC) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }

  /// Waits until newly written files get a newer stamp than files written before: one tick, 1 to 10 ms.
  ///
  /// The coarse clock has to pass the current time of the fine clock: since Linux 6.13, a file whose times were read
  /// gets its stamp from the fine clock.
  package static func waitForTick() {
    let now = read(CLOCK_REALTIME)
    // Do not wait for a clock that is set back meanwhile.
    var rounds = 0
    while fileNanos() <= now && rounds < 40 {
      usleep(500)
      rounds += 1
    }
  }
}
