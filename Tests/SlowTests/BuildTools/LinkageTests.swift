import Foundation
import Testing

@testable import TestSupport

/// Libraries that include a skeleton. `CMakeTests.shared` and `BazelTests.libraries` test it with the other tools.
@Suite("Shared and static libraries", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct LinkageTests {
  private static let systems = [BuildSystem.Kind.ninja, .make, .meson].map {
    BuildSystem(kind: $0, edition: .system)
  }.filter(BuildSystem.available.contains)

  /// The static library has the payload for its program; the shared one has its own.
  private static let files = [
    "app.bpf.c": CMakeProject.bpf("app"),
    "first.c": CMakeProject.use("app", function: "first"),
    "second.c": CMakeProject.use("app", function: "second"),
    "app.c": """
    #include "app.skel.h"
    int first(void), second(void);
    int main(void) { size_t size; app__elf_bytes(&size); return !size + first() + second(); }

    """,
    "build.ninja": """
    include tools.ninja
    bpf_flags = $bpf_flags -idirafter /usr/include/$$(cc -dumpmachine)
    rule cc
      command = cc -fPIC -Ibuild -MD -MF $out.d -c $in -o $out
      depfile = $out.d
      deps = gcc
    rule ar
      command = ar rcs $out $in
    rule ld
      command = cc $flags $in -lbpf -Wl,-rpath,'$$ORIGIN' -o $out
    build build/app.bpf.o: bpfgen_compile app.bpf.c
    build build/app.skel.h | build/app.skel.o: bpfgen_skeleton_payload build/app.bpf.o
      bpfgen_payload = build/app.skel.o
      bpfgen_options = --name app
    build build/first.o: cc first.c || build/app.skel.h
    build build/second.o: cc second.c || build/app.skel.h
    build build/app.o: cc app.c || build/app.skel.h
    build build/libfirst.a: ar build/first.o build/app.skel.o
    build build/libsecond.so: ld build/second.o build/app.skel.o
      flags = -shared -Wl,-soname,libsecond.so
    build build/app: ld build/app.o build/libfirst.a build/libsecond.so

    """,
    "Makefile": """
    BPF_OUT := build
    BPFGEN_SKELETON_FLAGS = --name app
    build/app: build/app.o build/libfirst.a build/libsecond.so
    \t$(CC) $^ -lbpf -Wl,-rpath,'$$ORIGIN' -o $@
    build/libfirst.a: build/first.o build/app.skel.o
    \t$(AR) rcs $@ $^
    build/libsecond.so: build/second.o build/app.skel.o
    \t$(CC) -shared -Wl,-soname,libsecond.so $^ -lbpf -o $@
    build/app.o build/first.o build/second.o: build/%.o: %.c build/app.skel.h
    \t$(CC) -fPIC -Ibuild -c $< -o $@
    include $(BPFGEN_MK)

    """,
    "meson.build": """
    project('linkage', 'c', meson_version: '>=1.0.0')
    bpf = subproject('bpfgen').get_variable('bpf')
    app_bpf = custom_target(input: 'app.bpf.c', kwargs: bpf['object'])
    app_skel = custom_target(input: app_bpf, kwargs: bpf['header'] + {'command': bpf['skeleton'] + ['--name', 'app']})
    first = static_library('first', 'first.c', app_skel, dependencies: bpf['libbpf'])
    second = shared_library('second', 'second.c', app_skel, dependencies: bpf['libbpf'])
    executable('app', 'app.c', app_skel[0], link_with: [first, second], dependencies: bpf['libbpf'])

    """,
  ]

  @Test(
    "a program and its shared library contain the bytes once each, and export them to no other file", arguments: systems
  )
  func libraries(_ system: BuildSystem) throws {
    let project = try SmallProject(system, files: Self.files)
    try project.configure()
    try project.build().checked()
    for round in 1...2 {
      try Shell.run(project.made("app"), []).checked()
      for file in ["app", "libsecond.so"] {
        #expect(try ScopedPair.payloads(project.made(file)).count == 1, "\(file)")
        let visible = try Shell.run("/usr/bin/env", ["nm", "-D", project.made(file)]).checked().stdout
        #expect(!visible.contains("_payload_of_"), "\(file): \(visible)")
      }
      guard round == 1 else { break }
      // Other bytes: both are linked again, and nothing is compiled but the BPF program.
      let before = try FileState(project.made("libsecond.so"))
      _ = try project.scratch.write(CMakeProject.bpf("app", code: "7"), to: "app.bpf.c")
      let log = try project.build().checked().stdout
      let compiled = log.components(separatedBy: " -c ").dropFirst()
      #expect(compiled.count == 1 && compiled.first?.contains("app.bpf.c") == true, "\(log)")
      #expect(try FileState(project.made("libsecond.so")) != before)
    }
    Scenario.linkage.holds(in: system.kind)
  }
}
