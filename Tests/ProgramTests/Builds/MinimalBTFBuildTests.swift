import Foundation
import Testing

@testable import TestSupport

/// `min_core_btfs` of a graph file: made when what the objects ask for changed, or a kernel, and by nothing else.
@Suite("min_core_btfs in a build", .runsTools, .needs(.tool(.clang)))
struct MinimalBTFBuildTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for folder in ["kernels", "in"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    for name in ["a", "b", "c"] {
      // Not read-only, as the kernel's own is.
      try Shell.run(
        "/usr/bin/env", ["install", "-m", "644", "/sys/kernel/btf/vmlinux", scratch.file("kernels/\(name).btf")]
      ).checked()
    }
    try compile("first", fields: ["pid"])
    try compile("second", fields: ["tgid", "pid"])
    _ = try scratch.write(
      """
      { "bpfgen": 1,
        "objects":       { "first": "in/first.bpf.o", "second": "in/second.bpf.o" },
        "finals":        { "app": { "inputs": ["first", "second"], "output": "gen/app.bpf.o" } },
        "min_core_btfs": [ { "of": ["app", "second"], "btfs": ["kernels/a.btf", "kernels/b.btf"], "out_dir": "gen/both" },
                           { "of": ["second"], "btfs": ["kernels/c.btf"], "out_dir": "gen/second" } ] }
      """, to: "bpfgen.json")
  }

  /// A program that asks for fields of a task, in this order.
  ///
  /// - Parameter before: types that come first in the object's BTF.
  private func compile(_ name: String, fields: [String], adding number: Int = 0, before: String = "") throws {
    let reads = fields.map { "sum_\(name) += __builtin_preserve_access_index(task->\($0));" }.joined(separator: "\n  ")
    let source = """
      \(before)
      struct task_struct { int pid; int tgid; } __attribute__((preserve_access_index));
      int sum_\(name) = \(number);
      __attribute__((section("raw_tp/\(name)"), used)) int on_\(name)(struct task_struct *task) {
        \(reads)
        return \(number);
      }
      """
    let file = try scratch.write(source, to: "in/\(name).bpf.c")
    let flags = ["-g", "-O2", "-target", "bpf", "-c", file, "-o", scratch.file("in/\(name).bpf.o")]
    try Shell.run(Tool.clang.required(), flags).checked()
  }

  /// What a build ran, by the names of tasks.
  private func build() throws -> Set<String> {
    usleep(20_000)
    let result = try Shell.run(
      Toolchain.bpfgen(), ["build", "-v", "-C", scratch.path, "-f", "bpfgen.json"]
    ).checked()
    return Set(result.stdout.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("bpfgen: ") })
  }

  private func content(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.file(path))) }

  private static let both: Set = ["min-core-btf gen/both/a.btf", "min-core-btf gen/both/b.btf"]
  private static let checks: Set = ["needs app", "needs second", "link app"]

  @Test("a build makes what the command makes")
  func bytes() throws {
    _ = try build()
    func made(_ kernel: String, _ objects: [String]) throws -> Data {
      let arguments = ["min-core-btf", "--btf", scratch.file("kernels/\(kernel).btf"), "-o", scratch.file("one.btf")]
      try Shell.run(Toolchain.bpfgen(), arguments + objects.map(scratch.file)).checked()
      return try content("one.btf")
    }
    let wanted = try made("a", ["in/second.bpf.o", "gen/app.bpf.o"])
    #expect(wanted.count > 100)
    #expect(try content("gen/both/a.btf") == wanted && content("gen/both/b.btf") == wanted)
    #expect(try content("gen/second/c.btf") == made("c", ["in/second.bpf.o"]))
    #expect(try build() == [])
  }

  @Test("other code, other types and another order of relocations can have the same needs")
  func cutOff() throws {
    _ = try build()
    let outputs = try ["gen/both/a.btf", "gen/both/b.btf", "gen/second/c.btf"].map { try FileState(scratch.file($0)) }
    try compile("second", fields: ["tgid", "pid"], adding: 7)
    #expect(try build() == Self.checks)
    let more = "enum other { ONE = 1 } other; struct before { long a[3]; } before;"
    try compile("second", fields: ["pid", "tgid"], adding: 8, before: more)
    #expect(try build() == Self.checks)
    #expect(
      try ["gen/both/a.btf", "gen/both/b.btf", "gen/second/c.btf"].map { try FileState(scratch.file($0)) } == outputs)
  }

  @Test("if another field is needed, each kernel's BTF is made again, but only for those objects")
  func asked() throws {
    _ = try build()
    try compile("first", fields: ["pid", "tgid"])
    // The other object of the final asks for the field already.
    #expect(try build() == ["link app", "needs app"])
    try compile("second", fields: ["pid"])
    #expect(try build() == Self.checks.union(Self.both).union(["min-core-btf gen/second/c.btf"]))
    try compile("first", fields: ["pid"])
    #expect(try build() == Self.both.union(["link app", "needs app"]))
  }

  @Test("only a changed kernel is read again, and a damaged one is named")
  func kernel() throws {
    _ = try build()
    try Shell.run("/usr/bin/env", ["cp", scratch.file("in/first.bpf.o"), scratch.file("kernels/b.btf")]).checked()
    #expect(try build() == ["min-core-btf gen/both/b.btf"])
    #expect(try content("gen/both/b.btf") != content("gen/both/a.btf"))
    _ = try scratch.write("no BTF", to: "kernels/c.btf")
    let failed = try Shell.run(Toolchain.bpfgen(), ["build", "-C", scratch.path])
    #expect(failed.status == .exited(1) && failed.stderr.contains("kernels/c.btf: error: "))
    try Shell.run("/usr/bin/env", ["cp", "/sys/kernel/btf/vmlinux", scratch.file("kernels/c.btf")]).checked()
    _ = try build()
    try Shell.run("/usr/bin/env", ["rm", scratch.file("gen/both/a.btf")]).checked()
    #expect(try build() == ["min-core-btf gen/both/a.btf"])
  }
}
