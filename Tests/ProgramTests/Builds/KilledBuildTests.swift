import Foundation
import Incr
import SeededRandom
import Testing

@testable import TestSupport

/// A build that is killed leaves nothing partial, and what it had finished is not done again.
@Suite("A killed build", .runsTools, .needs(.tool(.clang)))
struct KilledBuildTests {
  private static let jobs = 2
  /// A worker is given up to 16 tasks at once, and what it made of them is recorded before it is given more: no more
  /// tasks than these can have an output and no record. Source: `Build.nextBatch`.
  private static let maximumInFlight = 16 * jobs

  /// What a build that was killed had recorded, as the next one will read it.
  private static func recorded(_ project: ManyCopies) -> (tasks: Int, outputs: Int) {
    let folder = project.scratch.file(".bpfgen")
    guard let state = SavedState(folder: folder, name: "bpfgen.json.state") else { return (0, 0) }
    let ran = state.graph.tasks.filter { state.lastDecision($0)?.outcome == .ran }
    return (ran.count, ran.reduce(0) { $0 + state.graph.outputs($1).count })
  }

  /// How often a build is killed, and the seed of the moments: `BPFGEN_SEED` names another.
  private static let rounds = Tier.count(quick: 10, full: 100)
  private static let seed = Toolchain.seed()

  /// Kills builds at random moments, from an empty folder or with the state of an earlier build of outputs that are gone.
  ///
  /// From an empty folder, with nothing edited after the kill:
  /// - outputs on disk <= outputs of recorded tasks + tasks in flight: what is finished is recorded;
  /// - the next run runs just the tasks that are not recorded: what is recorded is not done again.
  /// With the earlier state a task is done when its output is there: the next run runs one task for each that is not.
  @Test("at any moment: the next run does what is left, and nothing that was recorded")
  func anyMoment() throws {
    let wanted = try ManyCopies(objects: 60)
    let start = Date()
    try wanted.build("-j", "\(Self.jobs)").checked()
    let wholeSeconds = Date().timeIntervalSince(start)
    let clean = try wanted.outputs()
    #expect(clean.count == wanted.outputCount)

    let project = try ManyCopies(objects: 60)
    print("killed builds: seed \(Self.seed)")
    var random = SeededRandom(seed: Self.seed)
    var roundsMidway = 0
    for _ in 0..<Self.rounds {
      project.remove("gen")
      let isFresh =
        Bool.random(using: &random) || !FileManager.default.fileExists(atPath: project.scratch.file(".bpfgen"))
      if isFresh { project.remove(".bpfgen") }
      let delay = Double.random(in: 0.001...wholeSeconds, using: &random)
      _ = try Shell.run(
        "/usr/bin/env",
        ["timeout", "-s", "KILL", "\(delay)", Toolchain.bpfgen(), "build", "-q", "-j", "\(Self.jobs)"]
          + ["-C", project.scratch.path])
      let present = try project.outputs().count
      let recorded = Self.recorded(project)
      if 0 < present, present < clean.count { roundsMidway += 1 }
      if isFresh { #expect(present <= recorded.outputs + Self.maximumInFlight, "after \(delay) s") }

      let next = try project.build().checked()
      let left = isFresh ? project.taskCount - recorded.tasks : clean.count - present
      #expect(next.ranCount == left, "after \(delay) s, fresh \(isFresh)")
      let outputs = try project.outputs()
      let wrong = clean.filter { outputs[$0.key] != $0.value }.keys.sorted()
      #expect(wrong.isEmpty && outputs.count == clean.count, "after \(delay) s")
      #expect(try project.stateFiles() == ManyCopies.quietStateFiles)
      #expect(try project.build().checked().ranCount == 0)
    }
    #expect(roundsMidway >= Self.rounds / 10, "the kills came too early or too late to show anything")
  }

  /// The system calls by which a build changes files.
  static let calls = ["mkdir", "openat", "write", "pwrite64", "ftruncate", "linkat", "rename"]

  @Test("at each system call that changes a file", arguments: Tier.sample(calls, quick: 3))
  func eachCall(_ call: String) throws {
    let project = try ManyCopies(objects: 2)
    var clean: [ManyCopies.Variant: [String: Data]] = [:]
    for variant in ManyCopies.Variant.allCases {
      try project.place(variant)
      try project.build().checked()
      clean[variant] = try project.outputs()
    }
    var number = 0
    var status = Shell.Status.signalled(SIGKILL)
    while status == .signalled(SIGKILL) {
      number += 1
      try #require(number < 200)
      let variant = ManyCopies.Variant.allCases[number % 2]
      try project.place(variant)
      try tearState(of: project)
      status = try Shell.run(
        "/usr/bin/env",
        ["strace", "-f", "-o", "/dev/null", "-e", "inject=\(call):signal=KILL:when=\(number)"]
          + [Toolchain.bpfgen(), "build", "-q", "-j", "1", "-C", project.scratch.path]
      ).status
      try project.build().checked()
      #expect(try project.outputs() == clean[variant], "killed at \(call) \(number)")
      #expect(try project.stateFiles() == ManyCopies.quietStateFiles, "killed at \(call) \(number)")
      #expect(try project.build().checked().ranCount == 0, "killed at \(call) \(number)")
    }
    #expect(number > 1, "\(call) is not called at all")
  }

  /// Half a record at the end: the next build writes the file again.
  private func tearState(of project: ManyCopies) throws {
    let state = try FileHandle(forWritingTo: URL(fileURLWithPath: project.scratch.file(".bpfgen/bpfgen.json.state")))
    try state.seekToEnd()
    try state.write(contentsOf: Data("torn".utf8))
    try state.close()
  }
}
