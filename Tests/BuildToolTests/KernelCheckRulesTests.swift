import Foundation
import Testing

@testable import TestSupport

/// Checks of objects against kernels, by the rules of each build tool.
@Suite("Checks against kernels in build tools", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct KernelCheckRulesTests {
  private static let systems = BuildSystem.available.filter { $0.edition == .system }

  @Test(
    "a kernel that cannot load an object fails the build with what it lacks; what did not change is not checked again",
    arguments: systems)
  func each(_ system: BuildSystem) throws {
    let project = try CheckedProject(system)
    #expect(try project.build().hasChecked)
    #expect(try !project.build().hasChecked, "nothing changed")

    try project.addKernel("5.4.0-9", "int other;")
    let failed = try project.run()
    let text = failed.stdout + failed.stderr
    #expect(!failed.succeeded && text.contains("app.bpf.o: error: "), "\(text)")
    #expect(text.contains("5.4.0-9") && text.contains("on_run: thing.count: no such field"), "\(text)")
    // It fails until it is fixed.
    #expect(try !project.run().succeeded)

    try project.put(
      "return", "if (!bpf_core_field_exists(((struct thing *)0)->count)) return 0; return", in: "app.bpf.c")
    #expect(try project.build().hasChecked)
    #expect(try !project.build().hasChecked, "nothing changed")

    // Of a kernel more, only that one is read.
    try project.addKernel("6.2.0-1", "int count; int more;")
    let kernels = try project.kernelsToCheck()
    let last = try project.build()
    #expect(last.hasChecked)
    #expect(kernels ?? last.count == 1)
    try project.removeKernel("6.2.0-1")
    try project.run().checked()
  }

  @Test("a kernel that cannot be read is one error, and the others are checked", arguments: systems)
  func unreadable(_ system: BuildSystem) throws {
    let project = try CheckedProject(system)
    _ = try project.build()
    try project.addKernel("5.4.0-9", "int other;")
    _ = try project.scratch.write("no BTF", to: "kernels/6.1.0-1.btf")
    let failed = try project.run()
    let text = failed.stdout + failed.stderr
    #expect(!failed.succeeded)
    // Each kernel is an action of its own in Bazel, which stops after the first one that fails.
    let isRead = text.contains("6.1.0-1.btf: error: neither BTF nor an ELF file")
    let isChecked = text.contains("cannot load this object") && text.contains("5.4.0-9")
    #expect(system.kind == .bazel ? isRead || isChecked : isRead && isChecked, "\(text)")
    if system.kind != .bazel { #expect(text.contains("not checked   6.1.0-1"), "\(text)") }
  }

  @Test(
    "a kernel of a graph file that is removed is the emitted step's error, and the others are checked",
    arguments: [
      ("make", "Makefile", ["make"]), ("ninja", "build.ninja", ["ninja"]),
    ])
  func emitted(_ tool: String, _ file: String, _ command: [String]) throws {
    let scratch = try Scratch()
    let object = try KernelCases.compile(
      """
      struct thing { int count; } __attribute__((preserve_access_index));
      PROGRAM { return BPF_CORE_READ((struct thing *)ctx, count); }
      """, named: "app", in: scratch)
    for (name, member) in [("5.4.0-9", "other"), ("6.1.0-1", "count"), ("6.2.0-1", "count")] {
      let compiled = try BPFCompiler.compile("struct thing { int \(member); } thing;", named: "kernel", in: scratch)
      try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file("\(name).btf"))
    }
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "app": "\((object as NSString).lastPathComponent)" },
        "kernels": { "old": "5.4.0-9.btf", "new": "6.1.0-1.btf", "newer": "6.2.0-1.btf" },
        "kernel_checks": [ { "of": "app" } ] }
      """, to: "bpfgen.json")
    let bpfgen = try Toolchain.bpfgen()
    _ = try scratch.write(
      Shell.run("/usr/bin/env", ["-C", scratch.path, bpfgen, "emit", tool]).checked().stdout, to: file)
    func run() throws -> String {
      let result = try Shell.run(
        "/usr/bin/env",
        ["-C", scratch.path, "PATH=\((bpfgen as NSString).deletingLastPathComponent):/usr/bin:/bin"] + command)
      #expect(!result.succeeded)
      return result.stdout + result.stderr
    }
    #expect(try run().contains("1 of 3 kernels cannot load this object"))
    try FileManager.default.removeItem(atPath: scratch.file("6.1.0-1.btf"))
    let text = try run()
    #expect(text.contains("6.1.0-1.btf: error: does not exist"), "\(text)")
    #expect(text.contains("1 of 3 kernels cannot load this object"), "\(text)")
  }

  @Test("a kernel that is named itself and is removed is one error, and the others are checked", arguments: systems)
  func removed(_ system: BuildSystem) throws {
    guard
      let file = [BuildSystem.Kind.make: "Makefile", .cmakeNinja: "CMakeLists.txt", .cmakeMake: "CMakeLists.txt"][
        system.kind]
    else { return }
    let project = try CheckedProject(system)
    try project.addKernel("5.4.0-9", "int other;")
    try FileManager.default.moveItem(
      atPath: project.scratch.file("kernels/6.1.0-1.btf"), toPath: project.scratch.file("named.btf"))
    try project.put("kernels)", "kernels named.btf)", in: file)
    #expect(try !project.run().succeeded)
    try FileManager.default.removeItem(atPath: project.scratch.file("named.btf"))
    let failed = try project.run()
    let text = failed.stdout + failed.stderr
    #expect(!failed.succeeded && text.contains("named.btf: error: does not exist"), "\(text)")
    #expect(text.contains("1 of 3 kernels cannot load this object"), "\(text)")
  }
}

/// A program that is checked against the kernels of a folder.
private struct CheckedProject {
  let system: BuildSystem
  let scratch: Scratch
  private let bazel: Bazel?

  private static let files: [BuildSystem.Kind: (name: String, text: String)] = [
    .ninja: (
      "build.ninja",
      """
      include bpfgen.ninja
      include tools.ninja
      build out/app.bpf.o: bpfgen_compile app.bpf.c
      build out/kernels.stamp: bpfgen_check_kernels out/app.bpf.o
        bpfgen_options = --btf kernels

      """
    ),
    .make: (
      "Makefile",
      """
      BPF_OUT := out
      all: out/kernels
      include \(Toolchain.root)/make/bpfgen.mk
      $(call bpf_check_kernels,out/kernels,out/app.bpf.o,kernels)

      """
    ),
    .meson: (
      "meson.build",
      """
      project('checked', 'c', meson_version: '>=1.0.0')
      bpf = subproject('bpfgen').get_variable('bpf')
      app_o = custom_target(input: 'app.bpf.c', output: 'app.bpf.o', depfile: 'app.bpf.o.d', command: bpf['compile'])
      custom_target(input: app_o, output: 'kernels.stamp', depfile: 'kernels.stamp.d', build_by_default: true,
        command: bpf['check_kernels'] + ['--btf', meson.current_source_dir() / 'kernels'])

      """
    ),
    .bazel: (
      "BUILD.bazel",
      """
      load("@bpfgen//:defs.bzl", "bpf_check_kernels", "bpf_object")
      bpf_object(name = "app", src = "app.bpf.c")
      bpf_check_kernels(name = "check", kernels = glob(["kernels/*.btf"]), objects = [":app"])

      """
    ),
  ]

  private static let lists = """
    cmake_minimum_required(VERSION 3.20)
    project(checked C)
    find_package(Bpfgen REQUIRED)
    bpf_add_object(app_bpf SOURCES app.bpf.c)
    bpf_check_kernels(check OBJECTS app_bpf KERNELS kernels)

    """

  init(_ system: BuildSystem) throws {
    self.system = system
    scratch = try Scratch()
    let bpfgen = try Toolchain.bpfgen()
    let (name, text) = Self.files[system.kind] ?? ("CMakeLists.txt", Self.lists)
    _ = try scratch.write(text, to: name)
    _ = try scratch.write(
      """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      #include <bpf/bpf_core_read.h>
      struct thing { int count; } __attribute__((preserve_access_index));
      SEC("raw_tp/sys_enter") int on_run(struct thing *ctx) { return BPF_CORE_READ(ctx, count); }
      char LICENSE[] SEC("license") = "GPL";

      """, to: "app.bpf.c")
    try FileManager.default.createDirectory(atPath: scratch.file("kernels"), withIntermediateDirectories: true)
    bazel = system.kind == .bazel ? try Bazel(scratch.path, in: try Scratch(), program: bpfgen) : nil
    try addKernel("5.10.0-1", "int count;")
    try addKernel("6.1.0-1", "long before; int count;")
    try system.configure(scratch, build: scratch.file("build"), program: bpfgen)
  }

  /// Any BTF is a kernel's.
  func addKernel(_ name: String, _ members: String) throws {
    usleep(20_000)
    let other = try Scratch()
    let object = try BPFCompiler.compile("struct thing { \(members) } thing;", named: "kernel", in: other)
    try Data(contentsOf: URL(fileURLWithPath: object)).write(
      to: URL(fileURLWithPath: scratch.file("kernels/\(name).btf")))
  }

  func removeKernel(_ name: String) throws {
    usleep(20_000)
    try FileManager.default.removeItem(atPath: scratch.file("kernels/\(name).btf"))
  }

  func put(_ old: String, _ new: String, in file: String) throws { try scratch.edit(file, old, new) }

  func run() throws -> Shell.Result {
    try bazel?.build().result ?? system.build(scratch, in: scratch.file("build"), program: Toolchain.bpfgen())
  }

  /// Builds, and whether something was checked; with Bazel, for how many kernels.
  func build() throws -> (hasChecked: Bool, count: Int) {
    if let bazel {
      let (result, steps) = try bazel.build()
      try result.checked()
      let count = steps.count { $0.mnemonic == "BpfCheckKernels" }
      return (count > 0, count)
    }
    let result = try run().checked()
    return (result.stdout.contains(" check-kernels "), 1)
  }

  /// How many kernels the tool's own command would read now, from what its runs recorded; it is run. `nil` for Bazel, which
  /// records nothing of ours.
  func kernelsToCheck() throws -> Int? {
    let paths: (folder: String, state: String, kernels: String, object: String)
    switch system.kind {
    case .cmakeNinja, .cmakeMake:
      paths = ("build", "bpf/check/kernels.state", scratch.file("kernels"), "bpf/app_bpf/app.bpf.o")
    case .cmakeNinjaMulti: return nil
    case .ninja: paths = ("", "out/kernels.stamp.state", "kernels", "out/app.bpf.o")
    case .make: paths = ("", "out/kernels.state", "kernels", "out/app.bpf.o")
    case .meson: paths = ("build", "kernels.stamp.state", scratch.file("kernels"), "app.bpf.o")
    case .bazel: return nil
    }
    let result = try Shell.run(
      "/usr/bin/env",
      [
        "-C", scratch.file(paths.folder), Toolchain.bpfgen(), "check-kernels", "-v", "--state", paths.state, "--btf",
        paths.kernels, paths.object,
      ]
    ).checked()
    return result.stdout.split(separator: "\n").count { $0.hasPrefix("kernel ") }
  }
}
