/// Encodes a value as bytes so that different values never have the same encoding.
///
/// Integers are eight bytes, least significant first; texts and lists are preceded by their length. The encoding is
/// never decoded; it is only the input of a fingerprint.
public struct CanonicalEncoder: Sendable {
  @usableFromInline var bytes: [UInt8] = []

  // Most encodings are shorter, and an array that grows by doubling is copied four times up to here.
  package init() { bytes.reserveCapacity(128) }

  /// Any integer as eight bytes; negative ones in two's complement.
  @inlinable public mutating func add(_ value: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: UInt64(truncatingIfNeeded: value).littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// One byte, 0 or 1.
  @inlinable public mutating func add(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// The two words of a fingerprint, the high one first.
  @inlinable public mutating func add(_ value: Fingerprint) {
    add(value.high)
    add(value.low)
  }

  /// A text's length in bytes, then its UTF-8.
  @inlinable public mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  /// The encodings of `nil` and of an empty text differ.
  @inlinable public mutating func add(_ text: String?) {
    add(text != nil)
    if let text { add(text) }
  }

  /// A list's length, then its elements, which the closure adds.
  @inlinable public mutating func add<Element>(
    _ list: [Element], _ addElement: (inout CanonicalEncoder, Element) -> Void
  ) {
    add(list.count)
    for element in list { addElement(&self, element) }
  }

  /// The fingerprint of everything added so far. O(bytes).
  package var fingerprint: Fingerprint { Fingerprint(of: bytes) }
}
