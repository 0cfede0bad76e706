import Foundation
import Testing

@testable import TestSupport

/// The pages as `man` shows them: sound troff, and all that `--help` has.
@Suite("The manual", .runsTools, .needs(.tool(.groff), .tool(.man)))
struct ManualTests {
  /// The page of the graph file, which is written by hand.
  static let graphFilePage = "\(Toolchain.root)/docs/man/bpfgen.json.5"

  /// All pages of the section 1, as `bpfgen man --all` writes them.
  private static let folder = Result {
    let scratch = try Scratch()
    try Shell.run(Toolchain.bpfgen(), ["man", "--all", scratch.path]).checked()
    return scratch
  }

  private static func commands() throws -> [CommandHelp] { try CommandHelp.all.get() }

  /// A page as it is read on a terminal of so many columns. `w` is more than `all`: unknown macros too.
  static func rendered(_ path: String, columns: Int = 80) throws -> Shell.Result {
    try Shell.run(
      Tool.man.required(), ["--warnings=w", "--encoding=UTF-8", "-l", path],
      // Without the last one man does not print warnings unless it runs on a terminal.
      environment: ["MANWIDTH": "\(columns)", "MANPAGER": "cat", "MAN_KEEP_STDERR": "1"]
    ).checked()
  }

  private static func rendered(of name: String) throws -> String {
    try rendered(folder.get().file("\(name).1"), columns: 200).stdout
  }

  @Test("there is a page for bpfgen and for every command, and no other")
  func pages() throws {
    let there = try FileManager.default.contentsOfDirectory(atPath: Self.folder.get().path)
    #expect(try Set(there) == Set(["bpfgen.1"] + Self.commands().map { "bpfgen-\($0.name).1" }))
  }

  @Test("groff and man show every page without a warning, and every page has a name that apropos finds")
  func warnings() throws {
    let folder = try Self.folder.get()
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map(folder.file)
    for page in pages + [Self.graphFilePage] {
      let formatted = try Shell.run(Tool.groff.required(), ["-man", "-Tutf8", "-ww", page]).checked()
      #expect(formatted.stderr == "", "\(page)")
      for columns in [60, 80, 132] {
        let shown = try Self.rendered(page, columns: columns)
        #expect(shown.stderr == "", "\(page)")
        #expect(!shown.stdout.contains("‐"), "a word of \(page) is parted")
      }
      let name = URL(fileURLWithPath: page).deletingPathExtension().lastPathComponent
      let found = try Shell.run("/usr/bin/env", ["lexgrog", page]).checked().stdout
      #expect(found.contains(": \"\(name) - "), "\(found)")
    }
  }

  @Test("a page with a mistake fails")
  func control() throws {
    let scratch = try Scratch()
    let page = try scratch.write(".TH X 1\n.SH NAME\nx \\- y\n.NOSUCH macro\n", to: "x.1")
    let formatted = try Shell.run(Tool.groff.required(), ["-man", "-Tutf8", "-ww", page])
    #expect(formatted.stderr.contains("NOSUCH"))
    #expect(try Self.rendered(page).stderr.contains("NOSUCH"))
  }

  @Test("a command's page has its usage, and every argument and option of --help")
  func options() throws {
    for command in try Self.commands() {
      let page = try Self.rendered(of: "bpfgen-\(command.name)")
      let plain: (String) -> String = { $0.replacing(/[<>]/, with: "") }
      #expect(page.contains("\n       \(plain(command.usage))\n"), "\(command): \(page)")
      #expect(!command.options.isEmpty)
      for option in command.options {
        let tag = ([option.words.joined(separator: ", ")] + (option.value.map { [$0] } ?? [])).joined(separator: " ")
        #expect(page.contains(try Regex("\n {7}\(tag)(\\.\\.\\.)?(\n|  )")), "\(command): \(tag)")
      }
      for argument in command.arguments {
        #expect(page.contains(try Regex("\n {7}\(argument)(\n| )")), "\(command): \(argument)")
      }
    }
  }

  @Test("examples are shown as they must be typed")
  func examples() throws {
    for command in try Self.commands() {
      let help = try Shell.run(Toolchain.bpfgen(), [command.name, "--help"]).checked().stdout
      let page = try Self.rendered(of: "bpfgen-\(command.name)")
      for example in try #require(help.components(separatedBy: "Examples:\n").last).split(separator: "\n") {
        #expect(page.contains("\n           \(example.drop { $0 == " " })\n"), "\(example)")
      }
    }
  }

  @Test("the overview names every command, the exit status, the environment and the graph file")
  func overview() throws {
    let page = try Self.rendered(of: "bpfgen")
    for command in try Self.commands() { #expect(page.contains("\n       bpfgen-\(command.name)(1)\n")) }
    for part in ["EXIT STATUS", "NO_COLOR", "MAKEFLAGS", "bpfgen.json(5)", "--version", "-h, --help"] {
      #expect(page.contains(part), "\(part)")
    }
  }

  @Test("pages printed and written, here and in another locale and time zone, are the same bytes")
  func reproducible() throws {
    let elsewhere = ["TZ": "Asia/Kathmandu", "LANG": "tr_TR.UTF-8", "MANWIDTH": "40"]
    for name in ["build", "version"] {
      let printed = try Shell.run(Toolchain.bpfgen(), ["man", name], environment: elsewhere).checked().stdout
      let file = try Self.folder.get().file("bpfgen-\(name).1")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == printed)
    }
  }

  // MARK: The graph file

  @Test("the page of the graph file has every key of a graph file")
  func keys() throws {
    let scratch = try Scratch()
    let page = try Self.rendered(Self.graphFilePage).stdout
    let objects = [
      "?": "", "libraries": "\"libraries\": { \"l\": { ? } }", "skeletons": "\"skeletons\": [ { ? } ]",
      "subskeletons": "\"subskeletons\": [ { ? } ]", "include": "\"include\": [ { ? } ]",
    ]
    for (object, text) in objects {
      let inside = (text.isEmpty ? "?" : text).replacingOccurrences(of: "?", with: "\"nosuchkey\": 1")
      let file = try scratch.write("{ \"bpfgen\": 1, \(inside) }", to: "bpfgen.json")
      let refusal = try Shell.run(Toolchain.bpfgen(), ["graph", "-f", file]).stderr
      let known = try #require(refusal.firstMatch(of: /known keys: ([\w, ]+)/), "\(object): \(refusal)")
      for key in known.1.components(separatedBy: ", ") {
        #expect(page.contains(try Regex("\\b\(key)\\b")), "\(object): \(key)")
      }
    }
  }

  @Test("the page's example is a valid graph file")
  func example() throws {
    let source = try String(contentsOfFile: Self.graphFilePage, encoding: .utf8)
    let example = try #require(source.firstMatch(of: /(?s)\.EX\n(.*?)\.EE\n/)).1
    let scratch = try Scratch()
    let file = try scratch.write(String(example), to: "bpfgen.json")
    try FileManager.default.createDirectory(atPath: scratch.file("drivers"), withIntermediateDirectories: true)
    _ = try scratch.write("{ \"bpfgen\": 1, \"objects\": { \"driver\": \"d.bpf.o\" } }", to: "drivers/bpfgen.json")
    let graph = try DrawnGraph(file: file)
    #expect(Set(graph.nodes.map(\.kind)).isSuperset(of: ["object", "library", "final", "skeleton", "subskeleton"]))
  }
}
