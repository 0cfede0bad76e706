import Foundation
import Testing

@testable import TestSupport

/// The outputs, messages and records of a build do not depend on the number of jobs.
@Suite("The number of jobs", .runsTools, .needs(.tool(.clang)))
struct JobCountTests {
  private static let jobs = [1, 2, 8, 64]
  private static let broken = [3, 7, 21, 22]

  /// Everything that a user can observe of a build.
  private struct Seen: Equatable {
    let result: [String]
    let outputs: [String: Data]
    let next: [String]
  }

  private func build(jobs: Int, broken: [Int]) throws -> Seen {
    let project = try ManyCopies(objects: 30)
    for number in broken {
      // The first one takes its time to be read: with several jobs it is the last to fail.
      let size = number == broken[0] ? 60_000_000 : 9
      try Data(repeating: 0x78, count: size).write(to: URL(fileURLWithPath: project.scratch.file("o\(number).bpf.o")))
    }
    let arguments = ["-k", "0", "-j", "\(jobs)"]
    let results = try (0..<2).map { _ in try project.build(arguments[0], arguments[1], arguments[2], arguments[3]) }
    let texts = results.map { ["\($0.status)", $0.stdout, $0.stderr] }
    return Seen(result: texts[0], outputs: try project.outputs(), next: texts[1])
  }

  @Test("outputs, summary, errors and exit status are the same", arguments: [[], broken])
  func same(_ broken: [Int]) throws {
    let seen = try Self.jobs.map { try build(jobs: $0, broken: broken) }
    for (jobs, other) in zip(Self.jobs, seen) { #expect(other == seen[0], "\(jobs) jobs") }

    let whole = 30 - broken.count
    #expect(seen[0].outputs.count == 3 * whole)
    #expect(seen[0].result[0] == (broken.isEmpty ? "exit status 0" : "exit status 1"))
    #expect(seen[0].result[2].components(separatedBy: "not an ELF file").count == broken.count + 1)
    // What could not be made is tried again, and nothing else.
    let kept = 4 * whole
    let next =
      broken.isEmpty
      ? "bpfgen: nothing to do (\(kept) tasks)\n"
      : "bpfgen: 0 ran, \(kept) kept, 0 files written, \(broken.count) failed, \(3 * broken.count) skipped\n"
    #expect(seen[0].next[1] == next)
    #expect(seen[0].next[2] == seen[0].result[2])
  }

  @Test("with more jobs than there can be threads, all tasks run")
  func many() throws {
    let project = try ManyCopies(objects: 300)
    try project.build("-j", "10000").checked()
    #expect(try project.outputs().count == project.outputCount)
  }

  @Test("inside make it takes tokens from make's jobserver, and returns them", arguments: ["+", ""])
  func make(_ mark: String) throws {
    let projects = try (0..<3).map { _ in try ManyCopies(objects: 20) }
    let makefile = try Scratch()
    var text = "all: p0 p1 p2\n.PHONY: all p0 p1 p2\n"
    for (number, project) in projects.enumerated() {
      text += "p\(number):\n\t\(mark)@\(try Toolchain.bpfgen()) build -C \(project.scratch.path)\n"
    }
    let path = try makefile.write(text, to: "Makefile")
    let result = try Shell.run(
      "/usr/bin/env", ["-u", "MAKEFLAGS", "make", "-j3", "-f", path, "-C", makefile.path, "--no-print-directory"]
    ).checked()
    // make would warn about missing or extra tokens, and about a jobserver that it had to close.
    #expect(result.stderr == "")
    #expect(result.stdout.components(separatedBy: "bpfgen: 80 ran").count == 4, "\(result.stdout)")
    for project in projects {
      #expect(try project.outputs().count == project.outputCount)
      #expect(try project.build().checked().ranCount == 0)
    }
  }
}
