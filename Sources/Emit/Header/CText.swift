/// C text as bytes, written as a string literal with interpolated names and numbers.
///
/// Swift's own interpolation checks and grows a `String` for each part: it was a sixth of the instructions of a first
/// build.
struct CText: Hashable, ExpressibleByStringInterpolation {
  let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }
  init(stringLiteral text: String) { self.init(text) }
  init(stringInterpolation parts: StringInterpolation) { bytes = parts.bytes }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    init(literalCapacity: Int, interpolationCount: Int) {
      // Most parts are names, and few are longer.
      bytes.reserveCapacity(literalCapacity + 24 * interpolationCount)
    }

    mutating func appendLiteral(_ text: String) { appendInterpolation(text) }

    mutating func appendInterpolation(_ text: String) {
      var text = text
      text.withUTF8 { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func appendInterpolation(_ value: some CustomStringConvertible) { appendInterpolation(value.description) }
  }
}
