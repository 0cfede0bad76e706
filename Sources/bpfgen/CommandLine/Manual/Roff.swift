/// Escapes text for troff, so that no part of it is a request, an escape or a typographic character.
enum Roff {
  static func text(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\(rs"
      // Without these, terminals show hyphens, quotes and accents that shells do not accept when they are pasted.
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      case "." where result.isEmpty: result += "\\&."
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default: result += "\\[u" + String(repeating: "0", count: max(0, 4 - hex(scalar).count)) + hex(scalar) + "]"
      }
    }
    return result
  }

  private static func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16, uppercase: true) }

  static func bold(_ text: some StringProtocol) -> String { "\\fB" + Roff.text(text) + "\\fR" }
  static func italic(_ text: some StringProtocol) -> String { "\\fI" + Roff.text(text) + "\\fR" }

  /// Prose; text in `backticks` becomes bold.
  static func prose(_ text: some StringProtocol) -> String {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().map { $0 % 2 == 0 ? Roff.text($1) : bold($1) }.joined()
  }

  /// A usage line: literal text is bold, `<placeholders>` are italic.
  static func usage(_ line: String) -> String {
    line.split(separator: " ").map { word in
      if let open = word.firstIndex(of: "<"), let close = word.lastIndex(of: ">") {
        return text(word[..<open]) + italic(word[word.index(after: open)..<close])
          + text(word[word.index(after: close)...])
      }
      if word.hasPrefix("[") { return text(word) }
      return word.hasSuffix(",") ? bold(word.dropLast()) + "," : bold(word)
    }.joined(separator: " ")
  }
}
