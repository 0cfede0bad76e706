import Foundation
import Testing

@testable import TestSupport

@Suite("Running tools", .runsTools)
struct ShellTests {
  @Test("large outputs on both streams arrive whole")
  func largeOutputs() throws {
    let script = "head -c 3000000 /dev/zero | tr '\\0' a; head -c 3000000 /dev/zero | tr '\\0' b >&2"
    let result = try Shell.run("/bin/sh", ["-c", script]).checked()
    #expect(result.stdout.utf8.count == 3_000_000)
    #expect(result.stderr.utf8.count == 3_000_000)
  }

  @Test("a failure shows the command line and the tool's output")
  func failure() throws {
    let result = try Shell.run("/bin/sh", ["-c", "echo 'no such map' >&2; exit 3"])
    #expect(result.status == .exited(3))
    let failure = try #require(throws: Shell.Failure.self) { try result.checked() }
    #expect("\(failure)" == "/bin/sh -c 'echo '\\''no such map'\\'' >&2; exit 3': exit status 3\nno such map\n")
  }

  @Test("a tool that does not end is killed with its children")
  func deadline() throws {
    let result = try Shell.run("/bin/sh", ["-c", "sleep 600 & sleep 600"], timeoutSeconds: 1)
    #expect(result.status == .timedOut(seconds: 1))
  }

  @Test("a signal is distinguished from an exit status")
  func signal() throws {
    #expect(try Shell.run("/bin/sh", ["-c", "kill -9 $$"]).status == .signalled(9))
  }

  @Test("a missing tool is an error")
  func missing() {
    #expect(throws: Shell.NotStarted.self) { try Shell.run("/nonexistent/tool", []) }
  }

  @Test("a parallel map keeps the order of its cases")
  func parallelOrder() throws {
    #expect(try Parallel.map(Array(0..<1000)) { $0 * 2 } == Array(0..<1000).map { $0 * 2 })
  }
}
