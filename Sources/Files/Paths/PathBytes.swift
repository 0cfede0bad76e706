/// Paths as the bytes that they are: for Swift's characters a `/` with an accent behind it is another one, and a folder
/// whose name begins with an accent lies nowhere.
extension StringProtocol {
  package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

  /// As `hasPrefix`, by bytes.
  package func hasBytes(_ prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

  /// What stands between the bytes of one value.
  ///
  /// - Parameter omittingEmpty: whether nothing between two of them is left out.
  package func split(at byte: Unicode.Scalar, omittingEmpty: Bool = true) -> [Substring] {
    Substring(self).utf8.split(separator: UInt8(ascii: byte), omittingEmptySubsequences: omittingEmpty)
      .map { Substring($0) }
  }
}
