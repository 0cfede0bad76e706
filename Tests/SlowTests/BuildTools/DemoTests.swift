import Foundation
import Testing

@testable import TestSupport

/// The examples as a user builds them, with their own Makefiles and the generator under test.
@Suite("Examples", .runsTools, .serialized, .needs(.tool(.clang), .tool(.gcc), .tool(.gxx)))
struct DemoTests {
  static let programs = [
    ExampleProgram(example: "counter", name: "counter"),
    ExampleProgram(example: "library", name: "opens"),
    ExampleProgram(example: "library", name: "signals"),
  ]

  @Test("an example opens its skeleton without privileges", arguments: programs)
  func opens(_ program: ExampleProgram) throws {
    let example = try Example(program.example)
    try example.make()
    let result = try example.run(program.name, "--open-only").checked()
    #expect(result.stdout.hasPrefix("\(program.name): opened: "), "\(result.stdout)")
  }

  @Test(
    "an example loads, attaches and counts", .needs(.loading),
    arguments: programs)
  func counts(_ program: ExampleProgram) throws {
    let example = try Example(program.example)
    try example.make()
    let result = try example.run(program.name)
    if result.status == .exited(77) { try Test.cancel("SKIPPED: \(result.stderr.split(separator: "\n").last ?? "")") }
    try result.checked()
    let numbers = program.counts(in: result.stdout)
    #expect(numbers.count >= 3 && numbers.allSatisfy { $0 > 0 }, "\(result.stdout)")
    #expect(result.stderr.isEmpty, "\(result.stderr)")
  }

  @Test(
    "the library's limit holds in both finals",
    .needs(.loading))
  func limit() throws {
    let example = try Example("library")
    try example.make()
    let opens = try example.run("opens")
    let signals = try example.run("signals")
    if opens.status == .exited(77) { try Test.cancel("SKIPPED: \(opens.stderr.split(separator: "\n").last ?? "")") }
    let suppressed = try #require(opens.checked().stdout.firstMatch(of: /(\d+) suppressed/))
    #expect(try #require(Int(suppressed.1)) > 500)
    // In its two seconds 200 signals are sent and 15 per second are reported; on a busy machine it takes longer.
    let told = try #require(signals.checked().stdout.firstMatch(of: /signal 10 +sent (\d+) times, told (\d+) times/))
    #expect(try #require(Int(told.1)) >= 200)
    #expect(try 15...100 ~= #require(Int(told.2)))
  }

  @Test("other code compiles no C file, another layout does", arguments: Example.edits)
  func rebuild(_ edit: Example.Edit) throws {
    let example = try Example(edit.example)
    try example.make()
    #expect(try example.make().stdout.contains("Nothing to be done"))
    let headers = try example.headers()
    try example.apply(edit)
    let rebuilt = try example.make()
    #expect(rebuilt.stdout.contains(" skeleton "), "\(rebuilt.stdout)")
    let rewritten = try example.headers().filter { headers[$0.key] != $0.value }
    #expect(rewritten.isEmpty != edit.changesLayout, "\(rewritten.keys)")
    let compiled = rebuilt.stdout.split(separator: "\n").filter { $0.contains(" -c ") && !$0.contains("-target bpf") }
    #expect(compiled.count == edit.compiles, "\(rebuilt.stdout)")
    for program in DemoTests.programs where program.example == edit.example {
      try example.run(program.name, "--open-only").checked()
    }
  }

  @Test("a deleted header is made again")
  func deletedHeader() throws {
    let example = try Example("counter")
    try example.make()
    try FileManager.default.removeItem(atPath: "\(example.path)/build/counter.skel.h")
    try example.make()
    try example.run("counter", "--open-only").checked()
  }
}

// MARK: - ./demo

/// The README's first command, on a copy of the checkout.
@Suite("./demo", .runsTools, .serialized, .needs(.tool(.clang), .tool(.gcc), .tool(.gxx)))
struct DemoScriptTests {
  private func checkout(in scratch: Scratch) throws -> String {
    let checkout = scratch.file("a $checkout")
    for part in ["demo", "examples/counter", "examples/library", "make", "scripts"] {
      let folder = URL(fileURLWithPath: "\(checkout)/\(part)").deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Example.copy(part, to: "\(checkout)/\(part)")
      try? FileManager.default.removeItem(atPath: "\(checkout)/\(part)/build")
    }
    return checkout
  }

  @Test("it succeeds twice, from another folder, in a checkout whose path contains a space")
  func demo() throws {
    let scratch = try Scratch()
    let checkout = try checkout(in: scratch)
    // What is installed is another test's matter.
    let tools = try FakeApt(in: scratch, installed: FakeApt.all)
    for _ in 0..<2 {
      let result = try Shell.run(
        "\(checkout)/demo", [], environment: tools.environment.merging(["BPFGEN": Toolchain.bpfgen()]) { $1 }
      ).checked()
      for program in ["counter", "opens", "signals"] {
        let lines = result.stdout.split(separator: "\n").filter { $0.hasPrefix("\(program): ") }
        #expect(lines.last?.contains(#/ [1-9]\d* |opened: /#) == true, "\(result.stdout)")
      }
    }
    let parts = try FileManager.default.contentsOfDirectory(atPath: checkout)
    #expect(Set(parts) == [".build", "demo", "examples", "make", "scripts"])
    #expect(access("\(checkout)/examples/counter/build", F_OK) != 0, "built outside .build")
  }

  @Test("without a clang for BPF it prints what to install")
  func noClang() throws {
    let scratch = try Scratch()
    let tools = try FakeApt(in: scratch, installed: FakeApt.all)
    let environment = try ["BPFGEN": Toolchain.bpfgen(), "CLANG": Tool.gcc.required()]
    let result = try Shell.run(
      "\(checkout(in: scratch))/demo", [], environment: tools.environment.merging(environment) { $1 })
    #expect(result.status == .exited(1))
    #expect(result.stderr.hasPrefix("demo: no clang that compiles for BPF ("), "\(result.stderr)")
  }

  @Test("if an example does not build, it fails with the compiler's message")
  func broken() throws {
    let scratch = try Scratch()
    let checkout = try checkout(in: scratch)
    let tools = try FakeApt(in: scratch, installed: FakeApt.all)
    try Data("#error no such machine\n".utf8).write(to: URL(fileURLWithPath: "\(checkout)/examples/counter/counter.c"))
    let result = try Shell.run(
      "\(checkout)/demo", [], environment: tools.environment.merging(["BPFGEN": Toolchain.bpfgen()]) { $1 })
    #expect(result.status == .exited(1))
    #expect(result.stderr.contains("#error no such machine"), "\(result.stderr)")
    #expect(result.stderr.hasSuffix("demo: examples/counter does not build\n"), "\(result.stderr)")
  }
}
