/// The part of protocol buffers' wire format that a worker's messages need. Source: protobuf.dev, "Encoding".
struct ProtocolBuffer {
  static let longestVarint = 10

  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// `nil` if it is incomplete.
  mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for (index, byte) in rest.prefix(ProtocolBuffer.longestVarint).enumerated() {
      value |= UInt64(byte & 0x7f) << (7 * UInt64(index))
      if byte < 0x80 {
        rest = rest.dropFirst(index + 1)
        return value
      }
    }
    return nil
  }

  /// The next field; `nil` if the data is invalid.
  mutating func field() -> (number: UInt64, value: Value)? {
    guard let key = varint() else { return nil }
    switch key & 7 {
    case 0: return varint().map { (key >> 3, .number($0)) }
    case 1: return take(8).map { (key >> 3, .bytes($0)) }
    case 2:
      guard let length = varint(), length <= UInt64(rest.count) else { return nil }
      return take(Int(length)).map { (key >> 3, .bytes($0)) }
    case 5: return take(4).map { (key >> 3, .bytes($0)) }
    default: return nil
    }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  /// A field, omitted if it has its default value, as the format requires.
  static func field(_ number: UInt64, _ value: Int32) -> [UInt8] {
    value == 0 ? [] : varint(number << 3) + varint(UInt64(bitPattern: Int64(value)))
  }

  static func field(_ number: UInt64, _ text: String) -> [UInt8] {
    text.isEmpty ? [] : varint(number << 3 | 2) + varint(UInt64(text.utf8.count)) + Array(text.utf8)
  }
}

extension WorkRequest {
  init(proto message: ArraySlice<UInt8>) {
    var buffer = ProtocolBuffer(message)
    while !buffer.rest.isEmpty {
      guard let (number, value) = buffer.field() else {
        fault = "it is not a protocol buffer"
        return
      }
      switch (number, value) {
      case (1, .bytes(let bytes)): arguments.append(text(bytes, "arguments"))
      case (3, .number(let value)): id = Int32(truncatingIfNeeded: value)
      case (4, .number(let value)): isCancellation = value != 0
      case (6, .bytes(let bytes)): sandboxFolder = text(bytes, "sandbox_dir")
      case (1, _), (3, _), (4, _), (6, _): fault = "its field \(number) is of another type"
      // Inputs, the verbosity, and fields of later versions.
      default: break
      }
    }
  }

  private mutating func text(_ bytes: ArraySlice<UInt8>, _ field: String) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    fault = "its \(field) is no UTF-8"
    return ""
  }
}

extension WorkResponse {
  var proto: [UInt8] {
    ProtocolBuffer.field(1, exitCode) + ProtocolBuffer.field(2, output) + ProtocolBuffer.field(3, id)
      + ProtocolBuffer.field(4, wasCancelled ? 1 : 0)
  }
}
