import Foundation
import Testing

@testable import TestSupport

/// The hint of an error about a path that does not exist.
@Suite("A path that does not exist", .runsTools)
struct MissingPathTests {
  /// A folder of empty files: what is read of an object is tested elsewhere.
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for file in ["build/monitor.bpf.o", "build/ab.bpf.o", "my app.bpf.o", "a b c.bpf.o", "bpfgen.json"] {
      let path = URL(fileURLWithPath: scratch.file(file))
      try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: path)
    }
  }

  private func hint(_ words: [String]) throws -> String? {
    let result = try Shell.run("/usr/bin/env", ["-C", scratch.path, Toolchain.bpfgen()] + words)
    #expect(!result.succeeded)
    return result.stderr.split(separator: "\n").first { $0.hasPrefix("    hint ") }.map { String($0.dropFirst(11)) }
  }

  @Test(
    "a similar file is suggested, wherever the path differs",
    arguments: [
      ("build/monitr.bpf.o", "build/monitor.bpf.o"), ("build/mointor.bpf.o", "build/monitor.bpf.o"),
      ("biuld/monitor.bpf.o", "build/monitor.bpf.o"), ("./biuld/monitr.bpf.o", "./build/monitor.bpf.o"),
      ("build/monitor.bpf.p", "build/monitor.bpf.o"), ("build/monitor.o", nil), ("build/xy.bpf.o", nil),
      ("build", nil), ("other/monitor.bpf.o", nil), ("build/.bpf.o", nil), ("build/monitor.bpf.o/x", nil),
      ("", nil), (" ", nil), ("//", nil),
    ])
  func similar(_ path: String, _ meant: String?) throws {
    let suggestion = meant.map { "did you mean '\($0)'?" }
    let hint = try hint(["skeleton", path, "-o", "x.h"])
    if let suggestion { #expect(hint == suggestion) } else { #expect(hint?.hasPrefix("did you mean") != true) }
  }

  @Test("a suggested path can be absolute")
  func absolute() throws {
    let hint = try hint(["link", scratch.file("build/monitr.bpf.o"), "-o", "x.o"])
    #expect(hint == "did you mean '\(scratch.file("build/monitor.bpf.o"))'?")
  }

  @Test(
    "arguments that are one path with blanks are to be quoted",
    arguments: [
      ["skeleton", "my", "app.bpf.o", "-o", "x.h"], ["link", "-o", "x.o", "my", "app.bpf.o"],
      ["link", "-o", "x.o", "my", "app.bpf.o", "build/ab.bpf.o"], ["gen", "skeleton", "my", "app.bpf.o"],
      ["gen", "object", "x.o", "my", "app.bpf.o"],
    ])
  func blanks(_ words: [String]) throws { #expect(try hint(words) == "write the path in quotes: 'my app.bpf.o'") }

  @Test("a path may have several blanks")
  func severalBlanks() throws {
    #expect(try hint(["link", "-o", "x.o", "a", "b", "c.bpf.o"]) == "write the path in quotes: 'a b c.bpf.o'")
  }

  @Test("a graph file that does not exist, and a source that it names, have suggestions")
  func graph() throws {
    #expect(try hint(["build", "-f", "bpfgne.json"]) == "did you mean 'bpfgen.json'?")
    let graph = """
      { "bpfgen": 1, "objects": { "a": "build/monitr.bpf.o" }, "skeletons": [ { "of": "a", "header": "a.h" } ] }
      """
    _ = try scratch.write(graph, to: "bpfgen.json")
    #expect(try hint(["build"]) == "did you mean 'build/monitor.bpf.o'?")
  }
}
