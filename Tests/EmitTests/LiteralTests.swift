import Testing

@testable import Emit

/// A literal is correct if a compiler reads the original bytes back.
@Suite("C literals", .enabled(if: CCompiler.path != nil, "SKIPPED: no C compiler"))
struct LiteralTests {
  /// Bytes in every context in which a careless escape is wrong.
  static let contents: [(what: String, bytes: [UInt8])] = [
    ("nothing", []), ("one zero", [0]), ("every byte", Array(0...255)), ("every byte backwards", (0...255).reversed()),
    ("an escape in front of a digit", [1, 0x30, 1, 0x37, 1, 0x38, 0, 0x31, 0x32, 0x33, 7, 0x37, 0x37]),
    ("every byte in front of every digit", (0...255).flatMap { byte in (48...57).flatMap { [byte, $0] } }),
    ("quotes and backslashes", Array("\"\\\"\\\\\"\\n\\x41\\0".utf8)), ("trigraphs", Array("??/??=??(???/".utf8)),
    ("the end of a comment", Array("*/ /* //".utf8)), ("a line's length", [UInt8](repeating: 0x61, count: 64)),
    ("a digit at the end of a line", [UInt8](repeating: 1, count: 64) + [0x37]),
    ("words", Array("one two_3 4five\u{0}six\u{1}seven a 77".utf8)), ("UTF-8", Array("größe 数".utf8)),
    ("many", (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }),
  ]

  @Test("of bytes are read back", arguments: contents, ["-std=gnu99", "-std=c99"])
  func bytes(_ content: (what: String, bytes: [UInt8]), _ standard: String) throws {
    let literal = String(decoding: ByteLiteral.text(content.bytes), as: UTF8.self)
    let source = """
      #include <stdio.h>
      static const unsigned char data[\(content.bytes.count + 1)] =
      \(literal)
      int main(void) { fwrite(data, 1, sizeof(data), stdout); return 0; }
      """
    #expect(try CCompiler.output(of: source, flags: [standard, "-trigraphs", "-Wno-trigraphs"]) == content.bytes + [0])
    #expect(literal.utf8.allSatisfy { $0 == 9 || $0 == 10 || (32...126).contains($0) })
  }

  @Test("of bytes contain none of their words, wherever they are and wherever a line ends")
  func words() {
    for padding in 0..<130 {
      let bytes = [UInt8](repeating: 1, count: padding) + Array("hidden_state\u{0}int hidden_state;".utf8)
      #expect(!String(decoding: ByteLiteral.text(bytes), as: UTF8.self).contains("hidden_state"), "\(padding)")
    }
  }

  static let names: [String] = [
    "", "plain", "a\"b", "a\\", "a\nb", "a\tb\r", "??/", "*/", "\u{1}2", "\u{7f}9", "größe", "%s%n", "\u{0}x", "'",
    "//", "\u{1b}[31m",
  ]

  @Test("of names are read back, on one line and in ASCII", arguments: names)
  func name(_ name: String) throws {
    let literal = stringLiteral(name)
    #expect(literal.utf8.allSatisfy { (32...126).contains($0) })
    let source = """
      #include <stdio.h>
      static const char data[] = \(literal);
      int main(void) { fwrite(data, 1, sizeof(data), stdout); return 0; }
      """
    #expect(try CCompiler.output(of: source, flags: ["-trigraphs", "-Wno-trigraphs"]) == Array(name.utf8) + [0])
  }
}
