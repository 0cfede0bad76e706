internal import BPF
internal import BTF
internal import Bytes

/// Writes C text line by line, indented by tabs.
struct CWriter {
  private var finished = ByteRope()
  private var bytes: [UInt8] = []
  private var depth = 0

  /// What was written so far.
  var rope: ByteRope {
    var rope = finished
    rope.append(bytes)
    return rope
  }

  /// One line, or several where the text has line breaks: each gets the indentation.
  mutating func line(_ text: String) {
    let lineBreak = UInt8(ascii: "\n")
    var text = text
    text.withUTF8 { rest in
      var start = rest.startIndex
      // Piece by piece: a byte at a time this was a seventh of the time that a build of many headers takes.
      while start < rest.endIndex {
        let end = rest[start...].firstIndex(of: lineBreak) ?? rest.endIndex
        // A preprocessor line, as there may be in a declaration, is at the margin.
        if rest[start...].first != UInt8(ascii: "#") { for _ in 0..<depth { bytes.append(UInt8(ascii: "\t")) } }
        bytes.append(contentsOf: rest[start..<end])
        if end < rest.endIndex { bytes.append(lineBreak) }
        start = end + 1
      }
    }
    bytes.append(lineBreak)
  }

  mutating func lines(_ texts: String...) {
    for text in texts { line(text) }
  }

  mutating func blank() { bytes.append(UInt8(ascii: "\n")) }

  /// A preprocessor line, at the margin whatever is around it.
  mutating func directive(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Many bytes as they are, shared and not copied.
  mutating func raw(_ more: [UInt8]) {
    finished.append(bytes)
    finished.append(more)
    bytes = []
  }

  mutating func indented(_ body: (inout CWriter) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// `opening`, the body one level deeper, `closing`.
  mutating func block(_ opening: String, _ closing: String, _ body: (inout CWriter) -> Void) {
    line(opening)
    indented(body)
    line(closing)
  }

  /// A static inline function.
  mutating func function(_ result: String, _ signature: String, _ body: (inout CWriter) -> Void) {
    blank()
    line("static inline \(result)\(result.hasSuffix("*") ? "" : " ")\(signature)")
    block("{", "}", body)
  }

  /// A line that uses a member's name, once for each language where the names differ.
  mutating func naming(_ identifier: CIdentifier, _ text: (String) -> String) {
    guard identifier.differs else { return line(text(identifier.c)) }
    directive("#ifndef __cplusplus")
    line(text(identifier.c))
    directive("#else")
    line(text(identifier.cxx))
    directive("#endif")
  }

  mutating func onlyCxx(_ body: (inout CWriter) -> Void) {
    directive("#ifdef __cplusplus")
    body(&self)
    directive("#endif /* __cplusplus */")
  }
}

/// A C string literal for a name that came from an object: every byte that could end or change it is escaped.
func stringLiteral(_ name: String) -> String {
  var text = "\""
  for byte in name.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"), 0..<32, 127...:
      let octal = String(byte, radix: 8)
      text += "\\" + String(repeating: "0", count: 3 - octal.utf8.count) + octal
    default: text.unicodeScalars.append(Unicode.Scalar(byte))
    }
  }
  return text + "\""
}
