import Foundation
import Testing

@testable import TestSupport

/// Other compilers than clang, launchers, and programs for kernels of other machines.
@Suite(
  "Compilers in build tools", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.bpfgcc), .file("/usr/bin/ccache")))
struct OtherCompilerRulesTests {
  private static let systems = [BuildSystem.Kind.cmakeNinja, .cmakeMake, .make, .meson].map {
    BuildSystem(kind: $0, edition: .system)
  }.filter(BuildSystem.available.contains)

  private static let files = [
    "app.bpf.c": CMakeProject.bpf("app"),
    "use.c": CMakeProject.use("app", function: "use", isMain: true),
    "arch.bpf.c": """
    #include "vmlinux.h"
    #ifdef __TARGET_ARCH_arm64
    arm64_value value = 1;
    #endif
    #ifdef __TARGET_ARCH_s390
    s390_value value = 1;
    #endif

    """,
    "vmlinux/arm64/vmlinux.h": "typedef int arm64_value;\n", "vmlinux/s390/vmlinux.h": "typedef int s390_value;\n",
    "CMakeLists.txt": """
    cmake_minimum_required(VERSION 3.20)
    project(other C)
    find_package(Bpfgen REQUIRED)
    foreach(arch arm64 s390)
      bpf_add_object(${arch} SOURCES arch.bpf.c ARCH ${arch} VMLINUX_H vmlinux)
    endforeach()
    bpf_add_object(app_bpf SOURCES app.bpf.c)
    bpf_add_skeleton(app_skel app_bpf NAME app)
    add_executable(use use.c)
    target_link_libraries(use PRIVATE app_skel)

    """,
    "Makefile": """
    BPF_OUT := build
    BPF_SOURCES := app.bpf.c
    BPFGEN_SKELETON_FLAGS = --name app
    all: build/use build/arm64/arch.bpf.o build/s390/arch.bpf.o
    build/use: build/use.o build/app.skel.o
    \tcc $^ -lbpf -o $@
    build/use.o: use.c build/app.skel.h
    \tcc -Ibuild -c $< -o $@
    include $(BPFGEN_MK)
    $(foreach arch,arm64 s390,$(call bpf_compile,build/$(arch)/arch.bpf.o,arch.bpf.c))
    build/arm64/arch.bpf.o: BPF_ARCH = arm64
    build/arm64/arch.bpf.o: BPF_CFLAGS += -Ivmlinux/arm64
    build/s390/arch.bpf.o: BPF_ARCH = s390
    build/s390/arch.bpf.o: BPF_CFLAGS += -Ivmlinux/s390

    """,
    "meson.build": """
    project('other', 'c', meson_version: '>=1.0.0')
    bpf = subproject('bpfgen').get_variable('bpf')
    foreach arch : ['arm64', 's390']
      custom_target(input: 'arch.bpf.c', output: arch + '.bpf.o', depfile: arch + '.bpf.o.d', build_by_default: true,
        command: bpf['compile_' + arch] + ['-I@CURRENT_SOURCE_DIR@/vmlinux/' + arch])
    endforeach
    app_o = custom_target(input: 'app.bpf.c', output: 'app.bpf.o', depfile: 'app.bpf.o.d', command: bpf['compile'])
    app_skel = custom_target(input: app_o, output: ['app.skel.h', 'app.skel.o'], depfile: 'app.skel.h.d',
      command: bpf['skeleton'] + ['--name', 'app'])
    executable('use', 'use.c', app_skel, dependencies: bpf['libbpf'])

    """,
  ]

  @Test(
    "clang and gcc for BPF, each by ccache, whose hits build the second tree; kernels of two byte orders",
    arguments: systems)
  func each(_ system: BuildSystem) throws {
    var project = try SmallProject(system, files: Self.files)
    let environment = ["CCACHE_DIR": project.scratch.file("cache")]
    project.environment = environment
    let options = system.kind == .meson ? ["-Dbpfgen:launcher=ccache"] : ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"]
    func hits() throws -> Int {
      let text = try Shell.run("/usr/bin/ccache", ["--print-stats"], environment: environment).checked().stdout
      let counts = text.split(separator: "\n").filter {
        $0.hasPrefix("direct_cache_hit") || $0.hasPrefix("preprocessed_cache_hit")
      }
      return counts.compactMap { Int($0.split(separator: "\t").last ?? "") }.reduce(0, +)
    }
    for compiler in try [Tool.clang.required(), Tool.bpfgcc.required()] {
      project.compiler = compiler
      let variables = system.kind == .make ? ["CLANG=ccache \(compiler)"] : []
      for round in 0..<2 {
        let before = try hits()
        try? FileManager.default.removeItem(atPath: project.made(""))
        try project.configure(options)
        let log = try project.build(variables).checked().stdout
        #expect(log.contains("ccache \(compiler) ") || log.contains("ccache\" \"\(compiler)"), "\(log)")
        if round == 1 { #expect(try hits() - before >= 3, "\(compiler)") }
      }
      let outputs = try FileManager.default.subpathsOfDirectory(atPath: project.made(""))
      for (arch, order) in [("arm64", UInt8(1)), ("s390", 2)] {
        let path = try #require(outputs.first { $0.contains(arch) && $0.hasSuffix(".bpf.o") }, "\(arch)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: project.made(path))))
        #expect(bytes[5] == order, "\(compiler), \(arch)")
      }
      try Shell.run(project.made("use"), []).checked()
      let second = try project.build(variables).checked().stdout
      #expect(!second.contains("compile -o") && !second.contains(" -c "), "\(second)")
    }
  }
}
