/// Appends integers in this machine's byte order.
public struct ByteWriter {
  @usableFromInline var written: [UInt8] = []

  /// The bytes written so far.
  @inlinable public var bytes: [UInt8] { written }

  package init(capacity: Int = 0) { written.reserveCapacity(capacity) }

  /// Appends an integer.
  @inlinable public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    unsafe withUnsafeBytes(of: value) { unsafe written.append(contentsOf: $0) }
  }

  /// Appends bytes. O(bytes).
  @inlinable public mutating func append(_ more: [UInt8]) { written += more }

  /// Appends 32-bit words. O(words).
  @inlinable public mutating func append(_ words: [UInt32]) {
    unsafe words.withUnsafeBytes { unsafe written.append(contentsOf: $0) }
  }

  /// Appends zeros up to an offset.
  @inlinable public mutating func pad(to offset: Int) {
    written.append(contentsOf: repeatElement(0, count: max(0, offset - written.count)))
  }
}

extension [UInt8] {
  /// Appends an integer's bytes.
  @inlinable public mutating func append(_ value: some FixedWidthInteger, in order: ByteOrder) {
    let ordered = order == .little ? value.littleEndian : value.bigEndian
    unsafe Swift.withUnsafeBytes(of: ordered) { unsafe append(contentsOf: $0) }
  }

  /// The integer at an offset, in this machine's byte order.
  @inlinable public func load<Value: FixedWidthInteger>(_: Value.Type = Value.self, at offset: Int) -> Value {
    unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  /// Overwrites the integer at an offset, which must be inside the bytes written so far.
  @inlinable public mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    unsafe withUnsafeMutableBytes { unsafe $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
  }
}
