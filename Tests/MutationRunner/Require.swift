internal import Glibc

/// Ends the process as a crash would, with a message also in a release build.
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if condition { return }
  let text = "violated: \(message())\n"
  write(STDERR_FILENO, text, text.utf8.count)
  abort()
}
