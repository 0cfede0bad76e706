internal import CXXHash

/// Bytes in several pieces that are written one after the other. Large pieces are shared, never copied.
package struct ByteRope: Sendable {
  package private(set) var pieces: [[UInt8]]

  package init(_ pieces: [[UInt8]] = []) { self.pieces = pieces.filter { !$0.isEmpty } }
  package init(_ bytes: [UInt8]) { self.init([bytes]) }
  package init(_ text: String) { self.init([Array(text.utf8)]) }

  package var count: Int { pieces.reduce(0) { $0 + $1.count } }

  package mutating func append(_ piece: [UInt8]) {
    if !piece.isEmpty { pieces.append(piece) }
  }

  package mutating func append(_ rope: ByteRope) { pieces += rope.pieces }

  /// O(beginning).
  package func starts(with beginning: [UInt8]) -> Bool { pieces.lazy.joined().starts(with: beginning) }

  /// All pieces in one array; O(bytes).
  package func joined() -> [UInt8] {
    if pieces.count == 1 { return pieces[0] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    // Piece by piece: the standard library iterates its joined sequence byte by byte.
    for piece in pieces { bytes += piece }
    return bytes
  }
}

extension Fingerprint {
  /// The fingerprint of the joined bytes, without joining them.
  package init(of rope: ByteRope) {
    if rope.pieces.count == 1 {
      self.init(of: rope.pieces[0])
      return
    }
    let state = unsafe XXH3_createState()
    defer { unsafe XXH3_freeState(state) }
    unsafe XXH3_128bits_reset(state)
    for piece in rope.pieces {
      unsafe piece.withUnsafeBytes { _ = unsafe XXH3_128bits_update(state, $0.baseAddress, $0.count) }
    }
    let hash = unsafe XXH3_128bits_digest(state)
    self.init(high: hash.high64, low: hash.low64)
  }
}
