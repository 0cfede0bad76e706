internal import CLinux
internal import Dispatch
internal import Files
internal import Glibc
internal import Synchronization

/// Answers a build tool's requests, several in parallel, in this process.
///
/// Nothing is cached between requests: every step reads its inputs again.
final class WorkServer: Sendable {
  /// Returns a step's exit status and output.
  typealias Step = @Sendable ([String]) -> (status: Int32, output: String)

  private let perform: Step
  private let input: Descriptor
  private let output: Descriptor
  /// The working directory of requests without a folder.
  private let home: Descriptor
  /// The running requests, and whether each was canceled.
  private let running = Mutex<[Int32: Bool]>([:])
  private let answering = Mutex(())
  /// The threads without a request, and how many there are.
  private let freeThreads: Mutex<[WorkerThread]>
  private let freeCount: DispatchSemaphore
  private let requests = DispatchGroup()

  init(perform: @escaping Step) {
    self.perform = perform
    home = unsafe Descriptor(owning: open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    // The streams belong to the protocol, so a step that uses them by name or number must find them empty.
    input = Descriptor(owning: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 16))
    output = Descriptor(owning: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 16))
    for (stream, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_WRONLY)] {
      let nothing = unsafe Descriptor(owning: open("/dev/null", mode | O_CLOEXEC))
      dup2(nothing.number, stream)
    }
    // A build tool sends as many as it has jobs; a file of requests may contain any number.
    let threads = (0..<min(2 * Threads.processors, WorkerThread.maximumCount)).map { _ in WorkerThread() }
    freeThreads = Mutex(threads)
    freeCount = DispatchSemaphore(value: threads.count)
  }

  /// Serves until the requests end and all of them are answered.
  ///
  /// - Throws: if the beginning of the next request is unknown, or the last one is incomplete.
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
      // The step ends in milliseconds anyway; only the response differs. A request that was answered gets no second
      // response.
      return running.withLock { running in if running[request.id] != nil { running[request.id] = true } }
    }
    if let fault = request.fault {
      return answer(
        WorkResponse(exitCode: 2, output: "bpfgen: error: invalid request: \(fault)\n", id: request.id))
    }
    freeCount.wait()
    guard let thread = freeThreads.withLock({ $0.popLast() }) else { preconditionFailure("a free thread") }
    running.withLock { $0[request.id] = false }
    requests.enter()
    thread.start { [self] in
      defer { requests.leave() }
      let (status, output) = work(request)
      freeThreads.withLock { $0.append(thread) }
      freeCount.signal()
      let isCancelled = running.withLock { $0.removeValue(forKey: request.id) } ?? false
      answer(
        isCancelled
          ? WorkResponse(id: request.id, wasCancelled: true)
          : WorkResponse(exitCode: status, output: output, id: request.id))
    }
  }

  /// Runs a step in its folder, which is only this thread's working directory.
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
        // The client is gone.
        exit(1)
      }
    }
  }
}
