import Foundation
import Testing

@testable import TestSupport

/// Light skeletons and minimal BTF with the rules of each build tool.
@Suite(
  "Light skeletons and minimal BTF in build tools", .runsTools, .needs(.tool(.clang), .tool(.gcc)),
  .needs(.loading))
struct LightSkeletonRulesTests {
  private static let systems = BuildSystem.available.filter { $0.edition == .system }

  @Test(
    "a light skeleton loads without libbpf; a change of code does not rewrite its header, and the BTF follows its kernel's",
    arguments: systems)
  func each(_ system: BuildSystem) throws {
    let project = try LightProject(system)
    try project.build().checked()
    let program = project.made(system.kind == .cmakeNinjaMulti ? "Debug/app" : "app")
    #expect(try Shell.run(program, []).checked().stdout == "1 1\n")
    let linked = try Shell.run("/usr/bin/env", ["readelf", "-d", program]).checked().stdout
    // Bazel links the libbpf of its toolchain with each header.
    #expect(system.kind == .bazel || !linked.contains("libbpf"), "\(linked)")
    let small = project.made(LightProject.small[system.kind]!)
    let wanted = project.scratch.file("wanted.btf")
    let arguments = ["min-core-btf", "--btf", project.scratch.file("kernel.btf"), "-o", wanted]
    func isExpectedBTF() throws -> Bool {
      try Shell.run(Toolchain.bpfgen(), arguments + [project.scratch.file("reads.bpf.o")]).checked()
      return try project.content(small) == project.content(wanted)
    }
    #expect(try isExpectedBTF())
    if system.kind == .bazel { #expect(try project.content(project.made("s390_bpf.bpf.o"))[5] == 2, "big-endian") }

    let header = try project.content(project.made(LightProject.header[system.kind]!))
    try project.put("light = 1", "light = 2", in: "app.bpf.c")
    let second = try project.build().checked().stdout
    #expect(!second.contains("-c app.c") && !second.contains("app.c.o -c"), "\(second)")
    #expect(try Shell.run(program, []).checked().stdout == "2 2\n")
    #expect(try project.content(project.made(LightProject.header[system.kind]!)) == header)

    try project.writeKernel("int before; struct task { long state; int pid; } task;\n")
    let third = try project.build().checked().stdout
    #expect(!third.contains("light-skeleton"), "\(third)")
    #expect(try isExpectedBTF())
  }
}

/// A program with two light skeletons of one object, one of which holds the loader itself.
private struct LightProject {
  let system: BuildSystem
  let scratch: Scratch
  private let bazel: Bazel?

  /// Where each tool has the header and the BTF.
  static let header: [BuildSystem.Kind: String] = [
    .cmakeNinja: "bpf/split/app.lskel.h", .cmakeNinjaMulti: "bpf/split/app.lskel.h",
    .cmakeMake: "bpf/split/app.lskel.h", .ninja: "out/app.lskel.h", .make: "out/app.lskel.h",
    .meson: "app.lskel.h", .bazel: "split/app.lskel.h",
  ]
  static let small: [BuildSystem.Kind: String] = [
    .cmakeNinja: "bpf/small/kernel.btf", .cmakeNinjaMulti: "bpf/small/kernel.btf",
    .cmakeMake: "bpf/small/kernel.btf", .ninja: "out/small.btf", .make: "out/small.btf", .meson: "small.btf",
    .bazel: "small/kernel.btf",
  ]

  private static let files: [BuildSystem.Kind: (name: String, text: String)] = [
    .ninja: (
      "build.ninja",
      """
      include bpfgen.ninja
      include tools.ninja
      rule cc
        command = cc -Iout -c $in -o $out
      rule ld
        command = cc $in -o $out
      build out/app.bpf.o: bpfgen_compile app.bpf.c
      build out/app.lskel.h | out/app.lskel.o: bpfgen_light_skeleton_payload out/app.bpf.o
        bpfgen_payload = out/app.lskel.o
        bpfgen_options = --name app
      build out/whole.lskel.h: bpfgen_light_skeleton out/app.bpf.o
        bpfgen_options = --name whole
      build out/app.o: cc app.c | out/app.lskel.h
      build out/whole.o: cc whole.c | out/whole.lskel.h
      build app: ld out/app.o out/whole.o out/app.lskel.o
      build out/small.btf: bpfgen_min_core_btf reads.bpf.o | kernel.btf
        bpfgen_options = --btf kernel.btf

      """
    ),
    .make: (
      "Makefile",
      """
      BPF_OUT := out
      all: app out/small.btf
      app: out/app.o out/whole.o out/app.lskel.o
      \tcc $^ -o $@
      out/app.o: app.c out/app.lskel.h
      \tcc -Iout -c $< -o $@
      out/whole.o: whole.c out/whole.lskel.h
      \tcc -Iout -c $< -o $@
      out/app.lskel.h: BPFGEN_LIGHT_SKELETON_FLAGS = --name app
      out/whole.lskel.h: BPFGEN_LIGHT_SKELETON_FLAGS = --name whole
      include \(Toolchain.root)/make/bpfgen.mk
      $(call bpf_light_skeleton,out/whole.lskel.h,out/app.bpf.o)
      $(call bpf_min_core_btf,out/small.btf,reads.bpf.o,kernel.btf)

      """
    ),
    .meson: (
      "meson.build",
      """
      project('light', 'c', meson_version: '>=1.0.0')
      bpf = subproject('bpfgen').get_variable('bpf')
      app_o = custom_target(input: 'app.bpf.c', output: 'app.bpf.o', depfile: 'app.bpf.o.d', command: bpf['compile'])
      split = custom_target(input: app_o, output: ['app.lskel.h', 'app.lskel.o'], depfile: 'app.lskel.h.d',
        command: bpf['light_skeleton'] + ['--name', 'app'])
      whole = custom_target(input: app_o, output: 'whole.lskel.h', depfile: 'whole.lskel.h.d',
        command: bpf['light_skeleton_whole'] + ['--name', 'whole'])
      executable('app', 'app.c', 'whole.c', split, whole)
      custom_target(input: 'reads.bpf.o', output: 'small.btf', depfile: 'small.btf.d', build_by_default: true,
        command: bpf['min_core_btf'] + ['--btf', files('kernel.btf')])

      """
    ),
    .bazel: (
      "BUILD.bazel",
      """
      load("@bpfgen//:defs.bzl", "bpf_light_skeleton", "bpf_object", "min_core_btf")
      bpf_object(name = "app_bpf", src = "app.bpf.c")
      bpf_object(name = "s390_bpf", src = "app.bpf.c", arch = "s390")
      bpf_light_skeleton(name = "split", object = ":app_bpf", header = "app.lskel.h", struct = "app")
      bpf_light_skeleton(name = "whole", object = ":app_bpf", header = "whole.lskel.h", struct = "whole", self_contained = True)
      cc_binary(name = "app", srcs = ["app.c", "whole.c"], deps = [":split", ":whole"])
      min_core_btf(name = "small", btfs = ["kernel.btf"], objects = ["reads.bpf.o"])

      """
    ),
  ]

  private static let lists = """
    cmake_minimum_required(VERSION 3.20)
    project(light C)
    find_package(Bpfgen REQUIRED)
    bpf_add_object(app_bpf SOURCES app.bpf.c)
    bpf_add_light_skeleton(split app_bpf NAME app)
    bpf_add_light_skeleton(whole app_bpf NAME whole HEADER whole.lskel.h SELF_CONTAINED)
    bpf_add_min_core_btf(small OBJECTS reads.bpf.o BTF kernel.btf)
    add_executable(app app.c whole.c)
    target_link_libraries(app PRIVATE split whole)

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
      const volatile int light = 1;
      SEC("syscall") int run(void *ctx) { return light; }
      char LICENSE[] SEC("license") = "GPL";

      """, to: "app.bpf.c")
    for name in ["app", "whole"] {
      let main = """
        #include <stdio.h>
        int whole(void);
        int main(void) { return printf("%d %d\\n", app(), whole()) < 0; }

        """
      let text = """
        #include "\(name).lskel.h"
        int \(name)(void);
        int \(name)(void) {
          struct \(name) *skel = \(name)__open_and_load();
          int light = skel ? skel->rodata->light : -1;
          \(name)__destroy(skel);
          return light;
        }

        """
      _ = try scratch.write(
        text.replacing("int app(void)", with: "static int app(void)") + (name == "app" ? main : ""), to: "\(name).c")
    }
    // Objects of a compiler that the project does not run.
    _ = try BPFCompiler.compile(
      """
      struct task { int pid; } __attribute__((preserve_access_index));
      __attribute__((section("raw_tp/reads"), used)) int reads(struct task *task) { return task->pid; }

      """, named: "reads", in: scratch)
    try FileManager.default.removeItem(atPath: scratch.file("reads.bpf.c"))
    bazel = system.kind == .bazel ? try Bazel(scratch.path, in: try Scratch(), program: bpfgen) : nil
    try writeKernel("struct task { long state; int pid; } task;\n")
    try system.configure(scratch, build: made(""), program: bpfgen)
  }

  /// The file used as a kernel: any BTF will do.
  func writeKernel(_ source: String) throws {
    usleep(20_000)
    let other = try Scratch()
    let object = try BPFCompiler.compile(source, named: "kernel", in: other)
    try content(object).write(to: URL(fileURLWithPath: scratch.file("kernel.btf")))
  }

  func put(_ old: String, _ new: String, in file: String) throws { try scratch.edit(file, old, new) }

  func build() throws -> Shell.Result {
    try bazel?.build().result ?? system.build(scratch, in: made(""), program: Toolchain.bpfgen())
  }

  func made(_ path: String) -> String {
    switch system.kind {
    case .ninja, .make: scratch.file(path)
    case .bazel: "\(bazel!.bin)/\(path)"
    default: scratch.file("build/\(path)")
    }
  }

  func content(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
}
