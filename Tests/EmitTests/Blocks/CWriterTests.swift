import Bytes
import Testing

@testable import BTF
@testable import Emit

@Suite("The writer of C text")
struct CWriterTests {
  static let cases: [(what: String, write: @Sendable (inout CWriter) -> Void, text: String)] = [
    ("nothing", { _ in }, ""), ("a line", { $0.line("int x;") }, "int x;\n"), ("an empty line", { $0.blank() }, "\n"),
    ("several lines", { $0.lines("a;\n\nb;") }, "a;\n\nb;\n"),
    ("an empty line of a text has no indentation", { $0.indented { $0.lines("\na;\n") } }, "\n\ta;\n\n"),
    ("an indented line", { $0.indented { $0.line("x;") } }, "\tx;\n"),
    (
      "each line of a text is indented", { $0.indented { $0.line("struct {\n\tint x;\n} y;") } },
      "\tstruct {\n\t\tint x;\n\t} y;\n"
    ),
    (
      "preprocessor lines of a text are at the margin", { $0.indented { $0.line("#ifdef A\nint x\n#endif\n;") } },
      "#ifdef A\n\tint x\n#endif\n\t;\n"
    ),
    ("a directive is at the margin", { $0.indented { $0.directive("#endif") } }, "#endif\n"),
    (
      "blocks nest", { $0.block("{", "}") { $0.block("if (x) {", "}") { $0.line("y;") } } },
      "{\n\tif (x) {\n\t\ty;\n\t}\n}\n"
    ),
    (
      "the indentation ends with its block",
      {
        $0.block("{", "}") { $0.line("x;") }
        $0.line("y;")
      }, "{\n\tx;\n}\ny;\n"
    ),
    ("a name of both languages", { $0.naming(CIdentifier("x")) { "int \($0);" } }, "int x;\n"),
    (
      "a name that C++ has as a keyword", { $0.indented { $0.naming(CIdentifier("new")) { "int \($0);" } } },
      "#ifndef __cplusplus\n\tint new;\n#else\n\tint new_;\n#endif\n"
    ),
    ("a name that C has as a keyword", { $0.naming(CIdentifier("int")) { "int \($0);" } }, "int int_;\n"),
    (
      "bytes stay where they were written",
      {
        $0.line("a")
        $0.raw(Array("b\n".utf8))
        $0.raw(Array("\tc\n".utf8))
        $0.indented { $0.line("d") }
      }, "a\nb\n\tc\n\td\n"
    ),
  ]

  @Test("writes", arguments: cases)
  func text(_ what: String, _ write: @Sendable (inout CWriter) -> Void, _ text: String) {
    #expect(cText(write) == text)
  }

  @Test("returns its text between two lines too")
  func rope() {
    var writer = CWriter()
    writer.line("a")
    #expect(writer.rope.joined() == Array("a\n".utf8))
    writer.line("b")
    #expect(writer.rope.joined() == Array("a\nb\n".utf8))
  }
}
