internal import Glibc

/// A client of GNU make's jobserver: holds the tokens that allow more than one job.
///
/// A program that make calls may run one job. Each further job needs a byte from make's pipe, which is written back
/// when the job is done. Source: GNU make's manual, "Job Slots"; Ninja 1.13 implements the same protocol.
///
/// Safe because: only a build's driving thread acquires and releases tokens.
package final class Jobserver: @unchecked Sendable {
  private let readEnd: Descriptor
  private let writeEnd: Descriptor
  /// The bytes that were read, which must be written back unchanged.
  private var tokens: [UInt8] = []

  /// - Parameter makeFlags: the variable MAKEFLAGS.
  /// - Returns: `nil` if it names no jobserver, or one that this process cannot use: make closes its pipe for recipes
  ///   that are not marked with `+` and do not call `$(MAKE)`.
  package init?(makeFlags: String) {
    guard let authentication = Jobserver.authentication(makeFlags) else { return nil }
    let ends: (String, String)
    if authentication.hasPrefix("fifo:") {
      ends = (String(authentication.dropFirst(5)), String(authentication.dropFirst(5)))
    } else {
      let numbers = authentication.split(separator: ",").compactMap { Int32($0) }
      guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 && fcntl($0, F_GETFD) >= 0 }) else { return nil }
      ends = ("/proc/self/fd/\(numbers[0])", "/proc/self/fd/\(numbers[1])")
    }
    // Opened again, because the pipe that is shared with make must stay blocking for the others.
    guard let readEnd = try? Descriptor(opening: ends.0, O_RDONLY | O_NONBLOCK),
      let writeEnd = try? Descriptor(opening: ends.1, O_WRONLY)
    else { return nil }
    // The numbers may belong to other files by now, which a returned token would damage.
    guard Jobserver.isPipe(readEnd), Jobserver.isPipe(writeEnd) else { return nil }
    self.readEnd = readEnd
    self.writeEnd = writeEnd
  }

  deinit { keep(0) }

  private static func isPipe(_ file: borrowing Descriptor) -> Bool {
    (try? FileStamp(of: file, path: ""))?.kind == .pipe
  }

  /// The last of several flags counts, as in make.
  private static func authentication(_ makeFlags: String) -> String? {
    let prefixes = ["--jobserver-auth=", "--jobserver-fds="]
    for word in makeFlags.split(separator: " ").reversed() {
      for prefix in prefixes where word.hasPrefix(prefix) { return String(word.dropFirst(prefix.count)) }
    }
    return nil
  }

  /// Acquires tokens for up to `count` jobs in addition to the first, as many as are available now.
  ///
  /// - Returns: the number of tokens held.
  package func take(_ count: Int) -> Int {
    while tokens.count < count {
      guard let token = readEnd.next(1)?.first else { break }
      tokens.append(token)
    }
    return tokens.count
  }

  /// Returns the tokens beyond those for `count` jobs in addition to the first.
  package func keep(_ count: Int) {
    while tokens.count > count {
      // Fails if make has ended.
      try? writeEnd.write([tokens.removeLast()], path: "")
    }
  }
}
