/// A text that distinguishes two payloads of the same name and layout in one program, for example the name of a build
/// target.
///
/// Without it, if two static libraries have such payloads, the linker silently uses the bytes of the first one for
/// both.
package struct PayloadScope: Hashable, Sendable {
  package let text: String

  /// - Returns: `nil` if the text is empty, has control characters, or is not UTF-8.
  package init?(_ text: String) {
    guard !text.isEmpty, text.unicodeScalars.allSatisfy(PayloadScope.carries) else { return nil }
    self.text = text
  }

  private static func carries(_ scalar: Unicode.Scalar) -> Bool {
    // Bytes of a command line that are not UTF-8 become U+FFFD, which would make different texts equal.
    scalar.value >= 32 && scalar.value != 127 && scalar != "\u{fffd}"
  }

  /// The readable form of the scope in linker names: letters, digits and `_` are kept, anything else becomes `_`, and
  /// it is truncated to 64 bytes. Different scopes may have the same form.
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
