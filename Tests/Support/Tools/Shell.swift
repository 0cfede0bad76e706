import Foundation
import Synchronization

/// Runs the real tools: no shell in between, both outputs captured whole, a deadline.
///
/// `posix_spawn` instead of Foundation's `Process`: hundreds of tools run at once here, and a pipe that another
/// child inherited would keep this one's reader waiting. Ours are close-on-exec, and one `poll` loop drains both.
enum Shell {
  /// How a tool ended.
  enum Status: Equatable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)
    case timedOut(seconds: Int)

    var description: String {
      switch self {
      case .exited(let code): "exit status \(code)"
      case .signalled(let number): "killed by signal \(number)"
      case .timedOut(let seconds): "still running after \(seconds) s, killed"
      }
    }
  }

  /// The result of a tool.
  struct Result: Sendable, CustomStringConvertible {
    var command: [String]
    var status: Status
    var stdout: String
    var stderr: String

    /// Whether the tool ended with exit status 0.
    var succeeded: Bool { status == .exited(0) }

    /// Without the outputs: they can be megabytes, and a failed expectation shows all its values.
    var description: String { "\(Shell.quoted(command)): \(status)" }

    /// The command line and the first lines of a compiler's output that are errors.
    var firstErrors: String {
      let lines = stderr.split(separator: "\n").filter { $0.contains("error:") }
      return ([Shell.quoted(command)] + lines.prefix(4).map(String.init)).joined(separator: "\n  ")
    }

    /// Itself when the tool succeeded; throws ``Failure`` otherwise.
    @discardableResult
    func checked() throws -> Result {
      guard succeeded else { throw Failure(result: self) }
      return self
    }
  }

  /// A tool that did not end with exit status 0, with its command line and its output.
  struct Failure: Error, CustomStringConvertible {
    var result: Result

    var description: String {
      let words = result.stderr.isEmpty ? result.stdout : result.stderr
      let shown = words.count > 4000 ? words.prefix(4000) + "\n[cut]" : words[...]
      return "\(Shell.quoted(result.command)): \(result.status)\n\(shown)"
    }
  }

  /// A tool that could not be started at all.
  struct NotStarted: Error, CustomStringConvertible {
    var command: [String]
    var errno: Int32

    var description: String { "\(Shell.quoted(command)): cannot start: \(String(cString: strerror(errno)))" }
  }

  /// Runs a tool to its end.
  /// - Parameters:
  ///   - tool: a path; it is not looked up.
  ///   - environment: set on top of this process's own; `LC_ALL=C` always, so that messages are in one language.
  /// - Throws: ``NotStarted``. A tool that fails is a ``Result`` like any other; see ``Result/checked()``.
  static func run(
    _ tool: String, _ arguments: [String], environment: [String: String] = [:], timeoutSeconds: Int = 120
  ) throws -> Result {
    let command = [tool] + arguments
    let (child, readers) = try birth.withLock { _ in try start(command, environment: environment) }
    defer { for end in readers { close(end) } }
    let deadline = Date(timeIntervalSinceNow: TimeInterval(timeoutSeconds))
    let outputs = drain(readers, until: deadline)
    let status = outputs == nil ? kill(group: child, after: timeoutSeconds) : wait(for: child)
    let texts = (outputs ?? [[], []]).map { String(decoding: $0, as: UTF8.self) }
    return Result(command: command, status: status, stdout: texts[0], stderr: texts[1])
  }

  /// The command line as one could paste it.
  static func quoted(_ command: [String]) -> String {
    let plain = CharacterSet(charactersIn: "-_./=+,:@%").union(.alphanumerics)
    return command.map { word in
      let needsQuotes = word.isEmpty || word.unicodeScalars.contains { !plain.contains($0) }
      return needsQuotes ? "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'" : word
    }.joined(separator: " ")
  }
}

extension Shell {
  /// Held from the making of a child's pipes until they are marked close-on-exec and the child runs. Swift's Glibc
  /// has no `pipe2`, which would do it in one step.
  private static let birth = Mutex(())

  /// Starts a tool; the read ends of its stdout and stderr.
  private static func start(_ command: [String], environment: [String: String]) throws -> (pid_t, [Int32]) {
    var readers: [Int32] = []
    var writers: [Int32] = []
    defer { for end in writers { close(end) } }
    do {
      for _ in 0..<2 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw NotStarted(command: command, errno: errno) }
        readers.append(ends[0])
        writers.append(ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      }
      return (try spawn(command, environment: environment, out: writers[0], err: writers[1]), readers)
    } catch {
      for end in readers { close(end) }
      throw error
    }
  }

  /// Starts the child in a process group of its own, so that a deadline ends its children too.
  private static func spawn(
    _ command: [String], environment: [String: String], out: Int32, err: Int32
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    // Tests run on threads of Dispatch, which block all signals: a child would inherit that, and never see a Ctrl-C.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)

    let variables = ProcessInfo.processInfo.environment
      .merging(environment) { $1 }
      .merging(["LC_ALL": "C"]) { $1 }
      .map { "\($0)=\($1)" }
    var child: pid_t = 0
    var code: Int32 = 0
    // A script that was written a moment ago: a child that another thread was just starting had its descriptor still.
    for _ in 0..<100 {
      code = withCStrings(command) { argv in
        withCStrings(variables) { envp in posix_spawn(&child, command[0], &actions, &attributes, argv, envp) }
      }
      guard code == ETXTBSY else { break }
      usleep(10_000)
    }
    guard code == 0 else { throw NotStarted(command: command, errno: code) }
    return child
  }

  /// Reads all files to their end; `nil` when the deadline came first.
  private static func drain(_ files: [Int32], until deadline: Date) -> [[UInt8]]? {
    var collected = [[UInt8]](repeating: [], count: files.count)
    var open = Set(files.indices)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while !open.isEmpty {
      let waiting = open.sorted()
      var polled = waiting.map { pollfd(fd: files[$0], events: Int16(POLLIN), revents: 0) }
      let leftMillis = deadline.timeIntervalSinceNow * 1000
      guard leftMillis > 0 else { return nil }
      guard poll(&polled, nfds_t(polled.count), Int32(min(leftMillis.rounded(.up), 1e6))) > 0 else { continue }
      for (slot, index) in waiting.enumerated() where polled[slot].revents != 0 {
        let count = read(files[index], &chunk, chunk.count)
        if count > 0 {
          collected[index] += chunk[..<count]
        } else if count == 0 || errno != EINTR {
          open.remove(index)
        }
      }
    }
    return collected
  }

  private static func kill(group child: pid_t, after seconds: Int) -> Status {
    _ = Foundation.kill(-child, SIGKILL)
    _ = wait(for: child)
    return .timedOut(seconds: seconds)
  }

  private static func wait(for child: pid_t) -> Status {
    var raw: Int32 = 0
    var usage = rusage()
    while wait4(child, &raw, 0, &usage) < 0 && errno == EINTR {}
    ToolUsage.current?.add(usage)
    let signal = raw & 0x7f
    return signal == 0 ? .exited((raw >> 8) & 0xff) : .signalled(signal)
  }

  private static func withCStrings<Value>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
  ) -> Value {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
