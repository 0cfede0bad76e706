import Testing

@testable import Incr

@Suite("Depfile texts")
struct DepfileTests {
  /// Source: Ninja's `depfile_parser_test.cc` and GNU make's manual. Real tools read them in `DepfileCommandTests`.
  static let escapes: [(path: String, text: String)] = [
    ("a.o", "a.o"), ("a b", "a\\ b"), (" a", "\\ a"), ("a  b", "a\\ \\ b"), ("a\tb", "a\\\tb"), ("a#b", "a\\#b"),
    ("a$b", "a$$b"), ("$$", "$$$$"), ("a\\b", "a\\b"), ("a\\ b", "a\\\\\\ b"), ("a\\\\ b", "a\\\\\\\\\\ b"),
    ("a\\#b", "a\\\\\\#b"), ("a\\", "a\\"), ("a%b", "a%b"), ("a:b", "a:b"), ("größe", "größe"), ("", ""),
  ]

  @Test("escape what make and Ninja would read", arguments: escapes)
  func escape(_ path: String, _ text: String) throws {
    #expect(try Depfile.escape(path) == text)
  }

  @Test("refuse a line break", arguments: ["a\nb", "a\rb", "\r\n"])
  func lineBreaks(_ path: String) {
    #expect(throws: FileError.lineBreakInPath(path: path)) { try Depfile(outputs: ["x"], inputs: [path]).text() }
    #expect(throws: FileError.lineBreakInPath(path: path)) { try Depfile(outputs: [path], inputs: []).text() }
  }

  @Test("are one rule, outputs in their order, an input a line, then a rule without a recipe for each input")
  func rule() throws {
    let depfile = Depfile(outputs: ["x.h", "x o"], inputs: ["a.o", "b o"])
    #expect(try depfile.text() == "x.h x\\ o: \\\n  a.o \\\n  b\\ o\na.o:\nb\\ o:\n")
    #expect(try Depfile(outputs: ["x.h"], inputs: []).text() == "x.h:\n")
  }
}
