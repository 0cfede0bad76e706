import Foundation
import Testing

@testable import TestSupport

/// Words that read like a translation, and what to write instead: they must not come back to what users read.
@Suite("Word list", .runsTools)
struct WordListTests {
  private static let list: [(pattern: String, instead: String)] = [
    ("anew|once more", "again"), ("mend(s|ed)?", "fix"), ("stands?|lies?", "is"), ("hangs? on", "depends on"),
    ("told|tells?", "reported, prints"), ("whoever", "a user who"), ("nobody|somebody", "no one, or the subject named"),
    ("behind", "after"), ("(is|are) no", "is not a"), ("(is|are) none", "there are no ..."),
    ("takes? the place of|in the place of", "replaces, instead of"), ("be it", "even if"),
    ("alone", "only"), ("and its like", "and others"),
  ]

  /// Where such a word is right.
  private static let allowed = [
    "behind a pointer", "behind pointers", "there is no", "there are no", "is no longer", "are no longer", "left alone",
    "leaves the header alone", "stand-in",
  ]

  /// Pages that still have some.
  private static let unread: Set = [
    "docs/ARCHITECTURE.md", "docs/build-tools.md", "docs/packages.md", "docs/performance.md",
  ]

  /// What is found in a text, code left out: a line for each word.
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
      !Self.unread.contains(file) && (file.hasSuffix(".md") && file != "CHANGELOG.md" || file.hasPrefix("docs/man/"))
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
      let words = command.isEmpty ? ["help"] : ["help", command]
      let text = try Shell.run(Toolchain.bpfgen(), words).checked().stdout
      for word in try Self.found(in: text) { Issue.record("bpfgen help \(command): \(word)") }
    }
  }

  @Test(
    "a word is found wherever it is, and not where it is right",
    arguments: [
      ("Say it anew.", 1), ("What stands here\nlies there", 2), ("It is no file. There is no file.", 1),
      ("Behind a pointer; behind it", 1), ("The header is left alone", 0), ("Understand the list", 0),
    ])
  func control(_ text: String, _ count: Int) throws { #expect(try Self.found(in: text).count == count) }
}
