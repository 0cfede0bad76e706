internal import Glibc
internal import Synchronization

/// Handles Ctrl-C and other signals during a build: running tasks finish, their outputs are kept, and no other task
/// starts.
enum Interruption {
  private static let caught = Atomic<Int32>(0)

  /// The caught signal, if any.
  static var signal: Int32? {
    let signal = caught.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// The exit status of an interrupted command: 130 for Ctrl-C, as in shells.
  static var failure: CommandError { .ended(status: 128 + (signal ?? SIGINT)) }

  /// From now on the first signal is recorded; a second one ends the program as usual.
  static func catchSignals() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { Interruption.caught.store($0, ordering: .relaxed) }
    // No SA_RESTART, so that waiting for another build's lock ends.
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
    for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaction(signal, &action, nil) }
  }
}
