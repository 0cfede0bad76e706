/// How long names are together.
///
/// Names may share their bytes: each could be another end of one long string, and all of them written out would take the
/// square of the file's size. What reads names is bounded by the file's size when their sum is.
package struct NameLengths {
  private let strings: ArraySlice<UInt8>
  private var left: Int
  /// Whether any string is long enough for names to take more than they may.
  package let areBounded: Bool

  /// - Parameters:
  ///   - strings: ends with a NUL.
  ///   - entryBytes: the fewest bytes of the file that a name is mentioned in.
  ///   - fileBytes: names may take 64 times as much, and 1 MiB.
  package init(_ strings: ArraySlice<UInt8>, entryBytes: Int, fileBytes: Int) {
    self.strings = strings
    left = NameLengths.limit(fileBytes)
    areBounded = NameLengths.areAll(strings, upTo: 64 * entryBytes)
  }

  /// How many bytes of text, or of names, a file of this size may stand for.
  package static func limit(_ fileBytes: Int) -> Int { 64 * fileBytes + 1 << 20 }

  /// Whether one more name can be read.
  package mutating func take(_ offset: UInt32) -> Bool {
    let start = strings.startIndex + Int(offset)
    left -= strings[start...].prefix(max(0, left) + 1).prefix { $0 != 0 }.count
    return left >= 0
  }

  /// Whether no string is longer than a number of bytes: a NUL is within as many of each other one. O(bytes / limit) where
  /// strings are short.
  private static func areAll(_ strings: ArraySlice<UInt8>, upTo limit: Int) -> Bool {
    var start = strings.startIndex
    while strings.endIndex - start > limit {
      guard let end = strings[start...start + limit].lastIndex(of: 0) else { return false }
      start = end + 1
    }
    return true
  }
}
