internal import Glibc

/// The leave to run more than one job at once that GNU make gives to the programs which it calls.
///
/// Whoever is called has leave for one job; each further one costs a byte read from make's pipe, which goes back there when
/// the job is done. Source: GNU make's manual, "Job Slots"; Ninja 1.13 gives leave in the same way.
///
/// Safe because: a build asks and gives back from its driving thread alone.
package final class Jobserver: @unchecked Sendable {
  private let readEnd: Descriptor
  private let writeEnd: Descriptor
  /// The bytes that were read, to be written back as they were.
  private var tokens: [UInt8] = []

  /// - Parameter makeFlags: the variable MAKEFLAGS.
  /// - Returns: `nil` when it names no jobserver, or one that this process cannot reach: make closes its pipe for
  ///   recipes that are not marked with `+` and do not call `$(MAKE)`.
  package init?(makeFlags: String) {
    guard let place = Jobserver.place(makeFlags) else { return nil }
    let ends: (String, String)
    if place.hasPrefix("fifo:") {
      ends = (String(place.dropFirst(5)), String(place.dropFirst(5)))
    } else {
      let numbers = place.split(separator: ",").compactMap { Int32($0) }
      guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 && fcntl($0, F_GETFD) >= 0 }) else { return nil }
      ends = ("/proc/self/fd/\(numbers[0])", "/proc/self/fd/\(numbers[1])")
    }
    // Opened anew: the pipe that is shared with make must go on blocking for the others.
    guard let readEnd = try? Descriptor(opening: ends.0, O_RDONLY | O_NONBLOCK),
      let writeEnd = try? Descriptor(opening: ends.1, O_WRONLY)
    else { return nil }
    // The numbers may by now be those of other files: a token that is given back there would damage them.
    guard Jobserver.isPipe(readEnd), Jobserver.isPipe(writeEnd) else { return nil }
    self.readEnd = readEnd
    self.writeEnd = writeEnd
  }

  deinit { keep(0) }

  private static func isPipe(_ file: borrowing Descriptor) -> Bool {
    (try? FileStamp(of: file, path: ""))?.kind == .pipe
  }

  /// Of several flags the last one counts, as in make.
  private static func place(_ makeFlags: String) -> String? {
    let prefixes = ["--jobserver-auth=", "--jobserver-fds="]
    for word in makeFlags.split(separator: " ").reversed() {
      for prefix in prefixes where word.hasPrefix(prefix) { return String(word.dropFirst(prefix.count)) }
    }
    return nil
  }

  /// Takes leave for `count` jobs beside the first, as far as there is some now.
  ///
  /// - Returns: for how many jobs beside the first there is leave.
  package func take(_ count: Int) -> Int {
    while tokens.count < count {
      guard let token = readEnd.next(1)?.first else { break }
      tokens.append(token)
    }
    return tokens.count
  }

  /// Gives back what is more than the leave for `count` jobs beside the first.
  package func keep(_ count: Int) {
    while tokens.count > count {
      // It fails when make has ended.
      try? writeEnd.write([tokens.removeLast()], path: "")
    }
  }
}
