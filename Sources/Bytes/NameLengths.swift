/// Limits the total length of names.
///
/// Names may overlap: each can be another suffix of one long string, and their total length the square of the file's
/// size. The time to read names is linear in the file's size if their total length is.
package struct NameLengths {
  private let strings: ArraySlice<UInt8>
  private var left: Int
  /// Whether any string is long enough for names to exceed the limit.
  package let areBounded: Bool

  /// - Parameters:
  ///   - strings: ends with a NUL.
  ///   - entryBytes: the minimum number of bytes in the file that refer to a name.
  ///   - fileBytes: the limit is 64 times this, plus 1 MiB.
  package init(_ strings: ArraySlice<UInt8>, entryBytes: Int, fileBytes: Int) {
    self.strings = strings
    left = NameLengths.limit(fileBytes)
    areBounded = NameLengths.areAll(strings, upTo: 64 * entryBytes)
  }

  /// The maximum number of bytes of text, or of names, for a file of this size.
  package static func limit(_ fileBytes: Int) -> Int { 64 * fileBytes + 1 << 20 }

  /// Counts a name.
  ///
  /// - Returns: whether all names so far are within the limit.
  package mutating func add(_ offset: UInt32) -> Bool {
    let start = strings.startIndex + Int(offset)
    left -= strings[start...].prefix(max(0, left) + 1).prefix { $0 != 0 }.count
    return left >= 0
  }

  /// Whether no string is longer than a limit, that is, the next NUL is never further away. O(bytes / limit) if strings
  /// are short.
  private static func areAll(_ strings: ArraySlice<UInt8>, upTo limit: Int) -> Bool {
    var start = strings.startIndex
    while strings.endIndex - start > limit {
      guard let end = strings[start...start + limit].lastIndex(of: 0) else { return false }
      start = end + 1
    }
    return true
  }
}
