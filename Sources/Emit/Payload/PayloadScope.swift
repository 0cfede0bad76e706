/// A text that keeps two payloads of one name and one layout apart in one program: the name of a build's target, say.
///
/// Without it, of two static libraries with such payloads the linker takes the first one's bytes for both, without a
/// message.
package struct PayloadScope: Hashable, Sendable {
  package let text: String

  /// - Returns: `nil` for a text that is empty, has control characters, or is not UTF-8.
  package init?(_ text: String) {
    guard !text.isEmpty, text.unicodeScalars.allSatisfy(PayloadScope.carries) else { return nil }
    self.text = text
  }

  private static func carries(_ scalar: Unicode.Scalar) -> Bool {
    // U+FFFD is what the bytes of a command line become that are not UTF-8: different ones would be the same text.
    scalar.value >= 32 && scalar.value != 127 && scalar != "\u{fffd}"
  }

  /// What of the text a linker name can show, for the people who read its messages: letters, digits and `_`, anything
  /// else as `_`, 64 bytes at most. Different scopes can read the same.
  var symbolPart: String {
    let bytes = text.utf8.prefix(64).map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
