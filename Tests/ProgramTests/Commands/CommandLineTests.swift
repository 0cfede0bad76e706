import Foundation
import Testing

@testable import TestSupport

/// The command line as GNU tools have it: what is asked for on stdout, what is wrong on stderr, the status 0, 1 or 2.
@Suite("The command line", .runsTools, .needs(.tool(.clang)))
struct CommandLineTests {
  private static let commands = try! CommandHelp.all.get().map(\.name)

  private static func bpfgen(_ arguments: [String]) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), arguments)
  }

  @Test(
    "help is on stdout, with examples",
    arguments: [["--help"], ["-h"], ["help"]] + commands.flatMap { [[$0, "--help"], [$0, "-h"], ["help", $0]] })
  func help(_ arguments: [String]) throws {
    let result = try Self.bpfgen(arguments)
    #expect(result.succeeded && result.stderr == "")
    for part in ["Usage: bpfgen ", "Options:\n", "Examples:\n  bpfgen "] { #expect(result.stdout.contains(part)) }
    #expect(result.stdout.split(separator: "\n").allSatisfy { $0.utf8.count <= 100 })
  }

  @Test("the overview names every command")
  func overview() throws {
    let text = try Self.bpfgen(["--help"]).stdout
    for command in Self.commands { #expect(text.contains("\n  \(command) "), "\(command)") }
  }

  @Test("the tests of bad objects run every command that reads one")
  func objectCommands() throws {
    let scratch = try Scratch()
    let read = Set(ObjectCommand.all("x", "y", scratch).map { $0[0] })
    #expect(read.union(ObjectCommand.indirect).union(ObjectCommand.others) == Set(Self.commands))
  }

  @Test("no command at all is a usage error that shows the help")
  func nothing() throws {
    let result = try Self.bpfgen([])
    #expect(result.status == .exited(2) && result.stdout == "" && result.stderr.contains("Usage: bpfgen"))
  }

  @Test("the version shows what it was built with", arguments: [["version"], ["--version"]])
  func version(_ arguments: [String]) throws {
    let result = try Self.bpfgen(arguments).checked()
    #expect(result.stdout.contains(/^bpfgen \d+\.\d+\.\d+\n/))
    #expect(result.stdout.contains(/\nlibbpf \d+\.\d+/))
  }

  /// A wrong command line, and its message.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var says: [String]
    var testDescription: String { Shell.quoted(arguments) }
  }

  static let wrong: [Wrong] = [
    Wrong(arguments: ["skelton", "x.o"], says: ["unknown command 'skelton'", "did you mean 'skeleton'?"]),
    Wrong(arguments: ["frobnicate"], says: ["unknown command 'frobnicate'", "bpfgen help"]),
    Wrong(arguments: ["--frobnicate"], says: ["unknown option '--frobnicate'"]),
    Wrong(arguments: ["help", "skelton"], says: ["unknown command 'skelton'"]),
    Wrong(arguments: ["skeleton"], says: ["'-o <file>' is missing"]),
    Wrong(arguments: ["skeleton", "-o", "x.h"], says: ["<object> is missing"]),
    Wrong(arguments: ["skeleton", "a.o", "b.o", "-o", "x.h"], says: ["unexpected 'b.o'"]),
    Wrong(arguments: ["skeleton", "a.o", "-o"], says: ["'-o' needs a value"]),
    Wrong(arguments: ["skeleton", "a.o", "--output"], says: ["'--output' needs a value"]),
    Wrong(arguments: ["skeleton", "a.o", "-o", ""], says: ["the value of '--output' is empty"]),
    Wrong(arguments: ["skeleton", "", "-o", "x.h"], says: ["<object> is empty"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "x.h", "-o", "y.h"], says: ["'--output' is given twice: 'x.h' and 'y.h'"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "x.h", "--playload", "p.o"],
      says: ["unknown option '--playload'", "did you mean --payload?"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "x.h", "--payloads=p.o"],
      says: ["unknown option '--payloads'", "did you mean --payload?"]),
    Wrong(arguments: ["skeleton", "a.o", "-o", "x.h", "-x"], says: ["unknown option '-x'"]),
    Wrong(arguments: ["skeleton", "a.o", "-o", "x.h", "--strip=yes"], says: ["'--strip' takes no value"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "x.h", "--payload", "p.a"], says: ["a payload is an object file or a C file"]
    ),
    Wrong(arguments: ["skeleton", "a.o", "-o", "x.h", "--like", "b.o"], says: ["'--like' needs '--payload'"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "x.h", "--payload", "p.c", "--like", "b.o"],
      says: ["'--like' does not apply to a payload in C"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "-", "--depfile", "d"], says: ["'--depfile' needs an output file"]),
    Wrong(
      arguments: ["skeleton", "a.o", "-o", "x.h", "--color", "red"],
      says: ["invalid value 'red' for '--color'", "auto, always, never"]),
    Wrong(arguments: ["diff", "a.o"], says: ["<new> is missing"]),
    Wrong(
      arguments: ["diff", "a.o", "b.o", "--format", "xml"], says: ["invalid value 'xml' for '--format'", "text, json"]),
    Wrong(arguments: ["diff", "a.o", "b.o", "c.o"], says: ["unexpected 'c.o'"]),
    Wrong(arguments: ["link", "-o", "x.o"], says: ["<object> is missing"]),
    Wrong(
      arguments: ["graph", "--format", "png"], says: ["invalid value 'png' for '--format'", "dot, svg, json, html"]),
    Wrong(arguments: ["fingerprint"], says: ["<object> is missing"]),
    Wrong(arguments: ["version", "now"], says: ["unexpected 'now'"]),
    Wrong(arguments: ["emit", "cmake"], says: ["invalid <tool> 'cmake'", "one of ninja, make"]),
    Wrong(
      arguments: ["query", "deeps", "app"], says: ["invalid <question> 'deeps'", "one of deps, rdeps, inputs, outputs"]),
    Wrong(arguments: ["completion", "tcsh"], says: ["invalid <shell> 'tcsh'", "one of bash, zsh, fish"]),
    Wrong(arguments: ["man", "skelton"], says: ["unknown command 'skelton'", "did you mean 'skeleton'?"]),
    Wrong(arguments: ["man", "build", "--all", "."], says: ["'--all' writes the page of 'build' too"]),
  ]

  @Test("a wrong command line is one error, the status 2, and a suggestion", arguments: wrong)
  func usage(_ wrong: Wrong) throws {
    let result = try Self.bpfgen(wrong.arguments)
    #expect(result.status == .exited(2) && result.stdout == "")
    #expect(result.stderr.hasPrefix("bpfgen: error: "), "\(result.stderr)")
    for message in wrong.says { #expect(result.stderr.contains(message), "\(result.stderr)") }
  }

  @Test("'--', with or without a value,, are not options")
  func dashes() throws {
    let arguments = try Self.bpfgen(["diff", "a.o", "b.o", "--", "--exit-code"])
    #expect(arguments.status == .exited(2) && arguments.stderr.contains("unexpected '--exit-code'"))
    let value = try Self.bpfgen(["skeleton", "a.o", "-o", "x.h", "--=x"])
    #expect(value.status == .exited(2) && value.stderr.contains("unknown option '--'"))
  }

  /// Spellings of the same command line; `OUT` and `IN` are replaced by the files.
  static let spellings: [[String]] = [
    ["IN", "-o", "OUT", "--name", "lib"], ["-o", "OUT", "--name", "lib", "IN"], ["-oOUT", "IN", "--name=lib"],
    ["--output", "OUT", "IN", "--name", "lib"], ["--output=OUT", "--name=lib", "IN"],
    ["--out", "OUT", "--na=lib", "IN"],
    ["-o", "OUT", "--name", "lib", "--", "IN"], ["IN", "-o", "OUT", "--name", "lib", "--name", "lib"],
    ["--color=never", "IN", "-o", "OUT", "--name", "lib"],
  ]

  @Test("options may be anywhere, long and short, in full and abbreviated", arguments: spellings)
  func spelling(_ arguments: [String]) throws {
    let scratch = try Scratch()
    let object = try Self.library(in: scratch)
    let filled = arguments.map {
      $0.replacingOccurrences(of: "OUT", with: scratch.file("out.h")).replacingOccurrences(of: "IN", with: object)
    }
    try Self.bpfgen(["subskeleton"] + filled).checked()
    let expected = try Self.bpfgen(["subskeleton", object, "-o", "-", "--name", "lib"]).checked().stdout
    #expect(try String(contentsOfFile: scratch.file("out.h"), encoding: .utf8) == expected)
  }

  @Test("an object whose name begins with a dash is read after --")
  func dash() throws {
    let scratch = try Scratch()
    let object = try Self.library(in: scratch)
    try FileManager.default.moveItem(atPath: object, toPath: scratch.file("-x.bpf.o"))
    let script = "cd \"$1\" && exec \"$2\" fingerprint -- -x.bpf.o"
    let result = try Shell.run("/bin/sh", ["-c", script, "sh", scratch.path, Toolchain.bpfgen()]).checked()
    #expect(result.stdout.hasPrefix("-x.bpf.o layout "))
  }

  @Test("-o - writes the same header to standard output, and creates no file", arguments: ["skeleton", "subskeleton"])
  func standardOutput(_ command: String) throws {
    let scratch = try Scratch()
    let object = try Self.library(in: scratch)
    let shown = try Self.bpfgen([command, object, "-o", "-"]).checked()
    try Self.bpfgen([command, object, "-o", scratch.file("lib.h")]).checked()
    #expect(shown.stdout == (try String(contentsOfFile: scratch.file("lib.h"), encoding: .utf8)) && shown.stderr == "")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["lib.bpf.c", "lib.bpf.o", "lib.h"])
  }

  @Test(
    "a name that cannot be a struct's is refused, a keyword of C++ is not",
    arguments: ["while", "9x", "a-b", "a b", "größe", "bool"])
  func structName(_ name: String) throws {
    let scratch = try Scratch()
    let object = try Self.library(in: scratch)
    let result = try Self.bpfgen(["skeleton", object, "-o", scratch.file("x.h"), "--name", name])
    #expect(result.complaint(about: object) == nil)
    #expect(result.stderr.contains("'\(name)' is not a valid name for a C struct"))
    try Self.bpfgen(["skeleton", object, "-o", scratch.file("x.h"), "--name", "new"]).checked()
  }

  @Test(
    "the default name is the one that bpftool makes", .needs(.tool(.bpftool)),
    arguments: ["lib.bpf.o", "lib.o", "my-lib.v2.bpf.o", "lib"])
  func defaultName(_ file: String) throws {
    let scratch = try Scratch()
    let object = scratch.file(file)
    try FileManager.default.moveItem(atPath: Self.library(in: scratch), toPath: scratch.file("moved"))
    try FileManager.default.moveItem(atPath: scratch.file("moved"), toPath: object)
    let header = try Self.bpfgen(["skeleton", object, "-o", "-"]).checked().stdout
    let reference = try Shell.run(Tool.bpftool.required(), ["gen", "skeleton", object]).checked().stdout
    let name = try #require(reference.firstMatch(of: /\nstruct (\w+) \{\n/)?.1)
    #expect(header.contains("\nstruct \(name) {\n"))
  }

  @Test(
    "colours come when they are asked for, and not into a file",
    arguments: [("always", true), ("never", false), ("auto", false)])
  func color(_ choice: String, _ isColored: Bool) throws {
    let result = try Self.bpfgen(["fingerprint", "/nonexistent", "--color", choice])
    #expect(result.status == .exited(1) && result.stderr.contains("\u{1b}[") == isColored)
  }

  @Test("a fingerprint has four ids of 32 digits for each object")
  func fingerprint() throws {
    let scratch = try Scratch()
    let object = try Self.library(in: scratch)
    let lines = try Self.bpfgen(["fingerprint", object, object]).checked().stdout.split(separator: "\n")
    #expect(lines.count == 8 && Array(lines[..<4]) == Array(lines[4...]))
    for (line, label) in zip(lines, ["layout", "subskeleton", "contract", "content"]) {
      #expect(line.hasPrefix("\(object) \(label) ") && line.suffix(32).allSatisfy { "0123456789abcdef".contains($0) })
    }
  }

  @Test("linking gives an object from which headers can be made, with the same bytes every time")
  func link() throws {
    let scratch = try Scratch()
    let library = try Self.library(in: scratch)
    let main = try BPFCompiler.compile(
      """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      extern int fallback;
      int own = 1;
      SEC("raw_tp/sys_enter") int main_prog(void *ctx) { return fallback + own; }
      """, named: "main", in: scratch)
    for output in ["one.bpf.o", "two.bpf.o"] {
      try Self.bpfgen(["link", "-o", scratch.file(output), main, library]).checked()
    }
    let bytes = try ["one.bpf.o", "two.bpf.o"].map { try Data(contentsOf: URL(fileURLWithPath: scratch.file($0))) }
    #expect(bytes[0] == bytes[1])
    let header = try Self.bpfgen(["skeleton", scratch.file("one.bpf.o"), "-o", "-"]).checked().stdout
    for member in ["*lib_prog;", "*main_prog;", "*slots;", "int own;", "int fallback;"] {
      #expect(header.contains(member))
    }
  }

  static func library(in scratch: Scratch) throws -> String {
    try BPFCompiler.compile(LayoutIDSource.library.text, named: "lib", in: scratch)
  }
}
