internal import BPF
package import Emit
internal import Files

/// The parameters of a header, without its object.
package struct HeaderSpec: Hashable, Sendable {
  package let name: String
  package let kind: HeaderOptions.Kind
  package let scope: PayloadScope?
  package let assertMembers: Bool
  package let strip: Bool

  var options: HeaderOptions { HeaderOptions(kind: kind, scope: scope) }

  package init(name: String, kind: HeaderOptions.Kind, scope: PayloadScope?, assertMembers: Bool, strip: Bool) {
    self.name = name
    self.kind = kind
    self.scope = scope
    self.assertMembers = assertMembers
    self.strip = strip
  }
}

/// The encoded form: words, and the scope after a tab, which a scope cannot contain. No line breaks.
///
///     KIND NAME[ assert][ strip][\tSCOPE]
extension HeaderSpec {
  func encode() -> String {
    var text = String(kind.rawValue)
    text += " "
    text += name
    if assertMembers { text += " assert" }
    if strip { text += " strip" }
    if let scope {
      text += "\t"
      text += scope.text
    }
    return text
  }

  /// Decodes the output of `encode()`. It is lenient: callers compare the result's `encode()` with the input.
  ///
  /// - Returns: `nil` for a text without a kind and a name, and for invalid combinations.
  init?(decoding text: Substring) {
    let parts = text.utf8.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
    // The name is not an option, even if it looks like one.
    guard let words = parts.first?.split(separator: UInt8(ascii: " "), maxSplits: 2), words.count >= 2,
      let number = UInt8(Substring(words[0])), let kind = HeaderOptions.Kind(rawValue: number)
    else { return nil }
    name = String(Substring(words[1]))
    self.kind = kind
    scope = parts.count > 1 ? PayloadScope(String(Substring(parts[1]))) : nil
    let options = words.count > 2 ? Substring(words[2]).split(at: " ") : []
    assertMembers = options.contains("assert")
    strip = options.contains("strip")
    guard BPFObject.isObjectName(name) else { return nil }
  }
}
