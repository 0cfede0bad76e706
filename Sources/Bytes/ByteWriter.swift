/// Appends integers in this machine's byte order.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  package mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  package mutating func append(_ more: [UInt8]) { bytes += more }

  package mutating func append(_ words: [UInt32]) {
    words.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// Appends zeros up to an offset.
  package mutating func pad(to offset: Int) {
    bytes.append(contentsOf: repeatElement(0, count: max(0, offset - bytes.count)))
  }
}

extension [UInt8] {
  /// The integer at an offset, in this machine's byte order.
  package func load<Value: FixedWidthInteger>(_: Value.Type = Value.self, at offset: Int) -> Value {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  package mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
  }
}
