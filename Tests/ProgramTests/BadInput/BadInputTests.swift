import Foundation
import Testing

@testable import TestSupport

/// Objects come from other people's builds: whatever is in one, a run ends with a header or with one clear error.
@Suite("Bad input", .runsTools, .needs(.tool(.clang)))
struct BadInputTests {
  @Test("a real object truncated to any length is an error, and no file is left")
  func truncated() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(LayoutIDSource.library.text, named: "whole", in: scratch)
    let whole = try Data(contentsOf: URL(fileURLWithPath: object))
    let lengths =
      Array(stride(from: 0, to: whole.count, by: 97)) + [1, 3, 4, 63, 64, 65, whole.count - 64, whole.count - 1]
    let complaints = try Parallel.map(lengths) { length -> String? in
      let folder = try Scratch()
      let cut = folder.file("cut.bpf.o")
      try whole.prefix(length).write(to: URL(fileURLWithPath: cut))
      for command in ["skeleton", "subskeleton", "link"] {
        let result = try Shell.run(Toolchain.bpfgen(), [command, cut, "-o", folder.file("out.h")])
        if let complaint = result.complaint(about: cut) { return "\(length) bytes, \(command): \(complaint)" }
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return left == ["cut.bpf.o"] ? nil : "\(length) bytes: \(left) are left"
    }.compactMap(\.self)
    for complaint in complaints { Issue.record("\(complaint)") }
  }

  /// What is mutated: maps, maps in maps, globals, kconfig, USDT, struct_ops, a library, and pairs that link each other.
  private static let mutated = [
    "bpf_dctcp", "linked_maps1", "linked_maps2", "linked_vars1", "linked_vars2", "test_btf_map_in_map",
    "test_global_data", "test_subskeleton_lib", "test_urandom_usdt", "timer",
  ]

  @Test("thousands of mutations of ten objects are errors or headers", .needs(.corpus), .timeLimit(.minutes(60)))
  func mutations() throws {
    let objects = try Corpus.objects().filter { Self.mutated.contains($0.name) }.map(\.path)
    try #require(objects.count == Self.mutated.count)
    let seed = Toolchain.setting("BPFGEN_SEED").flatMap(UInt64.init) ?? 1
    let count = Toolchain.setting("BPFGEN_MUTATIONS").flatMap(Int.init) ?? Tier.count(quick: 500, full: 2000)
    print("mutations: seed \(seed), \(count) (others with BPFGEN_SEED and BPFGEN_MUTATIONS)")
    let crashes = try Parallel.map(Array(0..<Parallel.width)) { share in
      let range = count * share / Parallel.width..<count * (share + 1) / Parallel.width
      return try MutationRun(seed: seed, range: range, objects: objects).crashes()
    }.joined()
    for crash in crashes { Issue.record("\(crash)") }
  }
}

/// A range of mutations, run in processes of their own: a crash ends one of them, and the next continues after it.
private struct MutationRun: Sendable {
  var seed: UInt64
  var range: Range<Int>
  var objects: [String]

  /// What went wrong, each with the command that shows it again. Ten are enough.
  func crashes() throws -> [String] {
    let runner = try Self.runner()
    let progress = try Scratch().file("progress")
    var found: [String] = []
    var next = range.lowerBound
    while next < range.upperBound, found.count < 10 {
      let arguments = ["\(seed)", "\(next)", "\(range.upperBound - next)", progress]
      let scratch = URL(fileURLWithPath: progress).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
      let result = try Shell.run(
        runner, arguments + objects, environment: ["SWIFT_BACKTRACE": "enable=no"], timeoutSeconds: 3000)
      print(result.stdout, terminator: "")
      if result.succeeded { break }
      let number =
        Int((try? String(contentsOfFile: progress, encoding: .utf8))?.split(separator: "\n").first ?? "") ?? next
      let again = Shell.quoted([runner, "\(seed)", "\(number)", "1", "/tmp/progress"] + objects)
      found.append("mutation \(number): \(result.status)\n\(result.stderr.prefix(2000))\nagain: \(again)")
      next = number + 1
    }
    return found
  }

  /// The program next to the tests' own bundle, or `BPFGEN_MUTATION_RUNNER`: one built with a sanitizer, for example.
  private static func runner() throws -> String {
    if let given = Toolchain.setting("BPFGEN_MUTATION_RUNNER") { return given }
    let mappings = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n")
    let bundle = try #require(mappings.first { $0.hasSuffix(".xctest") }?.split(separator: " ").last)
    let folder = URL(fileURLWithPath: String(bundle)).deletingLastPathComponent()
    let runner = folder.appendingPathComponent("MutationRunner").path
    try #require(access(runner, X_OK) == 0, "no \(runner): `swift build --build-tests` makes it")
    return runner
  }
}

extension Shell.Result {
  /// What is not as every refusal must be; `nil` for one clear error about the file, and exit status 1.
  func complaint(about file: String, status expected: Int32 = 1) -> String? {
    if status != .exited(expected) { return "\(status), \(stderr.prefix(300))" }
    let lines = stderr.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.first?.hasPrefix("\(file): error: ") != true { return "the error does not name the file: \(stderr)" }
    if lines.filter({ $0.contains(": error: ") }).count != 1 { return "more than one error: \(stderr)" }
    let isClean = stderr.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 32 && $0.value != 127) }
    if !isClean { return "control characters in the message: \(stderr.debugDescription)" }
    return lines.first!.utf8.count > file.utf8.count + 12 ? nil : "the error says nothing: \(stderr)"
  }
}
