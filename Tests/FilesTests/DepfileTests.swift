import Testing

@testable import Files

@Suite("Depfile texts")
struct DepfileTests {
  /// Source: Ninja's `depfile_parser_test.cc` and GNU make's manual. Real tools read them in `DepfileCommandTests`.
  static let escapes: [(path: String, text: String)] = [
    ("a.o", "a.o"), ("a b", "a\\ b"), (" a", "\\ a"), ("a  b", "a\\ \\ b"), ("a\tb", "a\\\tb"), ("a#b", "a\\#b"),
    ("a$b", "a$$b"), ("$$", "$$$$"), ("a\\b", "a\\b"), ("a\\ b", "a\\\\\\ b"), ("a\\\\ b", "a\\\\\\\\\\ b"),
    ("a\\#b", "a\\\\\\#b"), ("a\\", "a\\"), ("a%b", "a%b"), ("a:b", "a:b"), ("größe", "größe"), ("", ""),
  ]

  @Test("escape what make and Ninja would interpret", arguments: escapes)
  func escape(_ path: String, _ text: String) throws {
    #expect(try Depfile.escape(path) == text)
  }

  @Test("refuse a line break", arguments: ["a\nb", "a\rb", "\r\n"])
  func lineBreaks(_ path: String) {
    #expect(throws: FileError.lineBreakInPath(path: path)) { try Depfile(outputs: ["x"], inputs: [path]).text() }
    #expect(throws: FileError.lineBreakInPath(path: path)) { try Depfile(outputs: [path], inputs: []).text() }
  }

  @Test("are one rule, with outputs in order and one input per line, then a rule without a recipe for each input")
  func rule() throws {
    let depfile = Depfile(outputs: ["x.h", "x o"], inputs: ["a.o", "b o"])
    #expect(try depfile.text() == "x.h x\\ o: \\\n  a.o \\\n  b\\ o\na.o: \nb\\ o: \n")
    #expect(try Depfile(outputs: ["x.h"], inputs: []).text() == "x.h:\n")
    #expect(Depfile(outputs: ["x.h"], inputs: ["a.o", "b.o", "a.o"]).inputs == ["a.o", "b.o"])
  }

  @Test("are read as they are written", arguments: escapes.map(\.path).filter { !$0.isEmpty && !$0.hasSuffix("\\") })
  func roundTrip(_ path: String) throws {
    for depfile in [Depfile(outputs: [path], inputs: ["a", path, "b"]), Depfile(outputs: [path], inputs: [])] {
      #expect(Depfile(text: Array(try depfile.text().utf8)) == depfile)
    }
  }

  @Test(
    "are read as compilers write them",
    arguments: [
      ("x.o: a.c b.h\n", ["a.c", "b.h"]), ("x.o: a.c \\\n  b.h\n\nb.h:\n", ["a.c", "b.h"]), ("x.o:a.c\n", nil),
      ("x.o: c:/a.h", ["c:/a.h"]), ("", nil), ("a b\n", nil), (": a\n", nil), ("x.o:", []),
    ])
  func read(_ text: String, _ inputs: [String]?) {
    #expect(Depfile(text: Array(text.utf8))?.inputs == inputs)
  }
}
