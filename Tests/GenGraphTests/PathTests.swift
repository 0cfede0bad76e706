import Testing

@testable import GenGraph

/// A path is bytes. In terms of Swift's characters, an accent and the preceding `/` or quote are one character.
@Suite("Paths are bytes")
struct PathTests {
  @Test(
    "are normalized whatever follows a slash",
    arguments: [
      ("a/\u{301}b/..", "a"), ("/\u{301}a/../b", "/b"), ("a//\u{301}b", "a/\u{301}b"), ("./\u{301}", "\u{301}"),
    ])
  func normalized(_ path: String, _ normal: String) {
    #expect(Array(Paths.normalized(path).utf8) == Array(normal.utf8))
  }

  @Test("are inside or outside of a folder by their bytes", arguments: ["../\u{301}a", "/\u{301}a", "../\u{20dd}"])
  func outside(_ path: String) {
    #expect(!Paths.isInside(path, "."))
  }

  @Test("are relative to a folder of any letters")
  func relative() {
    #expect(Paths.relative("/größe/a", to: "/größe") == "a")
    #expect(Paths.relative("/a/\u{301}b", to: "/a").map { Array($0.utf8) } == Array("\u{301}b".utf8))
    #expect(Paths.isInside("a/\u{301}b", "a"))
  }

  @Test("are one word for a shell, whatever follows a quote")
  func shell() {
    #expect(Array(ShellWord.quoted("'\u{301}; evil").utf8) == Array("''\\''\u{301}; evil'".utf8))
  }
}
