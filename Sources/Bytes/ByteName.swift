/// A name as its bytes: two names that Swift's `String` calls equal (`é` in one code point and in two) are two names.
package struct ByteName: Hashable {
  package let bytes: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  package init(_ text: String) { bytes = Array(text.utf8)[...] }

  package var isEmpty: Bool { bytes.isEmpty }
  /// The same name in bytes of its own, which keep no others in memory.
  package var copy: ByteName { ByteName(Array(bytes)[...]) }
  /// For messages.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(bytes.count)
  }
}
