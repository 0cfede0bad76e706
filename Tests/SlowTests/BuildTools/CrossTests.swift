import Foundation
import Testing

@testable import TestSupport

/// Programs for aarch64: BPF compiles have the name and the headers of that machine, and payloads are for it.
@Suite("Cross builds", .runsTools, .needs(.tool(.clang), .tool(.arm64gcc), .file("/usr/bin/qemu-aarch64")))
struct CrossTests {
  private static let systems = [BuildSystem.Kind.cmakeNinja, .cmakeMake, .ninja, .make, .meson].map {
    BuildSystem(kind: $0, edition: .system)
  }.filter(BuildSystem.available.contains)

  private static let root = "\(Toolchain.root)/.build/cross"
  private static let libraries = "\(root)/usr/lib/aarch64-linux-gnu"

  /// This compiler has no shared libgcc.
  private static let linking = "-static-libgcc -L\(libraries)"

  /// Each build file is as docs/*.md have it for a cross build.
  private static func files(compiler: String) -> [String: String] {
    [
      // Only arm64 has the struct.
      "app.bpf.c": """
      #include <linux/bpf.h>
      #include <asm/ptrace.h>
      #include <bpf/bpf_helpers.h>
      #ifndef __TARGET_ARCH_arm64
      #error compiled for another machine
      #endif
      int registers = sizeof(struct user_pt_regs);
      SEC("syscall") int run(void *ctx) { return registers; }
      char LICENSE[] SEC("license") = "GPL";

      """,
      // qemu-user has no bpf(): the object is opened, and not loaded.
      "app.c": """
      #include <stdio.h>
      #include "app.skel.h"
      int main(void) {
        struct app *skel = app__open();
        if (!skel) return perror("app"), 1;
        printf("%d\\n", skel->data->registers);
        app__destroy(skel);
        return 0;
      }

      """,
      "CMakeLists.txt": """
      cmake_minimum_required(VERSION 3.20)
      project(cross C)
      find_package(Bpfgen REQUIRED)
      bpf_add_object(app_bpf SOURCES app.bpf.c)
      bpf_add_skeleton(app_skel app_bpf NAME app)
      add_executable(app app.c)
      target_link_libraries(app PRIVATE app_skel)

      """,
      "build.ninja": """
      include tools.ninja
      cc = \(compiler)
      bpf_flags = $bpf_flags -D__TARGET_ARCH_arm64 -isystem /usr/aarch64-linux-gnu/include
      rule cc
        command = $cc -Ibuild -MD -MF $out.d -c $in -o $out
        depfile = $out.d
        deps = gcc
      rule ld
        command = $cc $in \(linking) -lbpf -lelf -lz -o $out
      build build/app.bpf.o: bpfgen_compile app.bpf.c
      build build/app.skel.h | build/app.skel.o: bpfgen_skeleton_payload build/app.bpf.o
        bpfgen_payload = build/app.skel.o
        bpfgen_options = --name app --like $$($cc -print-file-name=crti.o)
      build build/app.o: cc app.c || build/app.skel.h
      build build/app: ld build/app.o build/app.skel.o

      """,
      "Makefile": """
      BPF_OUT := build
      BPFGEN_SKELETON_FLAGS = --name app
      build/app: build/app.o build/app.skel.o
      \t$(CC) $^ $(LDFLAGS) -lbpf -lelf -lz -o $@
      build/app.o: app.c build/app.skel.h
      \t$(CC) -Ibuild -c $< -o $@
      include $(BPFGEN_MK)

      """,
      "meson.build": """
      project('cross', 'c', meson_version: '>=1.0.0')
      bpf = subproject('bpfgen').get_variable('bpf')
      app_bpf = custom_target(input: 'app.bpf.c', kwargs: bpf['object'])
      app_skel = custom_target(input: app_bpf, kwargs: bpf['header'] + {'command': bpf['skeleton'] + ['--name', 'app']})
      executable('app', 'app.c', app_skel, dependencies: bpf['libbpf'])

      """,
      "cross.ini": """
      [binaries]
      c = '\(compiler)'
      ar = 'aarch64-linux-gnu-ar'
      pkgconfig = 'pkg-config'
      pkg-config = 'pkg-config'
      [built-in options]
      prefer_static = true
      c_link_args = '-static-libgcc'
      [properties]
      sys_root = '\(root)'
      pkg_config_libdir = '\(libraries)/pkgconfig'
      needs_exe_wrapper = true
      [host_machine]
      system = 'linux'
      cpu_family = 'aarch64'
      cpu = 'aarch64'
      endian = 'little'

      """,
    ]
  }

  @Test(
    "an aarch64 program opens its object, which was compiled for arm64; a second build runs nothing", arguments: systems
  )
  func aarch64(_ system: BuildSystem) throws {
    let compiler = try Tool.arm64gcc.required()
    let project = try SmallProject(system, files: Self.files(compiler: compiler))
    if system.kind.isCMake {
      let libbpf = [
        "-DBPFGEN_LIBBPF_LIBRARY=\(Self.libraries)/libbpf.a", "-DBPFGEN_LIBBPF_INCLUDE_DIR=\(Self.root)/usr/include",
      ]
      let machine = ["-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64", "-DCMAKE_C_COMPILER=\(compiler)"]
      try project.configure(machine + libbpf + ["-DCMAKE_EXE_LINKER_FLAGS=-static-libgcc"])
    } else {
      try project.configure(["--cross-file", project.scratch.file("cross.ini")])
    }
    let variables = system.kind == .make ? ["CC=\(compiler)", "LDFLAGS=\(Self.linking)"] : []
    try project.build(variables).checked()
    let run = try Shell.run("/usr/bin/qemu-aarch64", ["-L", "/usr/aarch64-linux-gnu", project.made("app")])
    #expect(try run.checked().stdout == "272\n")
    let second = try project.build(variables).checked().stdout
    #expect(!second.contains("compile -o") && !second.contains(" -c "), "\(second)")
    Scenario.cross.holds(in: system.kind)
  }
}
