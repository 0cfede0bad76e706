/// Paths as bytes. In terms of Swift's characters, a `/` followed by a combining accent is not a `/`, so a folder whose
/// name begins with an accent would not be found.
extension StringProtocol {
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// Splits at each byte of one value.
  ///
  /// - Parameter omittingEmpty: whether empty parts are omitted.
  package func split(at byte: Unicode.Scalar, omittingEmpty: Bool = true) -> [Substring] {
    Substring(self).utf8.split(separator: UInt8(ascii: byte), omittingEmptySubsequences: omittingEmpty)
      .map { Substring($0) }
  }
}

extension String {
  /// `hasPrefix`, but by bytes.
  package func hasBytes(_ prefix: String) -> Bool {
    let (bytes, prefix) = (utf8.span, prefix.utf8.span)
    return bytes.count >= prefix.count && prefix.indices.allSatisfy { bytes[$0] == prefix[$0] }
  }
}
