import Foundation
import SeededRandom
import Testing

@testable import TestSupport

/// Random sources, linked for BPF by bpfgen and for this machine by its linker: the same definitions must run.
///
/// `BPFGEN_TEST_LINKS` asks for another number of programs, `BPFGEN_TEST_SEED` for another seed.
@Suite(
  "Links mean what the native linker's mean", .runsTools, .needs(.tool(.clang), .tool(.gcc)),
  .needs(.loading))
struct LinkDifferenceTests {
  private static let count =
    Toolchain.setting("BPFGEN_TEST_LINKS").flatMap(Int.init) ?? Tier.count(quick: 20, full: 200)
  private static let seed = Toolchain.setting("BPFGEN_TEST_SEED").flatMap(UInt64.init) ?? 1

  private static let folder = "\(Toolchain.fixtures)/links"

  /// How objects come to be one.
  private enum Route: CaseIterable {
    case once, stages, graphFile
  }

  /// What a link and a run of all programs gave.
  private struct Outcome {
    var output = ""
    var errors = ""
    var succeeded = true
  }

  @Test("in every order, in stages, and through a graph file")
  func links() throws {
    let tools = try Scratch()
    let (runner, host) = (tools.file("testrun"), tools.file("host.o"))
    let gcc = try Tool.gcc.required()
    try Shell.run(gcc, ["-Wall", "-Wextra", "-Werror", "\(Self.folder)/testrun.c", "-o", runner, "-lbpf"]).checked()
    try Shell.run(gcc, ["-c", "\(Self.folder)/host.c", "-o", host]).checked()
    let failures = try Parallel.map(Array(0..<Self.count)) { number in
      try Self.check(number, runner: runner, host: host)
    }
    let refused = failures.reduce(0) { $0 + $1.refused }
    print(
      "links: seed \(Self.seed), \(3 * Self.count) links of \(Self.count) programs, \(refused) of them refused by both linkers"
    )
    for failure in failures.flatMap(\.wrong) { Issue.record("seed \(Self.seed), \(failure)") }
    // A program that cannot be linked tests messages, not links.
    #expect(refused < Self.count)
  }

  private static func check(_ number: Int, runner: String, host: String) throws -> (refused: Int, wrong: [String]) {
    let program = LinkedUnits(seed: seed, number: number)
    var random = SeededRandom(seed: seed &+ 1, number: number)
    let scratch = try Scratch()
    for unit in program.units { try compile(unit.source, unit.name, in: scratch) }
    try Shell.run(
      Tool.clang.required(),
      ["-c", scratch.write(program.hostMain, to: "main.c"), "-o", scratch.file("main.host.o")]
    ).checked()
    var refused = 0
    var wrong: [String] = []
    for route in Route.allCases {
      let order = program.units.map(\.name).shuffled(using: &random)
      let native = try native(program, order, host, in: scratch)
      let ours = try ours(program, order, route, &random, runner, in: scratch)
      let title = "program \(number), \(route), order \(order.joined(separator: " "))"
      if !native.succeeded {
        refused += 1
        if let fault = unexplained(ours, native, program, route) { wrong.append("\(title): \(fault)") }
      } else if !ours.succeeded || ours.output != native.output {
        wrong.append("\(title): native \(native.output), ours \(ours.output)\(ours.errors)")
      }
    }
    return (refused, wrong)
  }

  private static func compile(_ source: String, _ name: String, in scratch: Scratch) throws {
    let clang = try Tool.clang.required()
    let object = try BPFCompiler.compile(source, named: name, in: scratch, includes: [folder])
    #expect(object == scratch.file("\(name).bpf.o"))
    try Shell.run(
      clang, ["-O1", "-I", folder, "-c", scratch.file("\(name).bpf.c"), "-o", scratch.file("\(name).host.o")]
    ).checked()
  }

  private static func native(
    _ program: LinkedUnits, _ order: [String], _ host: String, in scratch: Scratch
  ) throws -> Outcome {
    let objects = (["main"] + order).map { scratch.file("\($0).host.o") }
    let executable = scratch.file("native")
    let linked = try Shell.run(Tool.gcc.required(), objects + [host, "-o", executable])
    guard linked.succeeded else { return Outcome(errors: linked.stderr, succeeded: false) }
    return Outcome(output: try Shell.run(executable, []).checked().stdout)
  }

  private static func ours(
    _ program: LinkedUnits, _ order: [String], _ route: Route, _ random: inout SeededRandom, _ runner: String,
    in scratch: Scratch
  ) throws -> Outcome {
    let bpfgen = try Toolchain.bpfgen()
    let final = scratch.file("final.bpf.o")
    let stages = route == .once ? [] : stages(order, &random)
    var steps = stages.map {
      ["link", "-o", scratch.file("\($0.name).bpf.o")] + $0.parts.map { scratch.file("\($0).bpf.o") }
    }
    let last = stages.isEmpty ? order : stages.last!.rest
    steps.append(["link", "-o", final] + last.map { scratch.file("\($0).bpf.o") })
    if route == .graphFile {
      steps = [["build", "-C", scratch.path, "-f", try graphFile(order, stages, last, in: scratch)]]
    } else {
      steps.append(["skeleton", final, "--name", "x", "-o", scratch.file("x.skel.h")])
    }
    for step in steps {
      let result = try Shell.run(bpfgen, step)
      guard result.succeeded else { return Outcome(errors: result.stderr, succeeded: false) }
    }
    let ran = try Shell.run(runner, [final] + program.programs + ["--"] + program.visible.map(\.name))
    return Outcome(output: ran.stdout, errors: ran.stderr, succeeded: ran.succeeded)
  }

  /// A link of neighbours into one object, and what there is to be linked then.
  private struct Stage {
    let name: String
    let parts: [String]
    let rest: [String]
  }

  private static func stages(_ order: [String], _ random: inout SeededRandom) -> [Stage] {
    var stages: [Stage] = []
    var rest = order
    for number in 0..<Int.random(in: 1...3, using: &random) {
      let first = Int.random(in: rest.indices, using: &random)
      let last = Int.random(in: first..<rest.count, using: &random)
      let parts = Array(rest[first...last])
      rest.replaceSubrange(first...last, with: ["stage\(number)"])
      stages.append(Stage(name: "stage\(number)", parts: parts, rest: rest))
    }
    return stages
  }

  private static func graphFile(
    _ order: [String], _ stages: [Stage], _ last: [String], in scratch: Scratch
  ) throws -> String {
    func inputs(_ names: [String]) -> String { "[" + names.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
    let objects = order.map { "\"\($0)\": \"\($0).bpf.o\"" }
    let libraries = stages.map {
      "\"\($0.name)\": {\"inputs\": \(inputs($0.parts)), \"output\": \"\($0.name).bpf.o\"}"
    }
    return try scratch.write(
      """
      {"bpfgen": 1, "objects": {\(objects.joined(separator: ", "))},
       "libraries": {\(libraries.joined(separator: ", "))},
       "finals": {"final": {"inputs": \(inputs(last)), "output": "final.bpf.o"}},
       "skeletons": [{"of": "final", "name": "x", "header": "x.skel.h"}]}
      """, to: "bpfgen.json")
  }

  /// What is wrong with our refusal of a program that the native linker refuses; `nil` when nothing is.
  private static func unexplained(
    _ ours: Outcome, _ native: Outcome, _ program: LinkedUnits, _ route: Route
  ) -> String? {
    guard !ours.succeeded else { return "the native linker refuses it, and we do not: \(native.errors)" }
    let named = native.errors.matches(of: #/(?:multiple definition of|undefined reference to) `(\w+)'/#).map {
      String($0.1)
    }
    guard let symbol = named.first(where: { ours.errors.contains("'\($0)'") }) else {
      return "it names none of \(Set(named)): \(ours.errors)"
    }
    // In stages the files are those of the stages.
    guard route == .once, native.errors.contains("multiple definition of `\(symbol)'") else { return nil }
    let definers = program.units.filter { $0.strong.contains(symbol) }.map(\.name)
    let files = program.units.map(\.name).filter { ours.errors.contains("/\($0).bpf.o") }
    return files.count == 2 && Set(files).isSubset(of: definers)
      ? nil : "it names \(files) for '\(symbol)': \(ours.errors)"
  }
}
