import Foundation
import SeededRandom
import Testing

@testable import TestSupport

/// The errors that users see for a graph file: the position, the problem, and what to do.
@Suite("Errors of a graph file", .runsTools)
struct GraphFileErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    /// What follows `{ "bpfgen": 1,` and a line break; the whole file when `isWhole`.
    let text: String
    var isWhole = false
    /// Line and column, `nil` when the file as a whole is meant.
    let position: String?
    let says: String
    let hint: String
    var status: Int32 = 2
    var testDescription: String { "\(says): \(text)" }
    var file: String { isWhole ? text : "{ \"bpfgen\": 1,\n\(text)}" }
  }

  static let objects = "\"objects\": { \"a\": \"a.bpf.o\" },\n"

  static let cases: [Case] = [
    Case(
      text: "", isWhole: true, position: "1:1", says: "invalid JSON: expected a value, found the end of the file",
      hint: "a graph file begins with"),
    Case(
      text: "nope", position: "2:1", says: "invalid JSON: expected a name in quotes",
      hint: "correct it at this position"),
    Case(
      text: "\"objects\": { \"a\": \"x", position: "2:22", says: "invalid JSON: a string does not end",
      hint: "correct it at this position"),
    Case(
      text: "{ \"bpfgen\": 2 }", isWhole: true, position: "1:13", says: "graph file version 2 is not supported",
      hint: "write \"bpfgen\": 1"),
    Case(text: "{}", isWhole: true, position: "1:1", says: "a graph file needs 'bpfgen'", hint: "write \"bpfgen\": 1"),
    Case(text: "\"objcts\": {}", position: "2:1", says: "unknown key 'objcts'", hint: "did you mean 'objects'?"),
    Case(
      text: "\"xyz\": {}", position: "2:1", says: "unknown key 'xyz'", hint: "known keys: bpfgen, objects, libraries"),
    Case(text: "\"bpfgen\": 1", position: "2:1", says: "duplicate key 'bpfgen'", hint: "under one 'bpfgen'"),
    Case(text: "\"objects\": []", position: "2:12", says: "expected an object, found a list", hint: "write { "),
    Case(text: "\"skeletons\": {}", position: "2:14", says: "expected a list, found an object", hint: "write [ "),
    Case(
      text: "\"objects\": { \"a\": 1 }", position: "2:19", says: "expected a string, found a number",
      hint: "write it in quotes"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\", \"strip\": \"yes\" } ]", position: "3:53",
      says: "expected true or false, found a string", hint: "write true or false, without quotes"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\" } ]", position: "3:16", says: "a skeleton needs 'header'",
      hint: "add \"header\": …"),
    Case(text: "\"objects\": { \"a:b\": \"x\" }", position: "2:14", says: "invalid name 'a:b'", hint: "contain ':'"),
    Case(text: "\"objects\": { \"a\": \"\" }", position: "2:19", says: "invalid name ''", hint: "must not be empty"),
    Case(
      text: "\"objects\": { \"a\": \"x\", \"a\": \"y\" }", position: "2:24", says: "the name 'a' is used twice",
      hint: "rename one of them"),
    Case(
      text: objects + "\"finals\": { \"a\": { \"inputs\": [\"a\"], \"output\": \"o\" } }", position: "3:13",
      says: "the name 'a' is used twice", hint: "rename one of them"),
    Case(
      text: objects + "\"min_core_btfs\": [ { \"of\": [], \"btfs\": [\"k\"], \"out_dir\": \"d\" } ]", position: "3:28",
      says: "an entry of min_core_btfs applies to no object", hint: "name the objects and finals"),
    Case(
      text: objects + "\"min_core_btfs\": [ { \"of\": [\"a\"], \"btfs\": [], \"out_dir\": \"d\" } ]", position: "3:43",
      says: "an entry of min_core_btfs has no btfs", hint: "name the kernels' files"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"b\", \"header\": \"h\" } ]", position: "3:24",
      says: "unknown name 'b'", hint: "did you mean 'a'?"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"x.json:a\", \"header\": \"h\" } ]", position: "3:24",
      says: "'x.json' is not an included graph file", hint: "add it to \"include\""),
    Case(
      text: "\"finals\": { \"f\": { \"inputs\": [], \"output\": \"o\" } }", position: "2:30", says: "'f' has no inputs",
      hint: "name the objects"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\" } ],\n"
        + "\"subskeletons\": [ { \"of\": \"a\", \"header\": \"./h\" } ]",
      position: "4:42", says: "two steps write 'h'\n    first   bpfgen.json:3:39\n", hint: "its own output file"),
    Case(
      text: "\"libraries\": { \"f\": { \"inputs\": [\"g\"], \"output\": \"x\" },\n"
        + "\"g\": { \"inputs\": [\"f\"], \"output\": \"y\" } }",
      position: "2:16", says: "dependency cycle: ", hint: "from another's inputs"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"../h\" } ]", position: "3:39",
      says: "'../h' is outside '.'", hint: "below that folder"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"/tmp/h\" } ]", position: "3:39",
      says: "'/tmp/h' is outside '.'", hint: "below that folder"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\", \"name\": \"int\" } ]", position: "3:52",
      says: "'int' is not a valid name for a C struct", hint: "set another with \"name\""),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"a.bpf.o\" } ]", position: "3:39",
      says: "'a.bpf.o' is both read and written", hint: "give the output another path"),
    Case(
      text: objects + "\"finals\": { \"f\": { \"inputs\": [\"a\"], \"output\": \"./a.bpf.o\" } }", position: "3:13",
      says: "dependency cycle: ", hint: "give its output another path"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"bpfgen.json\" } ]", position: "3:39",
      says: "'bpfgen.json' is both read and written", hint: "give the output another path"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\", \"payload\": \"p.bin\" } ]",
      position: "3:55",
      says: "invalid payload name 'p.bin'", hint: "ends in .o or .c"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\", \"payload\": \"p.c\", \"strip\": true } ]",
      position: "3:71", says: "'p.c' is a C payload", hint: "llvm-strip -g"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\", \"scope\": \"x\" } ]", position: "3:53",
      says: "a scope names a payload", hint: "add \"payload\""),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\", \"payload\": \"p.o\", \"scope\": \"\" } ]",
      position: "3:71", says: "'' is not a scope", hint: "control characters"),
    Case(
      text: "\"include\": [ \"bpfgen.json\" ]", position: "2:14", says: "include cycle: bpfgen.json -> bpfgen.json",
      hint: "remove one of these includes"),
    Case(
      text: "\"include\": [ \"nothing.json\" ]", position: "2:14",
      says: "nothing.json: cannot open: No such file or directory", hint: "name an existing graph file"),
    Case(text: "\"include\": [ \".\" ]", position: "2:14", says: ".: is a folder", hint: "name a regular file"),
    Case(
      text: "\"include\": [ \"/dev/null\" ]", position: "2:14", says: "/dev/null: is a device", hint: "regular file"),
    Case(
      text: objects + "\"skeletons\": [ { \"of\": \"a\", \"header\": \"h\" } ]", position: nil,
      says: "does not exist, and no step makes it", hint: "create it", status: 1),
  ]

  @Test("each has the position, the problem, and what to do", arguments: cases)
  func message(_ c: Case) throws {
    let result = try build(Data(c.file.utf8), expecting: c.status)
    let position = c.position.map { "bpfgen.json:" + $0 } ?? "a.bpf.o"
    #expect(result.stderr.hasPrefix("\(position): error: \(c.says)"), "\(result.stderr)")
    #expect(hint(result)?.contains(c.hint) == true, "\(result.stderr)")
  }

  @Test("an include loop is reported with all its files")
  func includeLoop() throws {
    let scratch = try Scratch()
    _ = try scratch.write("{ \"bpfgen\": 1, \"include\": [ \"b.json\" ] }", to: "bpfgen.json")
    _ = try scratch.write("{ \"bpfgen\": 1,\n\"include\": [ \"bpfgen.json\" ] }", to: "b.json")
    let result = try Shell.run(Toolchain.bpfgen(), ["build", "-C", scratch.path])
    #expect(result.status == .exited(2))
    #expect(result.stderr.hasPrefix("b.json:2:14: error: include cycle: "), "\(result.stderr)")
    #expect(result.stderr.contains("bpfgen.json -> b.json -> bpfgen.json"), "\(result.stderr)")
    #expect(hint(result) != nil)
  }

  @Test(
    "a text that is not UTF-8 is an error at the position of its end",
    arguments: [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]] as [[UInt8]])
  func invalidText(_ bytes: [UInt8]) throws {
    let text = Data("{ \"bpfgen\": 1,\n\"objects\": { \"".utf8) + bytes + Data("\": \"x\" } }".utf8)
    let result = try build(text, expecting: 2)
    #expect(result.stderr.hasPrefix("bpfgen.json:2:"), "\(result.stderr)")
    #expect(result.stderr.contains("error: invalid JSON: this string is not UTF-8"), "\(result.stderr)")
    #expect(hint(result) != nil)
  }

  /// 100 MB that are not a graph file; a tenth of them in a debug build, which would take minutes.
  enum Junk: String, CaseIterable, Sendable {
    case randomBytes, brackets, oneString, blanks, zeros, keys

    var bytes: Data {
      let size = Tier.count(quick: 10_000_000, full: 100_000_000)
      switch self {
      case .randomBytes:
        var random = SeededRandom(seed: 1)
        let words = (0..<size / 8).map { _ in random.next() as UInt64 }
        return words.withUnsafeBytes { Data($0) }
      case .brackets: return Data(repeating: UInt8(ascii: "["), count: size)
      case .oneString: return Data("\"".utf8) + Data(repeating: UInt8(ascii: "x"), count: size) + Data("\"".utf8)
      case .blanks: return Data(repeating: UInt8(ascii: "\n"), count: size)
      case .zeros: return Data(count: size)
      case .keys: return Data("{ \"".utf8) + Data(repeating: UInt8(ascii: "k"), count: size) + Data("\": 1 }".utf8)
      }
    }
  }

  @Test(
    "100 MB of junk end in one message, within 10 s of processor time and 1 GiB of address space",
    arguments: Junk.allCases)
  func junk(_ junk: Junk) throws {
    let result = try build(junk.bytes, expecting: 2, wrapper: ["/usr/bin/prlimit", "--as=\(1 << 30)", "--cpu=10"])
    #expect(result.stderr.hasPrefix("bpfgen.json:"), "\(result.stderr.prefix(500))")
    #expect(result.stderr.utf8.count < 10_000)
    #expect(hint(result) != nil)
  }

  /// Builds with only this graph file; after an invalid file, no file is left.
  private func build(_ graph: Data, expecting status: Int32, wrapper: [String] = []) throws -> Shell.Result {
    let scratch = try Scratch()
    try graph.write(to: URL(fileURLWithPath: scratch.file("bpfgen.json")))
    let command = try wrapper + [Toolchain.bpfgen(), "build", "-C", scratch.path]
    let result = try Shell.run(command[0], Array(command.dropFirst()), timeoutSeconds: 60)
    #expect(result.status == .exited(status), "\(result.stderr.prefix(500))")
    #expect(result.stderr.components(separatedBy: ": error: ").count == 2)
    if status == 2 {
      #expect(result.stdout == "")
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["bpfgen.json"])
    }
    return result
  }

  /// The text after a label in the table below the message.
  private func hint(_ result: Shell.Result) -> String? {
    result.stderr.split(separator: "\n").first { $0.hasPrefix("    hint ") }.map { String($0.dropFirst(9)) }
  }
}
