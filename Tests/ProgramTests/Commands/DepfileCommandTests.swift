import Foundation
import Testing

@testable import TestSupport

/// The tools that read depfiles, and one that sees what was opened.
private enum Reader {
  static let make = path("make")
  static let ninja = path("ninja")
  static let strace = path("strace")

  private static func path(_ name: String) -> String? {
    ["/usr/bin", "/usr/local/bin", "/bin"].map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}

/// What `--depfile` writes, read by the tools that it is for.
@Suite("Depfiles", .runsTools, .needs(.tool(.clang)))
struct DepfileCommandTests {
  /// Names of folders that have a meaning somewhere: for make, for Ninja, for a shell. Not there: `; | * ? " ' & < > ^`
  /// and backquotes, at which Ninja's reader splits a path and for which it has no escape (`depfile_parser.in.cc`), nor a
  /// backslash in front of `#`, `$` or `:`, which Ninja and make read in different ways. `Fuzz/Depfile.swift` tries the rest.
  static let names = [
    "plain", "with space", "two  spaces", "hash#tag", "dollar$sign", "$(shell)", "percent%", "back\\slash",
    "back\\ space",
    "back\\\\ two", "end\\", "colon:inside", "tilde~", "equals=", "brackets[x]", "größe", "at@plus+",
  ]

  /// A library's object in a folder with that name, and the skeleton with all outputs next to it.
  private struct Setup {
    let scratch: Scratch
    let folder: String
    var object: String { "\(folder)/lib.bpf.o" }
    var header: String { "\(folder)/lib.skel.h" }
    var depfile: String { scratch.file("lib.d") }

    init(_ name: String) throws {
      scratch = try Scratch()
      folder = scratch.file(name)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let made = try CommandLineTests.library(in: scratch)
      try FileManager.default.moveItem(atPath: made, toPath: object)
      let arguments = [
        "skeleton", object, "-o", header, "--payload", "\(folder)/lib.skel.o", "--name", "lib", "--depfile", depfile,
      ]
      try Shell.run(Toolchain.bpfgen(), arguments).checked()
    }
  }

  @Test(
    "Ninja reads back each path as it was given", .enabled(if: Reader.ninja != nil, "SKIPPED: ninja is not installed"),
    arguments: names)
  func ninja(_ name: String) throws {
    let setup = try Setup(name)
    // Ninja's own syntax: `$` before what it would read, and no other escapes.
    func escaped(_ path: String) -> String {
      path.replacing("$", with: "$$").replacing(" ", with: "$ ").replacing(":", with: "$:")
    }
    let plan = """
      rule run
        command = cp lib.d lib.ninja.d
        depfile = lib.ninja.d
        deps = gcc
      build \(escaped(setup.header)): run

      """
    _ = try setup.scratch.write(plan, to: "build.ninja")
    let ninja = try #require(Reader.ninja)
    // A rule whose output is older than its inputs would always run again: only what Ninja recorded is checked.
    try Shell.run(ninja, ["-C", setup.scratch.path]).checked()
    let reported = try Shell.run(ninja, ["-C", setup.scratch.path, "-t", "deps", setup.header]).checked().stdout
    let lines = reported.split(separator: "\n").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }
    let written = try String(contentsOfFile: setup.depfile, encoding: .utf8)
    #expect(lines.contains(setup.object), "\(reported)\n\(written)")
    #expect(try lines.contains(Self.realPath(Toolchain.bpfgen())), "\(reported)")
    #expect(lines.count == 2, "\(reported)")
  }

  /// Without the targets that make cannot name, whatever the escape: `%` makes a pattern, `=` a variable, and `:` and a
  /// backslash in front of a `/` stay what they are.
  static let namesForMake = names.filter { !["end\\", "colon:inside", "percent%", "equals="].contains($0) }

  @Test(
    "make reads back each path as it was given", .enabled(if: Reader.make != nil, "SKIPPED: make is not installed"),
    arguments: namesForMake)
  func make(_ name: String) throws {
    let setup = try Setup(name)
    // Its data base shows what make took for the rule's prerequisites.
    _ = try setup.scratch.write(
      """
      .SUFFIXES:
      include lib.d
      .DEFAULT_GOAL := show
      show: ; @true
      %: ; @true

      """, to: "Makefile")
    let database = try Shell.run(try #require(Reader.make), ["-C", setup.scratch.path, "-rRpn", "show"])
    #expect(database.status == .exited(0), "\(database.stderr)")
    let rule = database.stdout.split(separator: "\n").first { $0.hasPrefix("\(setup.header):") }
    // The data base prints names as they are, with `$` doubled.
    let written = try String(contentsOfFile: setup.depfile, encoding: .utf8)
    let shown = try #require(rule, "\(written)").replacing("$$", with: "$")
    #expect(shown.hasPrefix("\(setup.header): \(setup.object) "), "\(shown)")
  }

  @Test(
    "the first target is the first output as it was spelled, whatever the spelling",
    arguments: ["x.h", "./x.h", "sub/../x.h", "sub//x.h"])
  func firstTarget(_ spelling: String) throws {
    let scratch = try Scratch()
    _ = try CommandLineTests.library(in: scratch)
    mkdir(scratch.file("sub"), 0o755)
    let script = "cd \"$1\" && exec \"$2\" skeleton lib.bpf.o -o \"$3\" --payload p.o --depfile x.d"
    try Shell.run("/bin/sh", ["-c", script, "sh", scratch.path, Toolchain.bpfgen(), spelling]).checked()
    let text = try String(contentsOfFile: scratch.file("x.d"), encoding: .utf8)
    #expect(text.hasPrefix("\(spelling) p.o: \\\n  lib.bpf.o \\\n"), "\(text)")
  }

  /// What is not a dependency: what every program of the machine reads.
  private static func isOfTheSystem(_ path: String) -> Bool {
    ["/lib", "/usr/lib", "/etc/", "/proc/", "/sys/", "/dev/", "/opt/swift"].contains { path.hasPrefix($0) }
  }

  @Test(
    "every file that was read is an input", .enabled(if: Reader.strace != nil, "SKIPPED: strace is not installed"),
    arguments: ["skeleton", "subskeleton", "link"])
  func everyInput(_ command: String) throws {
    let scratch = try Scratch()
    let library = try CommandLineTests.library(in: scratch)
    let host = try scratch.write("int x;\n", to: "host.c")
    try Shell.run(Tool.clang.required(), ["-c", host, "-o", scratch.file("host.o")]).checked()
    let depfile = scratch.file("out.d")
    var arguments = [command, library, "-o", scratch.file("out"), "--depfile", depfile]
    if command == "skeleton" { arguments += ["--payload", scratch.file("p.o"), "--like", scratch.file("host.o")] }
    let trace = scratch.file("trace")
    let traced = ["-f", "-qq", "-e", "trace=openat,open", "-o", trace, try Toolchain.bpfgen()] + arguments
    try Shell.run(try #require(Reader.strace), traced).checked()
    let opened = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
      .filter { $0.contains("O_RDONLY") && !$0.contains(" = -1 ") }
      .compactMap { $0.firstMatch(of: /"([^"]+)"/).map { String($0.1) } }
      .filter { !Self.isOfTheSystem($0) }
    let depfileText = try String(contentsOfFile: depfile, encoding: .utf8)
    let inputs = depfileText.split(separator: "\n").filter { $0.hasPrefix("  ") }
      .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \\")) }
    #expect(Set(opened).subtracting(inputs).subtracting([scratch.file("out")]) == [], "\(depfileText)")
    #expect(inputs.last == (try Self.realPath(Toolchain.bpfgen())), "the generator itself")
  }

  @Test(
    "an input that is gone makes make run the rule, and does not stop it",
    .enabled(if: Reader.make != nil, "SKIPPED: make is not installed"))
  func missingInput() throws {
    let setup = try Setup("gone")
    _ = try setup.scratch.write("include lib.d\n\(setup.header): ; @echo made again\n", to: "Makefile")
    let words = ["-C", setup.scratch.path, "-s", setup.header]
    let upToDate = try Shell.run(try #require(Reader.make), words).checked().stdout
    #expect(!upToDate.contains("made again"), "\(upToDate)")
    try FileManager.default.removeItem(atPath: setup.object)
    #expect(try Shell.run(try #require(Reader.make), words).checked().stdout.contains("made again"))
  }

  @Test("a path with a line break is an error, and nothing partial is left")
  func lineBreak() throws {
    let scratch = try Scratch()
    let library = try CommandLineTests.library(in: scratch)
    let broken = scratch.file("a\nb.h")
    let result = try Shell.run(
      Toolchain.bpfgen(), ["subskeleton", library, "-o", broken, "--depfile", scratch.file("x.d")])
    #expect(result.status == .exited(1) && result.stderr.contains("a depfile cannot hold a path with a line break"))
    #expect(access(scratch.file("x.d"), F_OK) != 0)
    #expect(access(broken, F_OK) != 0, "the header was written although the run failed")
  }

  private static func realPath(_ path: String) throws -> String {
    let resolved = try #require(realpath(path, nil))
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
