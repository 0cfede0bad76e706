import Foundation
import Synchronization
import Testing

@testable import TestSupport

/// Kills our worker under Bazel, as a user or a lack of memory might.
extension BazelTests {
  /// A workspace with many headers, and a program that no other process has.
  private static func manyHeaders(in scratch: Scratch) throws -> Bazel {
    let folder = scratch.file("project")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var build = "load(\"@bpfgen//:defs.bzl\", \"bpf_skeleton\")\n"
    for number in 0..<40 {
      let object = try BPFCompiler.compile("int value_\(number) = \(number);\n", named: "many_\(number)", in: scratch)
      try Shell.run("/usr/bin/env", ["cp", object, "\(folder)/o\(number).bpf.o"]).checked()
      build += "bpf_skeleton(name = \"s\(number)\", object = \"o\(number).bpf.o\")\n"
    }
    try build.write(toFile: "\(folder)/BUILD.bazel", atomically: true, encoding: .utf8)
    let program = scratch.file("bpfgen")
    try Shell.run("/usr/bin/env", ["cp", Toolchain.bpfgen(), program]).checked()
    return try Bazel(folder, in: scratch, program: program)
  }

  private static func headers(_ bazel: Bazel) throws -> [Data] {
    try (0..<40).flatMap { number in
      try ["h", "o"].map { try Data(contentsOf: URL(fileURLWithPath: "\(bazel.bin)/s\(number)/o\(number).skel.\($0)")) }
    }
  }

  /// How many workers of the program were killed.
  private static func killWorkers(_ program: String) throws -> Int {
    let running = try Shell.run("/usr/bin/pgrep", ["-f", "worker --persistent_worker"]).stdout
    return running.split(separator: "\n").count { pid in
      // Bazel calls it by a link of its own.
      let runs = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
      return runs == program && Int32(pid).map { kill($0, SIGKILL) == 0 } ?? false
    }
  }

  @Test("a killed worker costs its step, and gives no wrong output; sandboxed workers give the same")
  func killed() throws {
    let scratch = try Scratch()
    let bazel = try Self.manyHeaders(in: scratch)
    let program = scratch.file("bpfgen")
    try bazel.build(["//...", "--spawn_strategy=local"]).result.checked()
    let wanted = try Self.headers(bazel)

    // Between two builds: Bazel starts another.
    try bazel.run(["clean"]).checked()
    try bazel.build(["//:s0"]).result.checked()
    #expect(try Self.killWorkers(program) == 1)
    let build = try bazel.build()
    try build.result.checked()
    #expect(build.steps.filter { $0.mnemonic == "BpfSkeleton" }.allSatisfy { $0.runner.contains("worker") })
    #expect(try Self.headers(bazel) == wanted)

    // In the middle of builds: those that fail report it, and the next one continues from there.
    try bazel.run(["clean"]).checked()
    let isOver = Atomic(false)
    let kills = Atomic(0)
    let killer = Thread {
      while !isOver.load(ordering: .relaxed) {
        kills.add((try? Self.killWorkers(program)) ?? 0, ordering: .relaxed)
        usleep(10_000)
      }
    }
    killer.start()
    let failed = try (0..<5).map { _ in try bazel.build(["//...", "--keep_going"]).result }.filter { !$0.succeeded }
    isOver.store(true, ordering: .relaxed)
    #expect(kills.load(ordering: .relaxed) > 0)
    for result in failed { #expect(result.stderr.contains("orker process"), "\(result.stderr.suffix(2000))") }
    print("bazel: \(kills.load(ordering: .relaxed)) workers killed, \(failed.count) of 5 builds failed of it")
    usleep(50_000)
    try bazel.build().result.checked()
    #expect(try Self.headers(bazel) == wanted)

    try bazel.run(["clean"]).checked()
    try bazel.build(["//...", "--worker_sandboxing"]).result.checked()
    #expect(try Self.headers(bazel) == wanted)
  }
}
