import Testing

@testable import Bytes

/// An id identifies a value only if no other value has the same encoding.
@Suite("The canonical encoding")
struct CanonicalEncoderTests {
  /// Values that a careless encoding mixes up. Types are not encoded: values of one place have one type (an empty text
  /// and an empty list are both a zero).
  static let different: [@Sendable (inout CanonicalEncoder) -> Void] = [
    { _ in },
    { $0.add("") },
    { $0.add("a") },
    { $0.add("ab") },
    {
      $0.add("a")
      $0.add("b")
    },
    {
      $0.add("")
      $0.add("ab")
    },
    {
      $0.add("ab")
      $0.add("")
    },
    { $0.add("a\u{0}b") },
    { $0.add(String?.none) },
    { $0.add(String?("")) },
    { $0.add(String?("a")) },
    { $0.add(["a"]) { $0.add($1) } },
    { $0.add(["a", "b"]) { $0.add($1) } },
    { $0.add(["ab"]) { $0.add($1) } },
    { $0.add([["a"], ["b"]]) { $0.add($1) { $0.add($1) } } },
    { $0.add([["a", "b"]]) { $0.add($1) { $0.add($1) } } },
    { $0.add([["a", "b"], []]) { $0.add($1) { $0.add($1) } } },
    { $0.add([[], ["a", "b"]]) { $0.add($1) { $0.add($1) } } },
    { $0.add(1 as UInt32) },
    { $0.add(256 as UInt32) },
    { $0.add(-1 as Int32) },
    { $0.add(UInt64(UInt32.max)) },
    { $0.add(true) },
    { $0.add(Fingerprint(high: 1, low: 2)) },
    { $0.add(Fingerprint(high: 2, low: 1)) },
  ]

  @Test("gives different values different fingerprints")
  func injective() {
    var seen: [Fingerprint: Int] = [:]
    for (index, write) in Self.different.enumerated() {
      var encoder = CanonicalEncoder()
      write(&encoder)
      if let earlier = seen.updateValue(index, forKey: encoder.fingerprint) {
        Issue.record("values \(earlier) and \(index) have one encoding")
      }
    }
  }

  @Test("gives one number one encoding, whatever the width of its type")
  func widths() {
    func fingerprint(_ value: some FixedWidthInteger) -> Fingerprint {
      var encoder = CanonicalEncoder()
      encoder.add(value)
      return encoder.fingerprint
    }
    #expect(
      Set([fingerprint(7 as UInt8), fingerprint(7 as UInt16), fingerprint(7 as UInt32), fingerprint(7 as Int)]).count
        == 1)
  }

  @Test("is eight bytes per number, least significant first, and a length before each text and list")
  func bytes() {
    var encoder = CanonicalEncoder()
    encoder.add(0x0102 as UInt16)
    encoder.add("ab")
    #expect(encoder.fingerprint == Fingerprint(of: [2, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x61, 0x62]))
  }
}
