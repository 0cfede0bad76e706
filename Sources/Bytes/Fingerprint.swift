internal import CXXHash

/// 128 bits that identify a value: the XXH3-128 of its canonical bytes.
///
/// Not a cryptographic hash: it detects changes, but an adversary can construct collisions.
public struct Fingerprint: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// The upper 64 bits.
  public let high: UInt64
  /// The lower 64 bits.
  public let low: UInt64

  /// A fingerprint with these bits.
  @inlinable public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  // Written out, because a derived one is not inlinable.
  /// Whether all 128 bits are equal.
  @inlinable public static func == (left: Fingerprint, right: Fingerprint) -> Bool {
    left.high == right.high && left.low == right.low
  }

  /// Hashes the low word only, which is as good a hash as both words together.
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(low) }

  /// The fingerprint of bytes. O(n), about 10 GB/s.
  ///
  /// - Parameter seed: the fingerprint of the preceding bytes.
  package init(of bytes: RawSpan, seed: UInt64 = 0) {
    let hash = unsafe bytes.withUnsafeBytes { unsafe XXH3_128bits_withSeed($0.baseAddress, $0.count, seed) }
    self.init(high: hash.high64, low: hash.low64)
  }

  package init(of bytes: Span<UInt8>, seed: UInt64 = 0) { unsafe self.init(of: bytes.bytes, seed: seed) }

  package init(of bytes: [UInt8]) { self.init(of: bytes.span) }

  package init(of text: String) { self.init(of: text.utf8.span) }

  /// Parses the output of `description`; `nil` unless the text is 32 lowercase hexadecimal digits.
  package init?(hex: some StringProtocol) {
    guard hex.utf8.count == 32 else { return nil }
    var words: (high: UInt64, low: UInt64) = (0, 0)
    for (index, digit) in hex.utf8.enumerated() {
      let value: UInt64
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = UInt64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
      if index < 16 { words.high = words.high << 4 | value } else { words.low = words.low << 4 | value }
    }
    self.init(high: words.high, low: words.low)
  }

  /// 32 lowercase hexadecimal digits, the high word first.
  public var description: String {
    unsafe String(unsafeUninitializedCapacity: 32) { digits in
      for index in 0..<32 {
        let digit = UInt8(truncatingIfNeeded: (index < 16 ? high : low) >> UInt64(60 - index % 16 * 4)) & 15
        unsafe digits[index] = digit < 10 ? 48 + digit : 87 + digit
      }
      return 32
    }
  }
}
