/// A JSON value with its position, for error messages.
package struct JSONValue {
  package enum Content {
    case object([(key: JSONKey, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null
  }

  package let content: Content
  let position: TextPosition

  /// The value's type, for messages.
  package var kind: String {
    switch content {
    case .object: "an object"
    case .array: "a list"
    case .string: "a string"
    case .number: "a number"
    case .bool: "true or false"
    case .null: "null"
    }
  }
}

package struct JSONKey {
  package let text: String
  let position: TextPosition
}

/// A position in a text. Lines and columns are counted from 1; columns count bytes.
package struct TextPosition: Hashable, Sendable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// Reads JSON. Source: RFC 8259. Foundation's reader does not report positions, which errors in graph files need.
package struct JSONReader {
  package struct Failure: Error {
    let position: TextPosition
    package let what: String
  }

  /// More than any graph file needs, and safe for the stack.
  private static let maximumDepth = 64

  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var lineStart = 0

  package static func read(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    reader.skipBlanks()
    guard reader.offset == bytes.count else { throw reader.failure("expected the end of the file") }
    return value
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var position: TextPosition { TextPosition(line: line, column: offset - lineStart + 1) }
  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func failure(_ what: String) -> Failure { Failure(position: position, what: what) }

  private mutating func skipBlanks() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 {
      offset += 1
      if byte == 10 {
        line += 1
        lineStart = offset
      }
    }
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    skipBlanks()
    guard depth < JSONReader.maximumDepth else { throw failure("values are nested too deep") }
    let start = position
    switch next {
    case UInt8(ascii: "{"): return JSONValue(content: try object(depth), position: start)
    case UInt8(ascii: "["): return JSONValue(content: try array(depth), position: start)
    case UInt8(ascii: "\""): return JSONValue(content: .string(try string()), position: start)
    case UInt8(ascii: "t"): return JSONValue(content: try word("true", .bool(true)), position: start)
    case UInt8(ascii: "f"): return JSONValue(content: try word("false", .bool(false)), position: start)
    case UInt8(ascii: "n"): return JSONValue(content: try word("null", .null), position: start)
    case nil: throw failure("expected a value, found the end of the file")
    case let byte?:
      guard byte == UInt8(ascii: "-") || (byte >= 48 && byte <= 57) else { throw failure("expected a value") }
      return JSONValue(content: try number(), position: start)
    }
  }

  private mutating func object(_ depth: Int) throws(Failure) -> JSONValue.Content {
    offset += 1
    var members: [(JSONKey, JSONValue)] = []
    skipBlanks()
    if take("}") { return .object([]) }
    members.reserveCapacity(4)
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw failure("expected a name in quotes") }
      let start = position
      let key = JSONKey(text: try string(), position: start)
      skipBlanks()
      guard take(":") else { throw failure("expected ':'") }
      members.append((key, try value(depth: depth + 1)))
      skipBlanks()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("expected ',' or '}'") }
    }
  }

  private mutating func array(_ depth: Int) throws(Failure) -> JSONValue.Content {
    offset += 1
    var elements: [JSONValue] = []
    skipBlanks()
    if take("]") { return .array([]) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if take("]") { return .array(elements) }
      guard take(",") else { throw failure("expected ',' or ']'") }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func word(_ text: StaticString, _ content: JSONValue.Content) throws(Failure) -> JSONValue.Content {
    let matches = text.withUTF8Buffer { unsafe bytes[offset...].starts(with: $0) }
    guard matches else { throw failure("expected a value") }
    offset += text.utf8CodeUnitCount
    return content
  }

  private mutating func number() throws(Failure) -> JSONValue.Content {
    let start = offset
    _ = take("-")
    // A leading zero is not followed by digits.
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    // Swift parses every text that matches the grammar.
    guard let number = Double(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
      throw failure("invalid number")
    }
    return .number(number)
  }

  private mutating func digits() throws(Failure) {
    let start = offset
    while let byte = next, byte >= 48 && byte <= 57 { offset += 1 }
    if offset == start { throw failure("invalid number: expected a digit") }
  }

  private mutating func string() throws(Failure) -> String {
    offset += 1
    // Without escapes, as nearly all are, a string is a part of the file.
    var start = offset
    var unescaped: [UInt8]?
    while true {
      while let byte = next, byte >= 32, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { offset += 1 }
      guard let byte = next else { throw failure("a string does not end") }
      guard byte >= 32 else { throw failure("a string holds a control character or does not end") }
      offset += 1
      if byte == UInt8(ascii: "\"") { break }
      var text = unescaped ?? []
      text += bytes[start..<offset - 1]
      try escape(into: &text)
      unescaped = text
      start = offset
    }
    let last = bytes.span.extracting(start..<offset - 1)
    do throws(UTF8.ValidationError) {
      guard var unescaped else { return String(copying: try UTF8Span(validating: last)) }
      unescaped += bytes[start..<offset - 1]
      return String(copying: try UTF8Span(validating: unescaped.span))
    } catch { throw failure("this string is not UTF-8") }
  }

  private mutating func escape(into text: inout [UInt8]) throws(Failure) {
    let plain: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 34, UInt8(ascii: "\\"): 92, UInt8(ascii: "/"): 47, UInt8(ascii: "b"): 8,
      UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    ]
    guard let letter = next else { throw failure("a string does not end") }
    offset += 1
    if let byte = plain[letter] { return text.append(byte) }
    guard letter == UInt8(ascii: "u") else { throw failure("an unknown escape") }
    var unit = try hexadecimal()
    if unit & 0xfc00 == 0xd800 {
      guard take("\\"), take("u") else { throw failure("half of a character") }
      let low = try hexadecimal()
      guard low & 0xfc00 == 0xdc00 else { throw failure("half of a character") }
      unit = 0x10000 + (unit & 0x3ff) << 10 + low & 0x3ff
    }
    guard let scalar = Unicode.Scalar(unit) else { throw failure("half of a character") }
    text.append(contentsOf: String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw failure("expected four hexadecimal digits")
      }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }
}
