/// A name as its bytes: two names that Swift's `String` calls equal (`é` in one code point and in two) are two names.
struct ByteName: Hashable {
  let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  init(_ text: String) { bytes = Array(text.utf8)[...] }

  var isEmpty: Bool { bytes.isEmpty }
  /// For messages.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(bytes.count)
  }
}

/// Names, each stored once, in the order in which they were first asked for: an ELF string table.
struct StringTable {
  private(set) var bytes: [UInt8] = [0]
  private var offsets: [ByteName: Int] = [:]

  /// Gives a place that has no offset so far the one at the end: one look-up finds the place and fills it.
  private static func settle(_ offset: inout Int, _ end: Int) -> Int {
    if offset == 0 { offset = end }
    return offset
  }

  mutating func offset(of name: ByteName) -> Int {
    if name.isEmpty { return 0 }
    let end = bytes.count
    let offset = StringTable.settle(&offsets[name, default: 0], end)
    if offset == end {
      bytes += name.bytes
      bytes.append(0)
    }
    return offset
  }
}
