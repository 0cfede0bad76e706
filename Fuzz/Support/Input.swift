/// What libFuzzer hands over, as Swift has bytes.
public func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  Array(UnsafeBufferPointer(start: start, count: count))
}

/// Decisions that an input makes, one after the other; 0 when it has no bytes left.
public struct Choices {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }

  public var isEmpty: Bool { rest.isEmpty }

  /// A number below a limit.
  public mutating func number(below limit: Int) -> Int {
    guard limit > 1 else { return 0 }
    var number = 0
    for _ in 0..<(limit <= 256 ? 1 : 4) { number = number << 8 | Int(rest.popFirst() ?? 0) }
    return number % limit
  }

  /// So many bytes, or those that are left.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
