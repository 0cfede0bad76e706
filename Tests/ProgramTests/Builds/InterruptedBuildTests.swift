import Foundation
import SeededRandom
import Testing

@testable import TestSupport

/// Ctrl-C during a build: running tasks finish, their outputs are kept, and nothing else is left.
@Suite("An interrupted build", .runsTools, .needs(.tool(.clang)))
struct InterruptedBuildTests {
  /// How a build is run.
  struct Options: Sendable, CustomTestStringConvertible {
    let jobs: Int
    let maximumFailures: Int
    var arguments: [String] { ["-j", "\(jobs)", "-k", "\(maximumFailures)"] }
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let options = [
    Options(jobs: 1, maximumFailures: 1), Options(jobs: 2, maximumFailures: 0), Options(jobs: 8, maximumFailures: 1),
  ]

  private static let seed = Toolchain.seed()

  /// Each round begins with nothing. What one run did and what the next one does is each task once.
  @Test("at any moment: exit status 130, and the next run does what is left", arguments: options)
  func anyMoment(_ options: Options) throws {
    let project = try ManyCopies(objects: 60)
    let start = Date()
    try project.build("-j", "\(options.jobs)").checked()
    let wholeSeconds = Date().timeIntervalSince(start)
    let clean = try project.outputs()
    var roundsMidway = 0
    print("interrupted builds: seed \(Self.seed)")
    var random = SeededRandom(seed: Self.seed)
    for _ in 0..<Tier.count(quick: 6, full: 15) {
      project.remove("gen")
      project.remove(".bpfgen")
      let delay = Double.random(in: 0.001...wholeSeconds, using: &random)
      // In the foreground: otherwise timeout signals its whole group too, which is a second Ctrl-C.
      let result = try Shell.run(
        "/usr/bin/env",
        ["timeout", "--foreground", "--preserve-status", "-s", "INT", "\(delay)", Toolchain.bpfgen(), "build"]
          + options.arguments + ["-C", project.scratch.path])
      // A build that does not catch signals yet is ended by this one, and has printed and made nothing.
      let ran = result.ranCount ?? 0
      let isDone = ran == project.taskCount
      #expect(result.status == .exited(130) || isDone && result.succeeded, "after \(delay) s: \(result)")
      #expect(result.stderr == "")
      if ran > 0 { #expect(try project.stateFiles() == ManyCopies.quietStateFiles, "after \(delay) s") }
      if 0 < ran, !isDone { roundsMidway += 1 }

      #expect(try project.build().checked().ranCount == project.taskCount - ran, "after \(delay) s")
      #expect(try project.outputs() == clean, "after \(delay) s")
    }
    #expect(roundsMidway >= Tier.count(quick: 1, full: 3), "the signals came too early or too late to show anything")
  }

  @Test("a build that waits for another one stops waiting immediately")
  func waiting() throws {
    let project = try ManyCopies(objects: 2)
    try project.build().checked()
    let start = Date()
    // The tool flock has the lock while it runs the build, which asks for it twice: not to wait, then to wait.
    let result = try Shell.run(
      "/usr/bin/env",
      ["flock", project.scratch.file(".bpfgen/lock"), "strace", "-f", "-o", "/dev/null"]
        + ["-e", "inject=flock:signal=INT:when=2", Toolchain.bpfgen(), "build", "-C", project.scratch.path],
      timeoutSeconds: 20)
    #expect(result.status == .exited(130), "\(result.stderr)")
    #expect(result.stderr.hasPrefix("bpfgen: waiting for process "), "\(result.stderr)")
    #expect(Date().timeIntervalSince(start) < 5)
    #expect(try project.build().checked().ranCount == 0)
  }

  /// A build whose outputs take long to be renamed; it gets the signal during the first one. The lock
  /// contains the process id.
  private static let slowBuild = """
    generator=$1 folder=$2 delay=$3
    strace -f -o /dev/null -e inject=linkat:delay_enter="$delay" "$generator" build -j 1 -C "$folder" &
    until pid=$(sed -n 's/process //p' "$folder/.bpfgen/lock" 2>/dev/null) && [ -n "$pid" ]; do sleep 0.05; done
    sleep 0.5
    kill -INT "$pid"
    [ "$4" = once ] || { sleep 0.5; kill -INT "$pid" && echo "waits for its task"; }
    wait $!
    echo "status $?"
    """

  /// The project has a state, so that the first file that is made is an output.
  private func interrupt(_ project: ManyCopies, delayMicros: Int, _ times: String) throws -> Shell.Result {
    try project.build().checked()
    project.remove("gen")
    project.remove(".bpfgen/lock")
    return try Shell.run(
      "/bin/sh",
      ["-c", Self.slowBuild, "sh", Toolchain.bpfgen(), project.scratch.path, "\(delayMicros)", times],
      timeoutSeconds: 60)
  }

  @Test("the running task finishes, and no other one starts")
  func taskInFlight() throws {
    let project = try ManyCopies(objects: 2)
    let result = try interrupt(project, delayMicros: 2_000_000, "once")
    #expect(
      result.stdout == "bpfgen: 1 ran, 2 kept, 1 file written, interrupted, 5 skipped\nstatus 130\n",
      "\(result.stderr)")
    #expect(try project.stateFiles() == ManyCopies.quietStateFiles)
    #expect(try project.build().checked().ranCount == project.outputCount - 1)
    #expect(try project.outputs().count == project.outputCount)
  }

  @Test("a second Ctrl-C ends it immediately")
  func second() throws {
    let project = try ManyCopies(objects: 2)
    // It prints nothing more, and the output is never renamed. The tracer lives until its delay is over.
    let result = try interrupt(project, delayMicros: 4_000_000, "twice")
    #expect(result.stdout == "waits for its task\nstatus 130\n", "\(result.stderr)")
    #expect(try project.build().checked().ranCount == project.outputCount)
    #expect(try project.stateFiles() == ManyCopies.quietStateFiles)
  }
}
