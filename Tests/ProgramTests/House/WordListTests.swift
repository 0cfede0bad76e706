import Foundation
import Testing

@testable import TestSupport

/// Words that read like a translation, and what to write instead: they must not come back to documentation and comments.
@Suite("Word list", .runsTools)
struct WordListTests {
  private static let list: [(pattern: String, instead: String)] = [
    ("anew|once more", "again"), ("mend(s|ed)?", "fix"), ("stands?|lies?", "is"), ("hangs? on", "depends on"),
    ("told|tells?", "reported, prints"), ("whoever", "a user who"), ("nobody|somebody", "no one, or the subject named"),
    ("behind", "after"), ("(is|are) no", "is not a"), ("(is|are) none", "there are no ..."),
    ("takes? the place of|in (the )?place of", "replaces, instead of"), ("be it", "even if"),
    ("alone", "only"), ("and (its|their) like", "and others"), ("beside", "next to, compared with, in addition to"),
    ("looks? at|looked at", "reads, checks, stats"),
  ]

  /// Phrases in which such a word is right.
  private static let allowed = [
    "behind a pointer", "behind pointers", "there is no", "there are no", "is no longer", "are no longer", "left alone",
    "leaves the header alone", "stand-in",
    "behind symbolic links",
  ]

  /// The words found in a text without code, one line each.
  private static func found(in text: String) throws -> [String] {
    var prose = text.replacing(/\s+/, with: " ")
    for phrase in allowed { prose = prose.replacingOccurrences(of: phrase, with: "", options: .caseInsensitive) }
    return try list.flatMap { pattern, instead in
      prose.matches(of: try Regex("(?i)\\b(\(pattern))\\b").wordBoundaryKind(.simple)).map { match in
        let before = prose[..<match.range.lowerBound].suffix(30)
        return "'\(prose[match.range])' (\(instead)): …\(before)\(prose[match.range.lowerBound...].prefix(40))…"
      }
    }
  }

  @Test("is kept by the pages")
  func pages() throws {
    let files = try HouseTests.trackedFiles().filter { file in
      file.hasSuffix(".md") && file != "CHANGELOG.md" || file.hasPrefix("docs/man/")
    }
    try #require(files.count > 20)
    for file in files {
      let text = try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8)
      for word in try Self.found(in: MarkdownLink.prose(of: text)) { Issue.record("\(file): \(word)") }
    }
  }

  @Test("is kept by the help of every command")
  func help() throws {
    for command in [""] + (try CommandHelp.all.get().map(\.name)) {
      let arguments = command.isEmpty ? ["help"] : ["help", command]
      let text = try Shell.run(Toolchain.bpfgen(), arguments).checked().stdout
      for word in try Self.found(in: text) { Issue.record("bpfgen help \(command): \(word)") }
    }
  }

  @Test("is kept by comments, and by the names of tests", arguments: ["Sources", "Tests", "Fuzz", "Benchmarks"])
  func code(_ folder: String) throws {
    let files = try HouseTests.trackedFiles().filter {
      $0.hasPrefix("\(folder)/") && ($0.hasSuffix(".swift") || $0.hasSuffix(".js"))
    }
    try #require(!files.isEmpty)
    for file in files {
      let source = try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8)
      for word in try Self.found(in: Self.comments(in: source)) { Issue.record("\(file): \(word)") }
      for name in Self.testNames(in: source) {
        for word in try Self.found(in: name) { Issue.record("\(file): \(word)") }
      }
    }
  }

  /// The names of tests and suites.
  private static func testNames(in source: String) -> [String] {
    source.matches(of: /@(?:Test|Suite)\(\s*"((?:[^"\\]|\\.)*)"/).map { String($0.1) }
  }

  /// The text of whole-line comments, without code in backticks and the names of parameters.
  private static func comments(in source: String) -> String {
    source.split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^\s*\/\/+ ?(.*)/).map {
        $0.1.replacing(/^ *- \w+:/, with: "").replacing(/`[^`]*`/, with: "")
      }
    }.joined(separator: "\n")
  }

  @Test("only comments are read, without code and parameter names")
  func commentControl() throws {
    let source = "let behind = 1\n  /// It stands\n  /// there, `told` by\n  ///   - tell: a name.\n  // anew\n"
    #expect(try Self.found(in: Self.comments(in: source)).count == 2)
  }

  @Test("the names of tests and suites are found")
  func nameControl() {
    let source =
      "@Suite(\"one\", .serialized)\n@Test(\n  \"two \\\"quoted\\\"\",\n  arguments: [])\n@Test func three() {}\n"
    #expect(Self.testNames(in: source) == ["one", "two \\\"quoted\\\""])
  }

  @Test(
    "a word is found wherever it is, and not where it is right",
    arguments: [
      ("Say it anew.", 1), ("What stands here\nlies there", 2), ("It is no file. There is no file.", 1),
      ("Behind a pointer; behind it", 1), ("The header is left alone", 0), ("Understand the list", 0),
    ])
  func control(_ text: String, _ count: Int) throws { #expect(try Self.found(in: text).count == count) }
}
