/// A name as bytes. Unlike `String`, it does not treat the two encodings of `é`, one code point or two, as equal.
public struct ByteName: Hashable {
  /// The bytes of the name, without a NUL.
  public let bytes: ArraySlice<UInt8>

  /// A name that shares the given bytes.
  @inlinable public init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  package init(_ text: String) { bytes = Array(text.utf8)[...] }

  /// Whether the name has no bytes.
  @inlinable public var isEmpty: Bool { bytes.isEmpty }
  /// A copy of the name in bytes of its own, which keeps no larger buffer alive.
  package var copy: ByteName { ByteName(Array(bytes)[...]) }
  /// For messages.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  // Written out, because a derived one is not inlinable.
  /// Whether both have the same bytes.
  @inlinable public static func == (left: ByteName, right: ByteName) -> Bool { left.bytes == right.bytes }

  /// Hashes what `==` compares.
  @inlinable public func hash(into hasher: inout Hasher) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    hasher.combine(bytes.count)
  }
}
