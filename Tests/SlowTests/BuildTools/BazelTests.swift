import Foundation
import Testing

@testable import TestSupport

/// Bazel's promises beyond the build itself: the same bytes everywhere, and a cache that machines share.
@Suite("Bazel", .runsTools, .serialized, .needs(.tool(.clang), .file(Bazel.path), .file("/usr/bin/strace")))
struct BazelTests {
  /// A copy of the example project, in a folder of a scratch.
  static func workspace(_ folder: String, in scratch: Scratch) throws -> String {
    let path = scratch.file(folder)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: "\(Toolchain.fixtures)/project", toPath: path)
    return path
  }

  static func edit(_ file: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// The outputs of bpfgen and the BPF compiler, by path.
  private static func made(_ bazel: Bazel) throws -> [String: Data] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: bazel.bin).filter { path in
      [".bpf.o", "skel.h", ".skel.o"].contains(where: path.hasSuffix) && !path.contains(".runfiles/")
    }
    return try Dictionary(
      uniqueKeysWithValues: paths.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(bazel.bin)/\($0)"))) })
  }

  private static let bpfgenSteps = 9
  private static let compiles = 7

  @Test(
    "what one machine built, another takes from the cache, and builds nothing", .needs(.file(BuildGrid.path)))
  func sharedCache() throws {
    let scratch = try Scratch()
    let grid = try BuildGrid(in: scratch)
    let cache = ["//...", "--remote_cache=\(grid.address)"]
    let folders = ["here/project", "another-machine/deeper/checkout"]
    let machines = try folders.enumerated().map { number, folder in
      try Bazel(
        Self.workspace(folder, in: scratch), in: scratch, machine: "machine-\(number)", program: Toolchain.bpfgen())
    }
    let first = try machines[0].build(cache)
    try first.result.checked()
    #expect(first.steps.count { $0.isHit } == 0)
    #expect(first.steps.count { $0.mnemonic.hasPrefix("Bpf") } == Self.bpfgenSteps)

    let second = try machines[1].build(
      cache, environment: ["USER": "somebody", "LANG": "de_DE.UTF-8", "TZ": "Asia/Tokyo"])
    try second.result.checked()
    #expect(second.steps.count { $0.mnemonic.hasPrefix("Bpf") } == Self.bpfgenSteps)
    #expect(second.steps.count { $0.mnemonic == "CppCompile" } == Self.compiles)
    let missed = second.steps.filter { !$0.isHit }
    #expect(missed.map(\.listedOutputs) == [])
    #expect(try Self.made(machines[0]) == Self.made(machines[1]))

    for bazel in machines { try Self.edit("\(bazel.workspace)/bpf/alpha.bpf.c", "offset = 1000", "offset = 2000") }
    let code: Set = ["compile alpha", "link alpha", "skeleton alpha", "ld alpha"]
    for (bazel, hits) in zip(machines, [0, 4]) {
      let build = try bazel.build(cache)
      try build.result.checked()
      #expect(Set(build.steps.compactMap(\.name)) == code)
      #expect(build.steps.count { $0.isHit } == hits && build.steps.count == 4)
      let answer = try Shell.run("\(bazel.bin)/alpha", []).checked().stdout
      #expect(answer == "alpha 2042, 1 passed\n")
    }
  }

  @Test(
    "the same inputs give the same bytes in a worker and in a process of its own, for another user in another folder; a target has its payload"
  )
  func reproducible() throws {
    let scratch = try Scratch()
    let plain = try Bazel(
      Self.workspace("project", in: scratch), in: scratch, machine: "one", program: Toolchain.bpfgen())
    let other = try Bazel(
      Self.workspace("somewhere/else", in: scratch), in: scratch, machine: "two", program: Toolchain.bpfgen())
    let build = try plain.build()
    try build.result.checked()
    let runners = Set(
      build.steps.filter { ["BpfLink", "BpfSkeleton", "BpfSubskeleton"].contains($0.mnemonic) }.map(\.runner))
    #expect(runners.count == 1 && runners.first?.contains("worker") == true, "\(runners)")
    let environment = ["USER": "somebody", "HOME": scratch.path, "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"]
    try other.build(["//...", "--spawn_strategy=local"], environment: environment).result.checked()
    let made = try Self.made(plain)
    #expect(made.count == 6 + 5)
    #expect(try made == Self.made(other))
    for (path, bytes) in made {
      for word in [scratch.path, "sandbox", "execroot"] { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(path)") }
    }

    // The values of `e_ident[EI_CLASS]` and `e_machine`, which depend only on the compiler's option.
    for (option, elfClass, machine) in [("-m64", 2, 62), ("-m32", 1, 3)] as [(String, UInt8, UInt8)] {
      try plain.build(["//:alpha_skel", "--copt=\(option)"]).result.checked()
      let payload = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(plain.bin)/alpha_skel/alpha.skel.o")))
      #expect(payload[4] == elfClass && payload[18] == machine, "\(option)")
    }
    Scenario.cross.holds(in: .bazel)
  }

  /// Libraries that link one skeleton, as shared and as static ones; and in packages of their own three with skeletons of one
  /// name and layout. `dynamic` is linked as a cc_test is, which would need Bazel's coverage tools from the network.
  private static let libraries = [
    "BUILD": """
    load("@bpfgen//:defs.bzl", "bpf_object", "bpf_skeleton")

    bpf_object(name = "app_bpf", src = "app.bpf.c")

    bpf_skeleton(name = "app_skel", header = "app.skel.h", object = ":app_bpf", struct = "app")

    [cc_library(name = name, srcs = [name + ".c"], deps = [":app_skel"]) for name in ["first", "second"]]

    cc_binary(name = "dynamic", srcs = ["main.c"], linkstatic = False, deps = [":first", ":second"])

    cc_binary(name = "static", srcs = ["main.c"], deps = [":first", ":second"])

    cc_binary(name = "plugin.so", srcs = ["first.c"], linkshared = True, deps = [":app_skel"])

    exports_files(["pair.bpf.c", "library.c"])

    cc_binary(name = "pair", srcs = ["app.c"], deps = ["//one", "//two"])

    """,
    "app.bpf.c": "int value = 1;\n", "first.c": library("first"), "second.c": library("second"),
    "main.c": """
    const char *first(void), *second(void);
    int main(void) { return first() != second() || first()[1] != 'E'; }

    """,
    "one/BUILD": package("one", 1), "two/BUILD": package("two", 2),
    "three/BUILD": package("three", 3, ", scope = \"it's \\\"a\\\" \\\\ $x %n\""),
  ]

  private static func library(_ name: String) -> String {
    "#include \"app.skel.h\"\nconst void *\(name)(void);\n"
      + "const void *\(name)(void) { size_t size; return app__elf_bytes(&size); }\n"
  }

  private static func package(_ name: String, _ value: Int, _ more: String = "") -> String {
    """
    load("@bpfgen//:defs.bzl", "bpf_object", "bpf_skeleton")
    bpf_object(name = "bpf", src = "//:pair.bpf.c", defines = ["VALUE=\(value)"])
    bpf_skeleton(name = "skel", object = ":bpf", header = "pair.skel.h", struct = "pair"\(more))
    cc_library(
        name = "\(name)", srcs = ["//:library.c"], deps = [":skel"], linkstatic = True,
        local_defines = ["FUNCTION=\(name)", 'HEADER=\\\\"pair.skel.h\\\\"'], visibility = ["//visibility:public"],
    )

    """
  }

  @Test("libraries with a skeleton link as shared and static ones, and skeletons of one name have their own bytes")
  func libraries() throws {
    let scratch = try Scratch()
    try ScopedPair.write(to: scratch.file("project"), and: Self.libraries)
    let bazel = try Bazel(scratch.file("project"), in: scratch, program: Toolchain.bpfgen())
    try bazel.build().result.checked()
    for program in ["dynamic", "static"] { try Shell.run("\(bazel.bin)/\(program)", []).checked() }
    func symbols(_ file: String) throws -> String {
      try Shell.run("/usr/bin/env", ["readelf", "-Ws", "--dyn-syms", "\(bazel.bin)/\(file)"]).checked().stdout
    }
    #expect(try symbols("libfirst.so").contains(/UND app_payload_of_layout/))
    #expect(try symbols("plugin.so").contains(/PROTECTED .* app_payload_of_layout/))
    Scenario.linkage.holds(in: .bazel)

    #expect(try ScopedPair.answers("\(bazel.bin)/pair") == "1 2\n")
    let scopes = try ScopedPair.payloads("\(bazel.bin)/pair").map { $0.suffix(17) }
    #expect(Set(scopes) == ["_scope___one_skel", "_scope___two_skel"])
    // The same text as on the command line.
    let made = scratch.file("three")
    let output = ["-o", "\(made).h", "--payload", "\(made).o", "--name", "pair", "--shared"]
    try Shell.run(
      Toolchain.bpfgen(), ["skeleton", "\(bazel.bin)/three/bpf.bpf.o"] + output + ["--scope", "it's \"a\" \\ $x %n"]
    ).checked()
    #expect(try ScopedPair.payloads("\(bazel.bin)/three/skel/pair.skel.o") == ScopedPair.payloads("\(made).o"))
  }

  // MARK: What is read

  /// Files that were there when a process opened them to read, by its system calls.
  private static func opened(_ log: String) -> Set<String> {
    Set(
      log.split(separator: "\n").compactMap { line in
        guard let match = line.firstMatch(of: /open(?:at)?\((?:AT_FDCWD, )?"([^"]*)", (O_[A-Z_|]*)[^)]*\) = [0-9]/),
          !["O_WRONLY", "O_CREAT", "O_DIRECTORY"].contains(where: match.2.contains)
        else { return nil }
        return match.1.hasPrefix("./") ? String(match.1.dropFirst(2)) : String(match.1)
      })
  }

  /// What every program on this machine reads to come up, and the libraries of the compiler itself.
  private static func isOfTheSystem(_ path: String) throws -> Bool {
    let compiler = URL(fileURLWithPath: try Tool.clang.required()).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let folders = ["/proc/", "/etc/ld.so.", "/lib/", "/lib64/", "/usr/lib/", "\(compiler)/lib/"]
    // How many processors there are is asked for as every program of Swift comes up.
    let others = ["/dev/urandom", "/sys/devices/system/cpu/possible"]
    return !path.hasSuffix(".h") && folders.contains { path.hasPrefix($0) } || others.contains(path)
  }

  @Test("an action reads what it declares, and nothing else")
  func declaredInputs() throws {
    let scratch = try Scratch()
    let logs = scratch.file("logs")
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    let tracer = try scratch.writeScript(
      """
      exec /usr/bin/strace -f -qq -e trace=open,openat,openat2 -o "$(mktemp \(logs)/XXXXXX)" \(Toolchain.bpfgen()) "$@"
      """, to: "traced")
    let bazel = try Bazel(Self.workspace("project", in: scratch), in: scratch, program: tracer)
    // A process each, and none that serves several.
    let build = try bazel.build(
      ["//...", "--spawn_strategy=sandboxed", "--sandbox_writable_path=\(logs)"], environment: ["PATH": "/usr/bin:/bin"]
    )
    try build.result.checked()
    let steps = build.steps.filter { $0.mnemonic.hasPrefix("Bpf") }
    #expect(steps.count == Self.bpfgenSteps)
    let declared = Set(steps.flatMap { $0.inputs.map(\.path) + $0.listedOutputs })
    let names = try FileManager.default.contentsOfDirectory(atPath: logs)
    #expect(names.count == Self.bpfgenSteps)
    var opened: Set<String> = []
    for name in names { opened.formUnion(Self.opened(try String(contentsOfFile: "\(logs)/\(name)", encoding: .utf8))) }
    // bpfgen's temporary files are next to the output.
    let undeclared = try opened.filter { path in
      try !declared.contains(path) && !Self.isOfTheSystem(path) && !declared.contains { path.hasPrefix($0 + ".") }
    }
    #expect(undeclared == [])
    #expect(opened.contains("bpf/alpha.bpf.c") && opened.contains("bpf/factors.h"))
    #expect(opened.contains { $0.hasSuffix("alpha_final.bpf.o") })
    #expect(opened.contains { $0.hasSuffix("include/bpf/bpf_helpers.h") })

    // A header that was declared and not read counts from when it is.
    let edits: [(String, String, String, Set<String>)] = [
      ("bpf/factors.h", "BETA_FACTOR 5", "BETA_FACTOR 6", ["compile alpha", "compile beta"]),
      (
        "odd #1 $x/limit.bpf.c", "\"limit.bpf.h\"\n", "\"limit.bpf.h\"\n#include \"../bpf/factors.h\"\n",
        ["compile limit"]
      ),
      ("bpf/factors.h", "BETA_FACTOR 6", "BETA_FACTOR 7", ["compile alpha", "compile beta", "compile limit"]),
    ]
    for (file, old, new, wanted) in edits {
      try Self.edit("\(bazel.workspace)/\(file)", old, new)
      let again = try bazel.build(["//...", "--sandbox_writable_path=\(logs)"], environment: ["PATH": "/usr/bin:/bin"])
      try again.result.checked()
      #expect(Set(again.steps.compactMap(\.name).filter { $0.hasPrefix("compile") }) == wanted, "\(file)")
    }
  }

  // MARK: Graph files and vmlinux.h

  private static let graphWorkspace = [
    "BUILD.bazel": """
    load("@bpfgen//:defs.bzl", "bpf_graph", "bpf_object", "vmlinux_h")

    [bpf_object(
        name = name,
        src = name + ".bpf.c",
        deps = [":types"],
    ) for name in ["app", "net", "other"]]

    vmlinux_h(name = "types", btf = "types.btf.o")

    vmlinux_h(name = "running")

    bpf_graph(
        name = "gen",
        srcs = ["net/bpfgen.json"],
        graph = "bpfgen.json",
        headers = ["app.skel.h", "net.subskel.h"],
        like = "like.o",
        objects = {":app": "build/app.bpf.o", ":net": "net/net.bpf.o", ":other": "build/other.bpf.o"},
        outs = ["final.bpf.o"],
        payloads = ["app.skel.o"],
    )

    cc_binary(name = "size", srcs = ["size.c"], deps = [":gen"])

    """,
    "bpfgen.json": """
    { "bpfgen": 1,
      "objects": { "main": "build/app.bpf.o" },
      "finals": { "app": { "inputs": ["main", "net:net"], "output": "final.bpf.o" } },
      "skeletons": [ { "of": "app", "header": "app.skel.h", "payload": "app.skel.o", "like": "like.o" } ],
      "subskeletons": [ { "of": "net:net", "header": "net.subskel.h", "name": "net" } ],
      "include": [ { "file": "net/bpfgen.json", "as": "net" } ] }

    """,
    "net/bpfgen.json": "{ \"bpfgen\": 1, \"objects\": { \"net\": \"net.bpf.o\" } }\n",
    "app.bpf.c": "#include <vmlinux.h>\nstruct shape app_shape;\nint app_value = 1;\n",
    "net.bpf.c": "int net_value = 2;\n",
    "other.bpf.c": "int other_value = 3;\n",
    "types.c": "struct shape { int width, height; } shape;\n",
    "size.c": """
    #include <stdio.h>
    struct shape { int width, height; };
    #include "app.skel.h"
    #include "net.subskel.h"
    int main(void) { size_t size; app__elf_bytes(&size); return printf("%zu bytes\\n", size) < 0; }

    """,
  ]

  @Test(
    "a graph file is one action, that keeps nothing of its own; what it does not read does not run it",
    .needs(.file("/sys/kernel/btf/vmlinux")))
  func graph() throws {
    let scratch = try Scratch()
    for (name, text) in Self.graphWorkspace {
      let path = scratch.file("project/\(name)")
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let project = scratch.file("project")
    try Shell.run(
      Tool.clang.required(),
      ["-g", "-O2", "-target", "bpf", "-c", "\(project)/types.c", "-o", "\(project)/types.btf.o"]
    ).checked()
    let bazel = try Bazel(project, in: scratch, program: Toolchain.bpfgen())
    let build = try bazel.build()
    try build.result.checked()
    #expect(build.steps.count { $0.mnemonic == "BpfGraph" } == 1)
    #expect(build.steps.filter { $0.mnemonic == "BpfVmlinux" && !$0.runner.contains("sandbox") }.count >= 1)
    #expect(try Shell.run("\(bazel.bin)/size", []).checked().stdout.hasSuffix(" bytes\n"))

    let edits: [(String, String, String, Set<String>)] = [
      ("other.bpf.c", "= 3", "= 4", ["BpfCompile"]),
      ("app.bpf.c", "= 1", "= 5", ["BpfCompile", "BpfGraph", "CppLink"]),
      ("net.bpf.c", "int net_value", "int net_more, net_value", ["BpfCompile", "BpfGraph", "CppCompile", "CppLink"]),
    ]
    for (file, old, new, wanted) in edits {
      try Self.edit("\(project)/\(file)", old, new)
      let again = try bazel.build()
      try again.result.checked()
      #expect(Set(again.steps.map(\.mnemonic)) == wanted, "\(file)")
    }

    // What an action leaves where there is no sandbox stays.
    let made = try Self.made(bazel)
    try bazel.run(["clean"]).checked()
    try bazel.build(["//...", "--spawn_strategy=local"]).result.checked()
    #expect(try Self.made(bazel) == made)
    #expect(try Shell.run("/usr/bin/env", ["find", bazel.bin, "-name", ".bpfgen*"]).checked().stdout == "")
  }
}
