import Foundation
import Testing

@testable import TestSupport

/// Scopes in the build tools that the quick tier does not install: see ``ScopedPair``, and `ScopeTests` for the others.
@Suite(
  "Scopes in Meson and Bazel", .runsTools, .needs(.tool(.clang), .tool(.gcc)),
  .enabled(if: geteuid() == 0, "SKIPPED: loading a program needs root"))
struct OtherScopeTests {
  @Test("Meson: steps", .needs(.tool(.meson)))
  func meson() throws {
    let project = try MesonProject()
    try ScopedPair.write(
      to: project.path,
      and: [
        "meson.build": """
        project('pair', 'c', meson_version: '>=1.0.0')
        bpf = subproject('bpfgen').get_variable('bpf')
        libraries = []
        foreach name, value : {'one': '1', 'two': '2', 'three': '3'}
          object = custom_target(input: 'pair.bpf.c', output: name + '.bpf.o', depfile: name + '.bpf.o.d',
            command: bpf['compile'] + ['-DVALUE=' + value])
          skel = custom_target(input: object, output: [name + '.skel.h', name + '.skel.o'], depfile: name + '.skel.h.d',
            command: bpf['skeleton'] + ['--name', 'pair'] + (name == 'three' ? ['--scope', 'a::b'] : []))
          libraries += static_library(name, 'library.c', skel, dependencies: bpf['libbpf'],
            c_args: ['-DFUNCTION=' + name, '-DHEADER="' + name + '.skel.h"'])
        endforeach
        executable('app', 'app.c', link_with: libraries, dependencies: bpf['libbpf'])

        """
      ])
    try project.setup().checked()
    _ = try project.build()
    #expect(try ScopedPair.answers(project.built("app")) == "1 2\n")
    let scopes = try ScopedPair.payloads(project.built("app")).map { $0.suffix(17) }
    #expect(Set(scopes) == ["_scope_one_skel_h", "_scope_two_skel_h"])
    #if arch(x86_64)
      #expect(try ELFText.properties(project.built("one.skel.o")) == ["x86 feature: IBT, SHSTK"])
    #endif
    // A user's own takes its place.
    #expect(try ScopedPair.payloads(project.built("three.skel.o")).first?.hasSuffix("_scope_a__b") == true)
  }

  @Test("Bazel: labels", .needs(.file(Bazel.path)))
  func bazel() throws {
    let scratch = try Scratch()
    let folder = scratch.file("project")
    func package(_ name: String, _ value: Int, _ more: String = "") -> String {
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
    try ScopedPair.write(
      to: folder,
      and: [
        "BUILD": """
        exports_files(["pair.bpf.c", "library.c"])
        cc_binary(name = "app", srcs = ["app.c"], deps = ["//one", "//two"])

        """,
        "one/BUILD": package("one", 1), "two/BUILD": package("two", 2),
        "three/BUILD": package("three", 3, ", scope = \"it's \\\"a\\\" \\\\ $x %n\""),
      ])
    let bazel = try Bazel(folder, in: scratch, program: Toolchain.bpfgen())
    try bazel.build().result.checked()
    #expect(try ScopedPair.answers("\(bazel.bin)/app") == "1 2\n")
    let scopes = try ScopedPair.payloads("\(bazel.bin)/app").map { $0.suffix(17) }
    #expect(Set(scopes) == ["_scope___one_skel", "_scope___two_skel"])

    // The same text as on the command line.
    let made = scratch.file("three")
    try Shell.run(
      Toolchain.bpfgen(),
      [
        "skeleton", "\(bazel.bin)/three/bpf.bpf.o", "-o", "\(made).h", "--payload", "\(made).o", "--name", "pair",
        "--shared",
      ]
        + ["--scope", "it's \"a\" \\ $x %n"]
    ).checked()
    #expect(try ScopedPair.payloads("\(bazel.bin)/three/skel/pair.skel.o") == ScopedPair.payloads("\(made).o"))
  }
}
