/// The byte order of the integers in a file.
public enum ByteOrder: Hashable, Sendable {
  case little, big

  /// This machine's.
  @inlinable public static var host: ByteOrder { UInt16(littleEndian: 1) == 1 ? .little : .big }
}

/// Reads the integers of a file. Only this type turns bytes into numbers, and it checks each one against the end.
public struct ByteReader {
  /// All bytes of the file.
  public let bytes: [UInt8]
  /// The byte order of its integers.
  public let order: ByteOrder

  package init(bytes: [UInt8], order: ByteOrder) {
    self.bytes = bytes
    self.order = order
  }

  /// The integer at a byte offset; `nil` if it is not inside the bytes.
  @inlinable public func load<Value: FixedWidthInteger>(_: Value.Type = Value.self, at offset: Int) -> Value? {
    let size = MemoryLayout<Value>.size
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    let value = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    return switch order {
    case .little: Value(littleEndian: value)
    case .big: Value(bigEndian: value)
    }
  }

  /// The 32-bit words of a range of bytes, which must be inside the bytes and contain only whole words. O(bytes).
  @inlinable public func words(_ range: Range<Int>) -> [UInt32] {
    unsafe bytes[range].withUnsafeBytes { buffer in
      unsafe [UInt32](unsafeUninitializedCapacity: buffer.count / 4) { words, count in
        let isSwapped = order != .host
        count = buffer.count / 4
        for index in 0..<count {
          let word = unsafe buffer.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          unsafe words.initializeElement(at: index, to: isSwapped ? word.byteSwapped : word)
        }
      }
    }
  }

  /// The text from a byte offset to the next NUL; `nil` if there is none before `end`.
  package func text(at offset: Int, end: Int) -> String? {
    guard offset >= 0, offset < end, end <= bytes.count else { return nil }
    guard let terminator = bytes[offset..<end].firstIndex(of: 0) else { return nil }
    return String(decoding: bytes[offset..<terminator], as: UTF8.self)
  }
}
