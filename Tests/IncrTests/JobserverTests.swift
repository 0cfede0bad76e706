import Foundation
import Testing

@testable import Bytes
@testable import Files
@testable import Incr

/// make's tokens: taken, counted, and returned unchanged.
@Suite("The jobserver")
struct JobserverTests {
  /// How make keeps its tokens: in a pipe that child processes inherit, or in a named pipe (make 4.4).
  enum Kind: String, CaseIterable, Sendable {
    case pipe, fifo
  }

  /// A jobserver like make's.
  private final class Server {
    let flags: String
    private let ends: [Int32]
    private let path = NSTemporaryDirectory() + "jobserver-" + UUID().uuidString

    init(_ kind: Kind, tokens: String) throws {
      var ends: [Int32] = [-1, -1]
      switch kind {
      case .pipe:
        try #require(pipe(&ends) == 0)
        flags = "kw -j4 --jobserver-auth=\(ends[0]),\(ends[1])"
      case .fifo:
        try #require(mkfifo(path, 0o600) == 0)
        ends = [open(path, O_RDWR), -1]
        flags = " -j4 --jobserver-auth=fifo:\(path)"
      }
      self.ends = ends
      let bytes = Array(tokens.utf8)
      try #require(write(ends.last! < 0 ? ends[0] : ends[1], bytes, bytes.count) == bytes.count)
    }

    deinit {
      for end in ends where end >= 0 { close(end) }
      unlink(path)
    }

    /// Takes the tokens out, sorted, because they may be returned in any order.
    func drain() -> String {
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = max(0, read(ends[0], &buffer, buffer.count))
      return String(String(decoding: buffer[..<count], as: UTF8.self).sorted())
    }
  }

  @Test(
    "as many jobs run in addition to the first as there are tokens, and the same bytes are returned",
    arguments: Kind.allCases)
  func taken(_ kind: Kind) throws {
    let server = try Server(kind, tokens: "xy+")
    let jobserver = try #require(Jobserver(makeFlags: server.flags))
    #expect(jobserver.take(0) == 0)
    #expect(jobserver.take(2) == 2)
    #expect(jobserver.take(3) == 3)
    #expect(jobserver.take(4) == 3)
    jobserver.keep(3)
    #expect(jobserver.take(4) == 3)
    jobserver.keep(0)
    #expect(server.drain() == "+xy")
  }

  @Test("tokens that are not needed are returned immediately", arguments: Kind.allCases)
  func givenBack(_ kind: Kind) throws {
    let server = try Server(kind, tokens: "abc")
    let jobserver = try #require(Jobserver(makeFlags: server.flags))
    #expect(jobserver.take(3) == 3)
    jobserver.keep(1)
    #expect(server.drain().utf8.count == 2)
  }

  @Test("a client that goes away returns all tokens", arguments: Kind.allCases)
  func ended(_ kind: Kind) throws {
    let server = try Server(kind, tokens: "abc")
    do {
      let jobserver = try #require(Jobserver(makeFlags: server.flags))
      #expect(jobserver.take(2) == 2)
    }
    #expect(server.drain() == "abc")
  }

  @Test(
    "flags that name no jobserver give none",
    arguments: [
      "", "k", "-j4", "--jobserver-auth=", "--jobserver-auth=3", "--jobserver-auth=a,b", "--jobserver-auth=-2,-2",
      "--jobserver-auth=1,2,3", "--jobserver-auth=9998,9999", "--jobserver-auth=99999999999,1",
      "--jobserver-auth=fifo:", "--jobserver-auth=fifo:/nonexistent/fifo", "--jobserver-auth",
    ])
  func noServer(_ flags: String) {
    #expect(Jobserver(makeFlags: flags) == nil)
  }

  @Test("descriptors that are not pipes are not touched")
  func notAPipe() throws {
    let path = NSTemporaryDirectory() + "log-" + UUID().uuidString
    try Data("a log\n".utf8).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    let log = open(path, O_RDWR)
    defer { close(log) }
    #expect(Jobserver(makeFlags: "--jobserver-auth=\(log),\(log)") == nil)
    #expect(Jobserver(makeFlags: "--jobserver-auth=fifo:\(path)") == nil)
  }

  @Test("of several jobservers the last one counts, as in make")
  func last() throws {
    let servers = try ["a", "b"].map { try Server(.pipe, tokens: $0) }
    let jobserver = try #require(Jobserver(makeFlags: servers.map(\.flags).joined(separator: " ")))
    #expect(jobserver.take(1) == 1)
    #expect(servers.map { $0.drain() } == ["a", ""])
  }

  private struct NothingToDo: TaskRunner {
    func run(_ context: TaskContext) throws(Never) -> TaskOutcome? { TaskOutcome(results: [Fingerprint(of: "done")]) }
  }

  /// Tasks are handed to as many workers as may run at once, before any of them is waited for.
  @Test("a build has one worker more than it has tokens, and has none left", arguments: ["", "a", "abc"])
  func build(_ tokens: String) throws {
    let server = try Server(.pipe, tokens: tokens)
    var builder = TaskGraphBuilder()
    for number in 0..<24 {
      _ = try builder.add(
        Rule(name: "wait", version: 1), name: "\(number)", parameters: "", inputs: [], values: 1)
    }
    let folder = NSTemporaryDirectory() + "jobs-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var workers: Set<Int> = []
    do {
      var options = BuildOptions()
      options.jobs = 8
      options.jobserver = Jobserver(makeFlags: server.flags)
      let store = try StateStore(folder: folder, waiting: { _ in })
      let build = Build(try builder.build(), runner: NothingToDo(), store: store, options: options) { event in
        if case .started(_, _, let worker) = event { workers.insert(worker) }
      }
      #expect(build.run().ran == 24)
    }
    #expect(workers == Set(0...tokens.utf8.count))
    #expect(server.drain() == tokens)
  }
}
