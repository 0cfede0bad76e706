/// Writes a value as bytes so that different values never give the same bytes.
///
/// Integers are eight bytes, least significant first; texts and lists carry their length in front. The encoding is
/// never read back: it is what a fingerprint is taken of.
public struct CanonicalEncoder: Sendable {
  @usableFromInline var bytes: [UInt8] = []

  package init() {}

  /// Any integer as eight bytes; negative ones as their two's complement.
  @inlinable public mutating func add(_ value: some FixedWidthInteger) {
    var word = UInt64(truncatingIfNeeded: value)
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: word))
      word >>= 8
    }
  }

  @inlinable public mutating func add(_ value: Bool) { bytes.append(value ? 1 : 0) }

  @inlinable public mutating func add(_ value: Fingerprint) {
    add(value.high)
    add(value.low)
  }

  /// A text's length in bytes, then its UTF-8.
  @inlinable public mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  /// `nil` and an empty text are told apart.
  @inlinable public mutating func add(_ text: String?) {
    add(text != nil)
    if let text { add(text) }
  }

  /// A list's length, then its elements as the closure adds them.
  @inlinable public mutating func add<Element>(
    _ list: [Element], _ addElement: (inout CanonicalEncoder, Element) -> Void
  ) {
    add(list.count)
    for element in list { addElement(&self, element) }
  }

  /// The fingerprint of all that was added so far. O(bytes).
  package var fingerprint: Fingerprint { Fingerprint(of: bytes) }
}
