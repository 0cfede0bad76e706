import Foundation
import Testing

@testable import TestSupport

/// Compilers beside clang, what starts them, and programs for kernels of other machines.
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
    include \(Toolchain.root)/make/bpfgen.mk
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
    let scratch = try Scratch()
    for (name, text) in Self.files {
      let folder = (scratch.file(name) as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      _ = try scratch.write(text, to: name)
    }
    try FileManager.default.createDirectory(atPath: scratch.file("subprojects"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("subprojects/bpfgen"), withDestinationPath: "\(Toolchain.root)/meson")
    let environment = ["CCACHE_DIR": scratch.file("cache")]
    func hits() throws -> Int {
      let text = try Shell.run("/usr/bin/ccache", ["--print-stats"], environment: environment).checked().stdout
      let counts = text.split(separator: "\n").filter {
        $0.hasPrefix("direct_cache_hit") || $0.hasPrefix("preprocessed_cache_hit")
      }
      return counts.compactMap { Int($0.split(separator: "\t").last ?? "") }.reduce(0, +)
    }
    for compiler in try [Tool.clang.required(), Tool.bpfgcc.required()] {
      for round in 0..<2 {
        let before = try hits()
        try? FileManager.default.removeItem(atPath: scratch.file("build"))
        try configure(system, scratch, compiler, environment)
        let log = try build(system, scratch, compiler, environment).checked().stdout
        #expect(log.contains("ccache \(compiler) ") || log.contains("ccache\" \"\(compiler)"), "\(log)")
        if round == 1 { #expect(try hits() - before >= 3, "\(compiler)") }
      }
      let outputs = try FileManager.default.subpathsOfDirectory(atPath: scratch.file("build"))
      for (arch, order) in [("arm64", UInt8(1)), ("s390", 2)] {
        let path = try #require(outputs.first { $0.contains(arch) && $0.hasSuffix(".bpf.o") }, "\(arch)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.file("build/\(path)"))))
        #expect(bytes[5] == order, "\(compiler), \(arch)")
      }
      try Shell.run(scratch.file("build/use"), []).checked()
      let second = try build(system, scratch, compiler, environment).checked().stdout
      #expect(!second.contains("compile -o") && !second.contains(" -c "), "\(second)")
    }
  }

  private func configure(
    _ system: BuildSystem, _ scratch: Scratch, _ compiler: String, _ environment: [String: String]
  ) throws {
    let bpfgen = try Toolchain.bpfgen()
    switch system.kind {
    case .meson:
      let options = ["-Dbpfgen:program=\(bpfgen)", "-Dbpfgen:clang=\(compiler)", "-Dbpfgen:launcher=ccache"]
      try Shell.run(
        system.meson, ["setup"] + options + [scratch.file("build"), scratch.path], environment: environment
      ).checked()
    case .make: break
    default:
      try Shell.run(
        system.cmake,
        [
          "-G", system.kind.generator, "-S", scratch.path, "-B", scratch.file("build"),
          "-DBpfgen_DIR=\(Toolchain.root)/cmake", "-DBPFGEN_EXECUTABLE=\(bpfgen)", "-DBPFGEN_CLANG=\(compiler)",
          "-DCMAKE_C_COMPILER_LAUNCHER=ccache",
        ], environment: environment
      ).checked()
    }
  }

  private func build(
    _ system: BuildSystem, _ scratch: Scratch, _ compiler: String, _ environment: [String: String]
  ) throws -> Shell.Result {
    switch system.kind {
    case .meson: try Shell.run(system.ninja, ["-C", scratch.file("build"), "-v"], environment: environment)
    case .make:
      try Shell.run(
        system.make, ["-C", scratch.path, "V=1", "BPFGEN=\(Toolchain.bpfgen())", "CLANG=ccache \(compiler)"],
        environment: environment)
    default: try Shell.run(system.cmake, ["--build", scratch.file("build"), "-v"], environment: environment)
    }
  }
}
