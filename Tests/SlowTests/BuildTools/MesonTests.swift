import Foundation
import Testing

@testable import TestSupport

/// What is Meson's own in `meson/`; what each change runs is tested for all build tools alike.
@Suite("Meson", .runsTools, .needs(.tool(.meson), .tool(.clang), .tool(.gcc)))
struct MesonTests {
  private static let programs = ["split", "whole", "short", "graph"]

  @Test(
    "headers with and without payload, a graph file and vmlinux.h; code only changes the header that contains bytes")
  func allKinds() throws {
    let project = try MesonProject()
    try project.setup(["-Dwarning_level=3", "-Dwerror=true"]).checked()
    #expect(try project.build().count > 10)
    #expect(try project.build() == [])
    for program in Self.programs {
      let output = try Shell.run(project.built(program), []).checked().stdout
      #expect(output == "ELF, more than 500 bytes: 1\n", "\(program)")
    }
    let headers = ["split.skel.h", "app.skel.h", "gen/graph.skel.h", "vmlinux.h"]
    let before = try headers.map { try FileState(project.built($0)) }
    try project.replace("totals.calls++", with: "totals.calls += 2", in: "app.bpf.c")
    let steps = try project.build()
    let compiled = steps.filter { $0.contains("-c ../app.c") }
    #expect(compiled.count == 1 && compiled[0].contains("whole.skel.h"), "\(steps)")
    #expect(try headers.map { try FileState(project.built($0)) } == before)
    #expect(try project.build() == [])
  }

  @Test("an edited header is made again")
  func edited() throws {
    let project = try MesonProject()
    try project.setup().checked()
    _ = try project.build()
    for name in ["split.skel.h", "whole.skel.h", "app.skel.h", "gen/graph.skel.h", "vmlinux.h"] {
      let wanted = try Data(contentsOf: URL(fileURLWithPath: project.built(name)))
      try (wanted + Data("int edited;\n".utf8)).write(to: URL(fileURLWithPath: project.built(name)))
      _ = try project.build()
      #expect(try Data(contentsOf: URL(fileURLWithPath: project.built(name))) == wanted, "\(name)")
      #expect(try project.build() == [], "\(name)")
    }
  }

  @Test("compiler options are passed on, also when they change")
  func compilerOptions() throws {
    let project = try MesonProject()
    try project.setup(["-Dbpfgen:bpf_args=-DFIRST='a b'"]).checked()
    #expect(try project.build().contains { $0.contains("-DFIRST=") && $0.hasSuffix("-c ../app.bpf.c") })
    try project.meson(["configure", project.built(""), "-Dbpfgen:bpf_args=-DSECOND"]).checked()
    let steps = try project.build()
    #expect(steps.contains { $0.contains("-DSECOND -c ../app.bpf.c") }, "\(steps)")
    #expect(!steps.contains { $0.contains(" -c ../app.c") }, "\(steps)")
  }

  @Test("BPF programs include the headers of the project's own libbpf; what is installed contains the payload")
  func ownLibbpf() throws {
    let project = try MesonProject()
    let installed = try Shell.run("/usr/bin/env", ["pkg-config", "--variable=includedir", "libbpf"]).checked().stdout
    let folder = installed.trimmingCharacters(in: .whitespacesAndNewlines)
    for name in ["own 1", "own 2"] {
      let target = "\(project.path)/\(name)"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      try Shell.run("/usr/bin/env", ["cp", "-RL", "\(folder)/bpf", "\(target)/bpf"]).checked()
      let header = "\(target)/bpf/bpf_helpers.h"
      let text = try String(contentsOfFile: header, encoding: .utf8)
      try (text + "#define OWN_LIBBPF \(name.last!)\n").write(toFile: header, atomically: true, encoding: .utf8)
    }
    try project.replace(
      "bpf = subproject",
      with: """
        own = declare_dependency(include_directories: include_directories('own 1'), link_args: '-lbpf', version: '1.1')
        meson.override_dependency('libbpf', own)
        bpf = subproject
        """, in: "meson.build")
    try project.replace("'app.c', split, c_args", with: "'app.c', split, install: true, c_args", in: "meson.build")
    let source = try String(contentsOfFile: "\(project.path)/app.bpf.c", encoding: .utf8)
    try (source + "int own = OWN_LIBBPF;\n").write(
      toFile: "\(project.path)/app.bpf.c", atomically: true, encoding: .utf8)
    try project.setup().checked()
    _ = try project.build()
    #expect(try project.build() == [])
    for program in Self.programs { try Shell.run(project.built(program), []).checked() }

    try project.replace("'own 1'", with: "'own 2'", in: "meson.build")
    let steps = try project.build()
    #expect(steps.contains { $0.contains("app.bpf.c") }, "\(steps)")
    #expect(try project.build() == [])

    let stage = project.scratch.file("stage")
    try project.meson(["install", "-C", project.built("")], environment: ["DESTDIR": stage]).checked()
    let archives = try Shell.run("/usr/bin/env", ["find", stage, "-name", "*.a"]).checked().stdout.split(
      separator: "\n")
    #expect(archives.count == 1)
    #expect(
      try Shell.run("/usr/bin/env", ["nm", String(archives[0])]).checked().stdout.contains(/R app_payload_of_layout/))
  }

  @Test("a library of BPF sources that is never built is in compile_commands.json")
  func compileCommands() throws {
    let project = try MesonProject()
    try project.replace(
      "# One header, with",
      with: """
        static_library('bpf_sources', 'app.bpf.c', c_args: bpf['c_args'], build_by_default: false,
          implicit_include_directories: false)

        # One header, with
        """, in: "meson.build")
    try project.setup().checked()
    let text = try String(contentsOfFile: project.built("compile_commands.json"), encoding: .utf8)
    let line = try #require(
      text.split(separator: "\n").first { $0.contains("\"command\"") && $0.contains("app.bpf.c") })
    #expect(line.contains("--target=bpfel") && line.contains("-D__TARGET_ARCH_"), "\(line)")
    #expect(try !project.build().contains { $0.contains("bpf_sources") })
  }

  // MARK: - Setup

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var options: [String] = []
    var environment: [String: String] = [:]
    var words: [String]
  }

  static let refusals = [
    Refusal(
      testDescription: "no bpfgen", options: ["-Dbpfgen:program=/no/bpfgen"],
      words: ["there is no program \"/no/bpfgen\" (-Dbpfgen:program"]),
    Refusal(
      testDescription: "another program", options: ["-Dbpfgen:program=true"],
      words: ["is not bpfgen", "name another with -Dbpfgen:program="]),
    Refusal(
      testDescription: "no clang", options: ["-Dbpfgen:clang=/no/clang"],
      words: ["there is no program \"/no/clang\" (-Dbpfgen:clang)", "install clang"]),
    Refusal(
      testDescription: "a compiler without BPF", options: ["-Dbpfgen:clang=gcc"],
      words: ["cannot compile for BPF:\n", "install clang, or name it with -Dbpfgen:clang="]),
    Refusal(
      testDescription: "no libbpf", environment: ["PKG_CONFIG_LIBDIR": "/none"],
      words: ["libbpf 0.8 or newer is not installed", "install libbpf-dev", "-Dbpfgen:libbpf=disabled"]),
    Refusal(
      testDescription: "no header files for BPF", options: ["-Dbpfgen:bpf_args=-nostdinc"],
      words: ["'linux/bpf.h' file not found", "install libbpf-dev and linux-libc-dev"]),
  ]

  @Test("setup reports what is missing, and what to do", arguments: refusals)
  func refused(_ refusal: Refusal) throws {
    let result = try MesonProject().setup(refusal.options, environment: refusal.environment)
    #expect(!result.succeeded)
    for words in refusal.words { #expect(result.stdout.contains(words), "\(result.stdout)") }
  }

  @Test("bpfgen is found in the PATH")
  func searched() throws {
    let project = try MesonProject()
    let tools = project.scratch.file("bin")
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    let path = ["PATH": "\(tools):\(Toolchain.setting("PATH") ?? "/usr/bin:/bin")"]
    // Comes before one that may be installed.
    try FileManager.default.createSymbolicLink(atPath: "\(tools)/bpfgen", withDestinationPath: Toolchain.bpfgen())
    try project.setup(["-Dbpfgen:program="], environment: path).checked()
    #expect(try project.build().contains { $0.contains("\(tools)/bpfgen compile ") })
  }

  @Test("two steps with the same depfile are an error of setup")
  func sharedDepfile() throws {
    let result = try MesonProject().setup(["-Dwhole_depfile=split.skel.h.d"])
    let words = "two steps have the depfile split.skel.h.d"
    // Meson before 1.1 prints a script's output, and continues.
    #expect((result.stdout + result.stderr).contains(words), "\(result.stdout)\(result.stderr)")
  }
}
