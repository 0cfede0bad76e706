internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Synchronization

/// Answers a build tool's requests, several at once, in this process.
///
/// Nothing is kept from one request to the next: what a step reads it reads anew.
final class WorkServer: Sendable {
  /// A step's exit status, and what there is to say.
  typealias Step = @Sendable ([String]) -> (status: Int32, output: String)

  private let perform: Step
  private let input: Descriptor
  private let output: Descriptor
  /// Where requests without a folder run.
  private let home: Descriptor
  /// The requests under way; those that are no longer wanted.
  private let running = Mutex<[Int32: Bool]>([:])
  private let answering = Mutex(())
  private let slots: DispatchSemaphore
  private let requests = DispatchGroup()

  init(perform: @escaping Step) {
    self.perform = perform
    home = unsafe Descriptor(owning: open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    // The streams are the protocol's: what a step reads or writes by their names and numbers is nothing.
    input = Descriptor(owning: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 16))
    output = Descriptor(owning: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 16))
    for (stream, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY)] {
      let nothing = unsafe Descriptor(owning: open("/dev/null", mode | O_CLOEXEC))
      dup2(nothing.number, stream)
    }
    // A build tool sends as many as it has jobs; a file of requests all that it has.
    slots = DispatchSemaphore(value: 2 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Serves until the requests end, and all of them are answered.
  ///
  /// - Throws: when it is not known where the next request begins, or the last one has no end.
  func run() throws(WorkFraming.Lost) {
    defer { requests.wait() }
    var rest: ArraySlice<UInt8> = []
    while let bytes = input.next(1 << 16), !bytes.isEmpty {
      rest = rest.isEmpty ? bytes[...] : rest + bytes
      while let request = try WorkFraming.next(from: &rest) { take(request) }
    }
    if !rest.isEmpty { throw WorkFraming.Lost() }
  }

  private func take(_ request: WorkRequest) {
    guard !request.isCancellation else {
      // It ends in milliseconds: the answer alone is another. One that was answered needs no second.
      return running.withLock { running in if running[request.id] != nil { running[request.id] = true } }
    }
    if let fault = request.fault {
      return answer(
        WorkResponse(exitCode: 2, output: "bpfgen: error: invalid request: \(fault)\n", id: request.id))
    }
    slots.wait()
    running.withLock { $0[request.id] = false }
    DispatchQueue.global().async(group: requests) { [self] in
      let (status, output) = work(request)
      slots.signal()
      let isCancelled = running.withLock { $0.removeValue(forKey: request.id) } ?? false
      answer(
        isCancelled
          ? WorkResponse(id: request.id, wasCancelled: true)
          : WorkResponse(exitCode: status, output: output, id: request.id))
    }
  }

  /// Runs a step in its folder, which is this thread's alone.
  private func work(_ request: WorkRequest) -> (status: Int32, output: String) {
    let folder = request.sandboxFolder
    guard unshare(Int32(CLINUX_CLONE_FS)) == 0, fchdir(home.number) == 0, unsafe folder.isEmpty || chdir(folder) == 0
    else {
      return (
        1,
        Diagnostic(.system(path: folder.isEmpty ? "." : folder, operation: "enter", errno: errno)).text(colored: false)
      )
    }
    return perform(request.arguments)
  }

  private func answer(_ response: WorkResponse) {
    answering.withLock { _ in
      do throws(FileError) {
        try output.write(WorkFraming.bytes(response), path: "<stdout>")
      } catch {
        // Nobody listens any more.
        exit(1)
      }
    }
  }
}
