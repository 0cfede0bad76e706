import Testing

@testable import Bytes

@Suite("Fingerprints")
struct FingerprintTests {
  /// What `xxhsum -H2` (0.8.1) prints: the ids of two machines, or two builds, must be the same.
  static let known: [(bytes: [UInt8], hex: String)] = [
    (Array("".utf8), "99aa06d3014798d86001c324468d497f"),
    (Array("a".utf8), "a96faf705af16834e6c632b61e964e1f"),
    (Array("abc".utf8), "06b05ab6733a618578af5f94892f3950"),
    (Array("bpfgen".utf8), "08ce52b948b0dfb11178e728c55585d8"),
    ((0..<1000).map { UInt8($0 % 251) }, "18bf41bc8229e27733ef703fb2b20ed1"),
  ]

  @Test("are XXH3-128 as xxhsum prints it", arguments: known)
  func knownValues(_ bytes: [UInt8], _ hex: String) {
    #expect(Fingerprint(of: bytes).description == hex)
    #expect(Fingerprint(of: String(decoding: bytes, as: UTF8.self)).description == hex || bytes.contains { $0 > 127 })
  }

  @Test(
    "of several pieces are those of the joined bytes",
    arguments: [[1000], [0, 1000], [1, 999], [239, 1, 760], [300, 300, 400]])
  func pieces(_ lengths: [Int]) {
    let bytes = Self.known[4].bytes
    var rope = ByteRope()
    var start = 0
    for length in lengths {
      rope.append(Array(bytes[start..<start + length]))
      start += length
    }
    #expect(rope.count == bytes.count && rope.joined() == bytes)
    #expect(Fingerprint(of: rope) == Fingerprint(of: bytes))
  }

  @Test("are parsed from their digits")
  func roundTrip() throws {
    var state: UInt64 = 1
    for _ in 0..<200 {
      let words = (0..<2).map { _ -> UInt64 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
      }
      let fingerprint = Fingerprint(high: words[0], low: words[1])
      #expect(fingerprint.description.utf8.count == 32)
      #expect(Fingerprint(hex: fingerprint.description) == fingerprint)
    }
    #expect(Fingerprint(hex: String(repeating: "0", count: 32)) == Fingerprint(high: 0, low: 0))
  }

  @Test(
    "are read from nothing but 32 lowercase digits",
    arguments: [
      "", "99aa06d3014798d86001c324468d497", "99aa06d3014798d86001c324468d497f0", "99AA06d3014798d86001c324468d497f",
      "99aa06d3014798d86001c324468d497g", "-9aa06d3014798d86001c324468d497f", " 9aa06d3014798d86001c324468d497f",
      "99aa06d3014798d86001c324468d49é",
    ])
  func noDigits(_ text: String) { #expect(Fingerprint(hex: text) == nil) }
}
