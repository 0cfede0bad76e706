import Foundation
import Testing

@testable import TestSupport

/// `bpfgen emit bazel`: a project of a graph file becomes targets, and then Bazel compiles its programs too.
extension BazelTests {
  private static let project = [
    "bpfgen.json": """
    { "bpfgen": 1,
      "objects": { "main": "build/main.bpf.o", "net": "build/net.bpf.o" },
      "libraries": { "netlib": { "inputs": ["net"], "output": "gen/netlib.bpf.o" } },
      "finals": { "app": { "inputs": ["main", "netlib"], "output": "gen/app.bpf.o" },
                  "turned": { "inputs": ["netlib", "main", "d:net"], "output": "gen/turned.bpf.o" } },
      "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o",
                       "scope": "//:app_skel" },
                     { "of": "turned", "header": "gen/turned.skel.h", "name": "other", "assert_members": true },
                     { "of": "d:net", "header": "\(odd)/app.skel.h", "strip": true } ],
      "subskeletons": [ { "of": "netlib", "header": "gen/netlib.subskel.h" } ],
      "light_skeletons": [ { "of": "main", "header": "gen/main.lskel.h" } ],
      "min_core_btfs": [ { "of": ["main"], "btfs": ["kernels/5.10.btf", "kernels/6.1.btf"], "out_dir": "gen/kernels" } ],
      "include": [ { "file": "\(odd)/bpfgen.json", "as": "d" } ] }

    """,
    "\(odd)/bpfgen.json": "{ \"bpfgen\": 1, \"objects\": { \"net\": \"net.bpf.o\" } }\n",
    "main.bpf.c": """
    struct task { int pid; } __attribute__((preserve_access_index));
    int main_value = 1;
    __attribute__((section("raw_tp/main"), used)) int on_main(struct task *task) { return task->pid; }

    """,
    "net.bpf.c": "int packets = 2;\n",
    "driver.bpf.c": "int irqs = 3;\n",
    "kernel.c": "struct task { long state; int pid; } task;\n",
    "app.c": """
    #include <stdio.h>
    #include "app.skel.h"
    #include "gen/turned.skel.h"
    #include "netlib.subskel.h"
    int main(void)
    {
    \tsize_t size, other_size;
    \tapp__elf_bytes(&size);
    \tother__elf_bytes(&other_size);
    \treturn printf("%zu %zu\\n", size, other_size) < 0;
    }

    """,
  ]

  /// A folder whose name means something to others.
  private static let odd = "odd [1] $x = (a)"

  @Test("emit bazel: targets that make what bpfgen build makes; an alias can be replaced by a bpf_object")
  func emitted() throws {
    let scratch = try Scratch()
    let folder = scratch.file("project")
    for name in ["build", "gen", "kernels", Self.odd] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for (name, text) in Self.project { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
    let compiled = [
      ("main.bpf.c", "build/main.bpf.o"), ("net.bpf.c", "build/net.bpf.o"), ("driver.bpf.c", "\(Self.odd)/net.bpf.o"),
      ("kernel.c", "kernels/5.10.btf"), ("kernel.c", "kernels/6.1.btf"),
    ]
    for (source, object) in compiled {
      let flags = ["-g", "-O2", "-target", "bpf", "-c", "\(folder)/\(source)", "-o", "\(folder)/\(object)"]
      try Shell.run(Tool.clang.required(), flags).checked()
    }
    let inFolder = { (words: [String]) in
      try Shell.run("/usr/bin/env", ["-C", folder, Toolchain.bpfgen()] + words).checked()
    }
    _ = try inFolder(["build"])
    // The rules' headers with a payload are for shared libraries too.
    _ = try inFolder(
      ["skeleton", "gen/app.bpf.o", "-o", "gen/app.skel.h", "--payload", "gen/app.skel.o", "--scope", "//:app_skel"]
        + ["--shared", "--name", "app"])
    let wanted = try [
      "netlib.bpf.o": "gen/netlib.bpf.o", "app.bpf.o": "gen/app.bpf.o", "turned.bpf.o": "gen/turned.bpf.o",
      "app_skel/gen/app.skel.h": "gen/app.skel.h", "turned_skel/gen/turned.skel.h": "gen/turned.skel.h",
      "odd__1___x____a__app_skel/\(Self.odd)/app.skel.h": "\(Self.odd)/app.skel.h",
      "netlib_subskel/gen/netlib.subskel.h": "gen/netlib.subskel.h",
      "main_lskel/gen/main.lskel.h": "gen/main.lskel.h", "kernels/5.10.btf": "gen/kernels/5.10.btf",
      "kernels/6.1.btf": "gen/kernels/6.1.btf",
    ].mapValues { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")) }
    for made in ["gen", "\(Self.odd)/app.skel.h"] { try FileManager.default.removeItem(atPath: "\(folder)/\(made)") }

    _ = try inFolder(["emit", "bazel", "-o", "BUILD.bazel"])
    var build = try String(contentsOfFile: "\(folder)/BUILD.bazel", encoding: .utf8)
    let deps = ["app_skel", "turned_skel", "netlib_subskel"].map { "\":\($0)\"" }.joined(separator: ", ")
    build += "\ncc_binary(name = \"sizes\", srcs = [\"app.c\"], deps = [\(deps)])\n"
    try build.write(toFile: "\(folder)/BUILD.bazel", atomically: true, encoding: .utf8)
    let bazel = try Bazel(folder, in: scratch, program: Toolchain.bpfgen())
    try bazel.build().result.checked()
    for (path, bytes) in wanted {
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(bazel.bin)/\(path)")) == bytes, "\(path)")
    }
    let sizes = try ["app.bpf.o", "turned.bpf.o"].map { "\(try #require(wanted[$0]).count)" }.joined(separator: " ")
    #expect(try Shell.run("\(bazel.bin)/sizes", []).checked().stdout == sizes + "\n")

    // Bazel compiles one program more itself: no C file is compiled for it.
    let alias = "alias(\n    name = \"net\",\n    actual = \"build/net.bpf.o\",\n)"
    try #require(build.contains(alias))
    build = build.replacing(alias, with: "bpf_object(\n    name = \"net\",\n    src = \"net.bpf.c\",\n)")
    try build.write(toFile: "\(folder)/BUILD.bazel", atomically: true, encoding: .utf8)
    let second = try bazel.build()
    try second.result.checked()
    #expect(second.steps.contains { $0.mnemonic == "BpfCompile" })
    #expect(!second.steps.contains { $0.mnemonic == "CppCompile" })
    for path in wanted.keys where path.hasSuffix("netlib.subskel.h") {
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(bazel.bin)/\(path)")) == wanted[path])
    }
    #expect(try Shell.run("\(bazel.bin)/sizes", []).checked().stdout.hasSuffix("\n"))
  }

  @Test(
    "emit bazel refuses what no label can be",
    arguments: [
      "../outside.bpf.o", "/elsewhere/x.bpf.o", "a:b.bpf.o", "a\\\"b.bpf.o", "a'b.bpf.o", "a*b.bpf.o", "größe.bpf.o",
    ])
  func unnameable(_ path: String) throws {
    let scratch = try Scratch()
    let graph = try scratch.write("{ \"bpfgen\": 1, \"objects\": { \"x\": \"\(path)\" } }", to: "bpfgen.json")
    let result = try Shell.run(Toolchain.bpfgen(), ["emit", "bazel", "-f", graph])
    #expect(result.status == .exited(2) && result.stdout == "")
    #expect(result.stderr.contains("cannot be written in a file for bazel"), "\(result.stderr)")
  }
}
