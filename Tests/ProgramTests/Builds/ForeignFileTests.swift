import Foundation
import Testing

@testable import TestSupport

/// A wrong path destroys no file: bpfgen overwrites files that it did not write only on request.
@Suite("Files that are not ours", .runsTools, .needs(.tool(.clang)))
struct ForeignFileTests {
  /// A command that writes one file.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// With `OUT` for the file.
    let arguments: [String]
    /// What it must not overwrite, in addition to what none of them may overwrite.
    var foreign = "#include \"main.h\"\n"
  }

  static let elf = "\u{7f}ELF of another program"
  static let handwritten = "/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */\n/* Mine. */\n"

  static let cases: [Case] = [
    Case(testDescription: "a header", arguments: ["skeleton", "a.bpf.o", "-o", "OUT"], foreign: handwritten),
    Case(
      testDescription: "an object in a header's place", arguments: ["skeleton", "a.bpf.o", "-o", "OUT"], foreign: elf),
    Case(testDescription: "a subskeleton", arguments: ["subskeleton", "a.bpf.o", "-o", "OUT"], foreign: handwritten),
    Case(
      testDescription: "a light skeleton", arguments: ["light-skeleton", "a.bpf.o", "-o", "OUT"], foreign: handwritten),
    Case(testDescription: "a payload", arguments: ["skeleton", "a.bpf.o", "-o", "x.h", "--payload", "OUT.o"]),
    Case(
      testDescription: "a payload in C", arguments: ["skeleton", "a.bpf.o", "-o", "x.h", "--payload", "OUT.c"],
      foreign: handwritten),
    Case(
      testDescription: "a depfile", arguments: ["skeleton", "a.bpf.o", "-o", "x.h", "--depfile", "OUT"],
      foreign: "x.h: a.bpf.o\n\tmake-it-otherwise\n"),
    Case(testDescription: "a linked object", arguments: ["link", "a.bpf.o", "-o", "OUT"]),
    Case(testDescription: "vmlinux.h", arguments: ["vmlinux-h", "a.bpf.o", "-o", "OUT"], foreign: "#ifndef MINE\n"),
    Case(testDescription: "minimal BTF", arguments: ["min-core-btf", "--btf", "a.bpf.o", "-o", "OUT", "a.bpf.o"]),
    Case(testDescription: "a compiled object", arguments: ["compile", "-o", "OUT", "--", "clang-for-bpf", "a.bpf.c"]),
    Case(testDescription: "a drawing", arguments: ["graph", "-o", "OUT"]),
    Case(testDescription: "a drawing as a page", arguments: ["graph", "--format", "html", "-o", "OUT"]),
    Case(
      testDescription: "a drawing as JSON", arguments: ["graph", "--format", "json", "-o", "OUT"], foreign: "{\n \"a\""),
    Case(testDescription: "steps for Ninja", arguments: ["emit", "ninja", "-o", "OUT"], foreign: "# mine\n"),
    Case(testDescription: "steps for make", arguments: ["emit", "make", "-o", "OUT"], foreign: "# mine\n"),
    Case(
      testDescription: "targets for Bazel", arguments: ["emit", "bazel", "-o", "OUT"],
      foreign: "# The targets, edited\n"),
    Case(testDescription: "a trace", arguments: ["build", "--trace", "OUT"], foreign: "{}\n"),
  ]

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    _ = try BPFCompiler.compile("int value = 1;\n", named: "a", in: scratch)
    _ = try scratch.writeScript(
      "exec '\(Tool.clang.required())' -g -O2 -target bpf -c \"$@\"", to: "clang-for-bpf")
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o" },
        "skeletons": [ { "of": "a", "header": "gen/a.skel.h", "payload": "gen/a.skel.o" } ] }
      """, to: "bpfgen.json")
  }

  private func run(_ arguments: [String]) throws -> Shell.Result {
    try Shell.run(
      "/usr/bin/env", ["-C", scratch.path, Toolchain.bpfgen()] + arguments,
      environment: ["PATH": "\(scratch.path):/usr/bin:/bin"])
  }

  private func content(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))), as: UTF8.self)
  }

  @Test("is refused, overwritten with --force, and then accepted as bpfgen's", arguments: cases)
  func foreign(_ c: Case) throws {
    let output = c.arguments.first { $0.hasPrefix("OUT") }!.replacing("OUT", with: "out put")
    let arguments = c.arguments.map { $0.hasPrefix("OUT") ? output : $0 }
    // Before the text that belongs to another program.
    let forced = [arguments[0], "--force"] + arguments.dropFirst()
    for foreign in [c.foreign, "int main(void) { return 0; }\n"] {
      _ = try scratch.write(foreign, to: output)
      let refused = try run(arguments)
      #expect(refused.status == .exited(1), "\(refused.stderr)")
      #expect(refused.stderr.hasPrefix("\(output): error: exists already, and "), "\(refused.stderr)")
      #expect(refused.stderr.contains("--force"))
      #expect(try content(output) == foreign)
    }
    try run(forced).checked()
    let made = try content(output)
    #expect(made != "int main(void) { return 0; }\n")
    // A file edited after its beginning is still bpfgen's, unless its owner is supposed to edit it.
    let isEdited = c.arguments[0] == "emit" && c.arguments[1] == "bazel"
    if !isEdited, !made.contains("\u{fffd}") {
      _ = try scratch.write(made + "\n", to: output)
      try run(arguments).checked()
    }
    // An empty file loses nothing.
    _ = try scratch.write("", to: output)
    try run(arguments).checked()
    #expect(try content(output).isEmpty == false)
  }

  @Test(
    "at outputs of a graph is refused by build and clean, and the rest is made",
    arguments: ["gen/a.skel.h", "gen/a.skel.o"])
  func build(_ output: String) throws {
    try FileManager.default.createDirectory(atPath: scratch.file("gen"), withIntermediateDirectories: true)
    _ = try scratch.write("mine\n", to: output)
    let refused = try run(["build", "-k", "0"])
    #expect(refused.status == .exited(1))
    #expect(refused.stderr.contains("\(output): error: exists already, and bpfgen did not make it"))
    #expect(try content(output) == "mine\n")
    for other in ["gen/a.skel.h", "gen/a.skel.o"] where other != output { #expect(try content(other) != "mine\n") }
    let cleaned = try run(["clean"])
    #expect(cleaned.status == .exited(1) && cleaned.stderr.contains("bpfgen did not make it"), "\(cleaned.stderr)")
    #expect(try content(output) == "mine\n")
    try run(["build", "--force"]).checked()
    #expect(try content(output) != "mine\n")
    #expect(try run(["clean"]).checked().stdout == "bpfgen: 2 outputs removed\n")
  }

  // MARK: Permissions

  private func mode(of name: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: scratch.file(name))[.posixPermissions] as? Int)
  }

  @Test("new files obey the umask, and existing files keep their permissions", arguments: ["022", "077", "000"])
  func umask(_ mask: String) throws {
    let arguments = ["-C", scratch.path, "sh", "-c", "umask $1; exec \"$2\" build", "sh", mask, try Toolchain.bpfgen()]
    try Shell.run("/usr/bin/env", arguments).checked()
    let outputs = ["gen/a.skel.h", "gen/a.skel.o"]
    let allowed = 0o666 & ~Int(mask, radix: 8)!
    for output in outputs { #expect(try mode(of: output) == allowed, "\(output)") }
    #expect(try mode(of: "gen") == 0o777 & ~Int(mask, radix: 8)!)
    for mode in [0o600, 0o444, 0o4755] {
      _ = try BPFCompiler.compile("int value = 1, other_\(mode);\n", named: "a", in: scratch)
      for output in outputs { chmod(scratch.file(output), mode_t(mode)) }
      try Shell.run("/usr/bin/env", arguments).checked()
      for output in outputs { #expect(try self.mode(of: output) == mode & 0o777, "\(output)") }
    }
  }

  // MARK: Links

  private func folder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: true)
  }

  @Test(
    "a link on the way to an output does not lead out of the root",
    arguments: ["gen", "gen/deep/er", "gen/linked out"])
  func outside(_ link: String) throws {
    let elsewhere = try Scratch()
    let output = "\(link)/\(link.hasSuffix("er") ? "x/y/" : "")a.skel.h"
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o" }, "skeletons": [ { "of": "a", "header": "\(output)" } ] }
      """, to: "bpfgen.json")
    try folder((link as NSString).deletingLastPathComponent)
    try FileManager.default.createSymbolicLink(atPath: scratch.file(link), withDestinationPath: elsewhere.path)
    let refused = try run(["build"])
    #expect(refused.status == .exited(1))
    #expect(refused.stderr.contains("\(output): error: a symbolic link in its path leads outside"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == [])
    // Nor is anything removed there.
    try folder(elsewhere.path)
    _ = try elsewhere.write("x", to: "a.skel.h")
    _ = try run(["clean"])
    #expect(FileManager.default.fileExists(atPath: elsewhere.file("a.skel.h")))
  }

  @Test("a symbolic link within the root is followed, but not to another file of the graph")
  func inside() throws {
    try folder("real")
    try FileManager.default.createSymbolicLink(atPath: scratch.file("gen"), withDestinationPath: "real")
    try run(["build"]).checked()
    #expect(try content("real/a.skel.h").contains("bpfgen"))
    #expect(try run(["build", "-v"]).checked().stdout.contains("nothing to do"))

    try FileManager.default.createSymbolicLink(atPath: scratch.file("here"), withDestinationPath: ".")
    let object = try content("a.bpf.o")
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o" },
        "finals": { "f": { "inputs": ["a"], "output": "here/a.bpf.o" } } }
      """, to: "bpfgen.json")
    let refused = try run(["build", "--force"])
    #expect(refused.status == .exited(1))
    #expect(refused.stderr.contains("here/a.bpf.o: error: a symbolic link in its path leads to another file"))
    #expect(refused.stderr.contains("to     a.bpf.o"), "\(refused.stderr)")
    #expect(try content("a.bpf.o") == object)
  }

  @Test(
    "a root that is reached through a link is one like any other, whatever its letters", arguments: ["way", "\u{301}ö"])
  func linkedRoot(_ name: String) throws {
    let way = scratch.path + "." + name
    try FileManager.default.createSymbolicLink(atPath: way, withDestinationPath: scratch.path)
    defer { unlink(way) }
    try Shell.run(Toolchain.bpfgen(), ["build", "-f", "\(way)/bpfgen.json"]).checked()
    #expect(try content("gen/a.skel.h").contains("bpfgen"))
  }

  @Test("folders are distinguished by their bytes: a symbolic link and a real folder are not the same")
  func spelledAlike() throws {
    let elsewhere = try Scratch()
    // One letter, and a letter with an accent: for Swift the same text, for the file system two names.
    let (folder, link) = ("ge\u{301}n", "g\u{e9}n")
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "a": "a.bpf.o" },
        "skeletons": [ { "of": "a", "header": "\(folder)/a.h", "name": "x" },
                       { "of": "a", "header": "\(link)/a.h", "name": "y" } ] }
      """, to: "bpfgen.json")
    try #require(symlink(elsewhere.path, scratch.file(link)) == 0)
    let refused = try run(["build", "-k", "0", "-j", "1"])
    #expect(refused.status == .exited(1))
    #expect(refused.stderr.contains("leads outside the graph file's folder"), "\(refused.stderr)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == [])
    #expect(access(scratch.file("\(folder)/a.h"), F_OK) == 0)
  }

  @Test("the state's own folder cannot lead to a user's files")
  func state() throws {
    let elsewhere = try Scratch()
    _ = try elsewhere.write("precious", to: "file")
    try FileManager.default.createSymbolicLink(atPath: scratch.file(".bpfgen"), withDestinationPath: elsewhere.path)
    let refused = try run(["build"])
    #expect(refused.status == .exited(1), "\(refused.stderr)")
    #expect(refused.stderr.hasPrefix(".bpfgen: error: is a symbolic link\n"))
    unlink(scratch.file(".bpfgen"))

    try folder(".bpfgen")
    for (link, target) in [
      ("tmp", elsewhere.path), ("lock", elsewhere.file("file")), ("bpfgen.json.state", elsewhere.file("file")),
    ] {
      try? FileManager.default.removeItem(atPath: scratch.file(".bpfgen/\(link)"))
      try FileManager.default.createSymbolicLink(atPath: scratch.file(".bpfgen/\(link)"), withDestinationPath: target)
      let result = try run(["build"])
      #expect(result.succeeded != (link == "lock"), "\(result.stderr)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == ["file"])
      #expect(try String(contentsOfFile: elsewhere.file("file"), encoding: .utf8) == "precious")
      unlink(scratch.file(".bpfgen/\(link)"))
    }
  }
}
