internal import Glibc
internal import Synchronization

/// Ctrl-C and its like while a build runs: the tasks in flight end, what they made is kept, and no other one begins.
enum Interruption {
  private static let caught = Atomic<Int32>(0)

  /// The signal that was caught; `nil` while none was.
  static var signal: Int32? {
    let signal = caught.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// What a command that was interrupted ends with: 130 for Ctrl-C, as shells have it.
  static var failure: CommandError { .ended(status: 128 + (signal ?? SIGINT)) }

  /// From here on the first signal is remembered; a second one ends the program as ever.
  static func catchSignals() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { Interruption.caught.store($0, ordering: .relaxed) }
    // No SA_RESTART: who waits for another build's lock stops waiting.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaction(signal, &action, nil) }
  }
}
