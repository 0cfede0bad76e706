import Foundation
import Testing

@testable import TestSupport

/// Remote execution: a worker that has nothing but an action's declared inputs.
extension BazelTests {
  /// A package with the rules that the example project does not use, and with two targets that no build should make.
  private static let morePackage = [
    "BUILD.bazel": """
    load("@bpfgen//:defs.bzl", "bpf_graph", "bpf_light_skeleton", "bpf_object", "min_core_btf", "vmlinux_h")

    vmlinux_h(name = "types", btf = "kernel.btf")

    bpf_object(name = "task", src = "task.bpf.c", deps = [":types"])

    bpf_light_skeleton(name = "task_lskel", object = ":task")

    min_core_btf(name = "minimal", btfs = ["kernel.btf"], objects = [":task"])

    bpf_graph(
        name = "gen",
        graph = "bpfgen.json",
        headers = ["task.skel.h"],
        like = "like.o",
        objects = {":task": "task.bpf.o"},
        payloads = ["task.skel.o"],
    )

    cc_binary(name = "task_size", srcs = ["size.c"], deps = [":gen", ":task_lskel"])

    # They read a file that they do not declare: below the workspace, and by its absolute path.
    bpf_object(name = "undeclared", src = "undeclared.bpf.c", tags = ["manual"])

    genrule(name = "absolute", outs = ["absolute.txt"], cmd = "cat WORKSPACE/more/hidden.h > $@", tags = ["manual"])

    """,
    "bpfgen.json": """
    { "bpfgen": 1, "objects": { "task": "task.bpf.o" },
      "skeletons": [ { "of": "task", "header": "task.skel.h", "payload": "task.skel.o", "like": "like.o" } ] }

    """,
    "hidden.h": "int hidden = 1;\n",
    "size.c": """
    #include <stdio.h>
    #include "task.lskel.h"
    #include "task.skel.h"
    int main(void) { size_t size; task__elf_bytes(&size); return printf("%zu\\n", size) < 0; }

    """,
    "task.bpf.c": """
    #include <vmlinux.h>
    int watched = 1;
    __attribute__((section("raw_tp/task"), used)) int on_task(struct task *task) { return task->pid == watched; }

    """,
    "undeclared.bpf.c": "#include \"hidden.h\"\n",
  ]

  private static func remoteWorkspace(_ folder: String, kernel: String, in scratch: Scratch) throws -> String {
    let path = try workspace(folder, in: scratch)
    let more = "\(path)/more"
    try FileManager.default.createDirectory(atPath: more, withIntermediateDirectories: true)
    for (name, text) in morePackage {
      try text.replacing("WORKSPACE", with: path).write(toFile: "\(more)/\(name)", atomically: true, encoding: .utf8)
    }
    try FileManager.default.copyItem(atPath: kernel, toPath: "\(more)/kernel.btf")
    return path
  }

  /// All that actions made, by its path; what Bazel itself wrote for them is left out.
  private static func outputs(_ bazel: Bazel) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: bazel.bin).filter { path in
      var isFolder: ObjCBool = false
      let isFile = FileManager.default.fileExists(atPath: "\(bazel.bin)/\(path)", isDirectory: &isFolder)
      return isFile && !isFolder.boolValue && !path.hasSuffix(".params") && !path.contains(".runfiles")
    }
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(bazel.bin)/\($0)"))) })
  }

  private static let mnemonics: Set = [
    "BpfCompile", "BpfGraph", "BpfLightSkeleton", "BpfLink", "BpfMinCoreBtf", "BpfSkeleton", "BpfSubskeleton",
    "BpfVmlinux",
  ]

  @Test(
    "remote workers that have nothing but declared inputs run every action; a second workspace runs none",
    .needs(.file(BuildGrid.path), .file("/usr/bin/bwrap"), .file("/usr/lib/postgresql")))
  func remoteExecution() throws {
    let scratch = try Scratch()
    let types = "struct task { long state; int pid; } task;\n"
    let kernel = try BPFCompiler.compile(types, named: "kernel", in: scratch)
    let machines = try ["here/project", "another-machine/deeper/checkout"].enumerated().map { number, folder in
      try Bazel(
        Self.remoteWorkspace(folder, kernel: kernel, in: scratch), in: scratch, machine: "machine-\(number)",
        program: Toolchain.bpfgen())
    }
    let (first, second) = (machines[0], machines[1])
    try first.build(["//...", "--spawn_strategy=local"]).result.checked()
    let local = try Self.outputs(first)
    let undeclared = ["//more:undeclared", "//more:absolute"]
    try first.build(undeclared + ["--spawn_strategy=local"]).result.checked()
    try first.run(["clean"]).checked()

    let grid = try BuildGrid(in: scratch, workers: 2)
    let remote = ["--remote_executor=\(grid.address)", "--spawn_strategy=remote"]
    let build = try first.build(["//..."] + remote, jobs: 4)
    try build.result.checked()
    #expect(build.steps.filter { $0.runner != "remote" || $0.isHit }.map(\.listedOutputs) == [])
    #expect(Set(build.steps.map(\.mnemonic).filter { $0.hasPrefix("Bpf") }) == Self.mnemonics)
    #expect(try grid.executed().sorted() == build.steps.map { "0 \($0.listedOutputs.min() ?? "")" }.sorted())
    let made = try Self.outputs(first)
    #expect(made.keys.sorted() == local.keys.sorted())
    #expect(made.filter { local[$0.key] != $0.value }.keys.sorted() == [])
    #expect(try Shell.run("\(first.bin)/more/task_size", []).succeeded)

    // What a process on this machine found, the worker does not have.
    let refused = try first.build(undeclared + remote + ["--keep_going"]).result
    #expect(!refused.succeeded)
    #expect(refused.stderr.contains("undeclared.bpf.c:1:10: fatal error: 'hidden.h' file not found"))
    #expect(refused.stderr.contains("cat: \(first.workspace)/more/hidden.h: No such file or directory"))

    let before = try grid.executed().count
    let again = try second.build(["//..."] + remote, jobs: 4)
    try again.result.checked()
    #expect(again.steps.count == build.steps.count)
    #expect(again.steps.filter { !$0.isHit }.map(\.listedOutputs) == [])
    #expect(try grid.executed().count == before)
    #expect(try Self.outputs(second) == made)

    try Self.edit("\(second.workspace)/bpf/alpha.bpf.c", "offset = 1000", "offset = 2000")
    let edited = try second.build(["//..."] + remote)
    try edited.result.checked()
    #expect(edited.steps.compactMap(\.name).sorted() == ["compile alpha", "ld alpha", "link alpha", "skeleton alpha"])
    #expect(try grid.executed().count == before + 4)
  }
}
