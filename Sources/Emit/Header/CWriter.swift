internal import BPF
internal import BTF
internal import Bytes

/// Writes C text, indented by tabs: multi-line blocks where the text is the same for each object except for names, and
/// single lines where it depends on the object's parts.
struct CWriter {
  private var finished = ByteRope()
  private var bytes: [UInt8] = []
  private var depth = 0

  /// The text so far.
  var rope: ByteRope {
    var rope = finished
    rope.append(bytes)
    return rope
  }

  /// One line, or several if a declaration has line breaks.
  mutating func line(_ text: CText) { lines(text) }

  /// Lines, indented unless they are empty or preprocessor lines.
  mutating func lines(_ text: CText) {
    guard depth > 0 else { return directive(text) }
    let lineBreak = UInt8(ascii: "\n")
    var rest = text.bytes[...]
    // Line by line: byte by byte, this took a seventh of the time of a build of many headers.
    while let first = rest.first {
      let end = rest.firstIndex(of: lineBreak) ?? rest.endIndex
      if first != lineBreak, first != UInt8(ascii: "#") {
        for _ in 0..<depth { bytes.append(UInt8(ascii: "\t")) }
      }
      bytes += rest[..<end]
      if end < rest.endIndex { bytes.append(lineBreak) }
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    bytes.append(lineBreak)
  }

  mutating func blank() { bytes.append(UInt8(ascii: "\n")) }

  /// One or more preprocessor lines, not indented.
  mutating func directive(_ text: CText) {
    bytes += text.bytes
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Many bytes, unchanged, shared and not copied.
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
  mutating func block(_ opening: CText, _ closing: CText, _ body: (inout CWriter) -> Void) {
    line(opening)
    indented(body)
    line(closing)
  }

  /// A line that uses a member's name, once for each language if the names differ.
  mutating func naming(_ identifier: CIdentifier, _ text: (String) -> CText) {
    line(differs: identifier.differs) { name in text(name(identifier)) }
  }

  /// A line that uses names, once for each language if one of them differs.
  ///
  /// - Parameter text: returns the line; its argument returns the name of an identifier in the language.
  mutating func line(differs: Bool, _ text: ((CIdentifier) -> String) -> CText) {
    guard differs else { return line(text { $0.c }) }
    directive("#ifndef __cplusplus")
    line(text { $0.c })
    directive("#else")
    line(text { $0.cxx })
    directive("#endif")
  }
}

/// A C string literal for a name from an object: every byte that could end or change it is escaped.
func stringLiteral(_ name: String) -> String {
  func isEscaped(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"), 0..<32, 127...: true
    default: false
    }
  }
  guard name.utf8.contains(where: isEscaped) else { return "\"" + name + "\"" }
  var text = "\""
  for byte in name.utf8 {
    if isEscaped(byte) {
      let octal = String(byte, radix: 8)
      text += "\\" + String(repeating: "0", count: 3 - octal.utf8.count) + octal
    } else {
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
  }
  return text + "\""
}
