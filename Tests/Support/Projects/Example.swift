import Foundation
import Testing

/// A program of an example.
struct ExampleProgram: Sendable, CustomTestStringConvertible {
  var example: String
  var name: String
  var testDescription: String { name }

  /// The numbers in the line that sums up.
  func counts(in output: String) -> [Int] {
    let line = output.split(separator: "\n").last { $0.hasPrefix("\(name): ") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }
  }
}

/// A copy of an example that is built and edited.
struct Example {
  let scratch: Scratch
  let path: String

  init(_ name: String) throws {
    scratch = try Scratch()
    // The example includes the makefile of rules relative to its folder.
    path = scratch.file("examples/\(name)")
    try FileManager.default.createDirectory(atPath: scratch.file("examples"), withIntermediateDirectories: true)
    try Example.copy("make", to: scratch.file("make"))
    try Example.copy("examples/\(name)", to: path)
    // It may have been built in the source tree.
    try? FileManager.default.removeItem(atPath: "\(path)/build")
  }

  /// Copies a part of the repository. Foundation's own copy fails where the user does not own the original.
  static func copy(_ part: String, to path: String) throws {
    try Shell.run("/usr/bin/env", ["cp", "-R", "-L", "\(Toolchain.root)/\(part)", path]).checked()
  }

  @discardableResult
  func make() throws -> Shell.Result {
    // As make reads it and then a shell: `$` for make, quotes for the shell.
    func word(_ path: String) -> String { Shell.quoted([path]).replacingOccurrences(of: "$", with: "$$") }
    let tools = try [
      "CLANG=\(word(Tool.clang.required()))", "BPFGEN=\(word(Toolchain.bpfgen()))",
      "V=1", "CC=\(word(Tool.gcc.required()))", "CXX=\(word(Tool.gxx.required()))",
      "CFLAGS=-O2 -Wall -Wextra -Werror", "CXXFLAGS=-O2 -Wall -Wextra -Werror",
    ]
    return try Shell.run("/usr/bin/env", ["make", "-C", path] + tools).checked()
  }

  func run(_ program: String, _ arguments: String...) throws -> Shell.Result {
    try Shell.run("\(path)/build/\(program)", arguments)
  }

  /// All headers that were generated, by name.
  func headers() throws -> [String: FileState] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/build").filter { $0.hasSuffix("skel.h") }
    return try Dictionary(uniqueKeysWithValues: names.map { ($0, try FileState("\(path)/build/\($0)")) })
  }
}

extension Example {
  struct Edit: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var example: String
    var file: String
    var from: String
    var to: String
    /// How many C and C++ files are compiled after it.
    var compiles: Int
    var changesLayout: Bool { compiles > 0 }
  }

  static let edits = [
    Edit(
      testDescription: "a constant of the application", example: "counter", file: "counter.bpf.c",
      from: ".report_execs = 1", to: ".report_execs = 2", compiles: 0),
    Edit(
      testDescription: "a map's size", example: "counter", file: "counter.bpf.c", from: "64 * 1024", to: "128 * 1024",
      compiles: 0),
    Edit(
      testDescription: "a variable more in the application", example: "counter", file: "counter.bpf.c",
      from: "struct counter_totals totals;", to: "struct counter_totals totals;\n__u64 more;", compiles: 1),
    Edit(
      testDescription: "the library's code", example: "library", file: "ratelimit.bpf.c",
      from: "window->passed++;", to: "window->passed += 1 + (now == 7);", compiles: 0),
    Edit(
      testDescription: "a variable more in the library", example: "library", file: "ratelimit.bpf.c",
      from: "struct ratelimit_totals ratelimit_totals;", to: "struct ratelimit_totals ratelimit_totals;\n__u64 more;",
      compiles: 3),
    Edit(
      testDescription: "a variable more in one final", example: "library", file: "opens.bpf.c",
      from: "__u64 opens_seen;", to: "__u64 opens_seen;\n__u64 more;", compiles: 1),
  ]

  func apply(_ edit: Edit) throws {
    let file = "\(path)/\(edit.file)"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try #require(text.contains(edit.from), "\(edit.file) has no '\(edit.from)'")
    try Data(text.replacingOccurrences(of: edit.from, with: edit.to).utf8).write(to: URL(fileURLWithPath: file))
  }
}
