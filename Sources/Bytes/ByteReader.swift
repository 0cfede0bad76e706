/// The order of the bytes of an integer in a file.
package enum ByteOrder: Hashable, Sendable {
  case little, big

  /// This machine's.
  package static let host: ByteOrder = UInt16(littleEndian: 1) == 1 ? .little : .big
}

/// Reads integers of a file: the one place where bytes become numbers, every one of them checked against the end.
package struct ByteReader {
  package let bytes: [UInt8]
  package let order: ByteOrder

  package init(bytes: [UInt8], order: ByteOrder) {
    self.bytes = bytes
    self.order = order
  }

  /// The integer at a byte offset; `nil` when it does not lie inside the bytes.
  package func load<Value: FixedWidthInteger>(_: Value.Type = Value.self, at offset: Int) -> Value? {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    return order == .little ? Value(littleEndian: value) : Value(bigEndian: value)
  }

  /// The words of a range of bytes, which must lie inside of them and hold whole words. O(bytes).
  package func words(_ range: Range<Int>) -> [UInt32] {
    bytes[range].withUnsafeBytes { buffer in
      [UInt32](unsafeUninitializedCapacity: buffer.count / 4) { words, count in
        count = buffer.count / 4
        for index in 0..<count {
          let word = buffer.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          words.initializeElement(
            at: index, to: order == .little ? UInt32(littleEndian: word) : UInt32(bigEndian: word))
        }
      }
    }
  }

  /// The text from a byte offset to the next NUL; `nil` when none comes before `end`.
  package func text(at offset: Int, end: Int) -> String? {
    guard offset >= 0, offset < end, end <= bytes.count else { return nil }
    guard let terminator = bytes[offset..<end].firstIndex(of: 0) else { return nil }
    return String(decoding: bytes[offset..<terminator], as: UTF8.self)
  }
}
