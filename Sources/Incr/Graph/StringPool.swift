internal import Bytes

/// Many texts in one byte array, by index: a path costs its bytes plus four.
struct StringPool: Hashable, Sendable {
  /// The texts, each followed by a zero byte, so that they can be passed to system calls.
  private(set) var bytes: [UInt8]
  /// The offset of each text, and of the end.
  private(set) var starts: [UInt32]

  init() {
    bytes = []
    starts = [0]
  }

  /// - Returns: `nil` if the parts are inconsistent: they come from a file.
  init?(bytes: [UInt8], starts: [UInt32]) {
    guard starts.first == 0, Int(starts.last!) == bytes.count else { return nil }
    for index in 1..<max(1, starts.count) {
      guard starts[index - 1] < starts[index], Int(starts[index]) <= bytes.count, bytes[Int(starts[index]) - 1] == 0
      else { return nil }
    }
    self.bytes = bytes
    self.starts = starts
  }

  var count: Int { starts.count - 1 }

  mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    starts.append(UInt32(bytes.count))
  }

  subscript(index: Int) -> String {
    String(decoding: bytes[Int(starts[index])..<Int(starts[index + 1]) - 1], as: UTF8.self)
  }

  func isEmpty(_ index: Int) -> Bool { starts[index] + 1 == starts[index + 1] }

  /// Whether two paths have the same bytes up to the last slash. O(length).
  func areInOneFolder(_ first: Int, _ second: Int) -> Bool {
    func folder(_ index: Int) -> ArraySlice<UInt8> {
      let path = bytes[Int(starts[index])..<Int(starts[index + 1])]
      return path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
    }
    return folder(first) == folder(second)
  }

  func fingerprint(_ index: Int) -> Fingerprint {
    Fingerprint(of: bytes.span.extracting(Int(starts[index])..<Int(starts[index + 1]) - 1))
  }

  /// The text as a C string, without a copy.
  func withCString<Result>(_ index: Int, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe body(buffer.baseAddress!.advanced(by: Int(starts[index])).assumingMemoryBound(to: CChar.self))
    }
  }
}
