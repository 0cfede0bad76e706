/// Bytes as C string literals, 64 bytes per line: compilers parse them many times faster than lists of numbers.
///
/// The first letter of each word is escaped, so that a text search for a name finds the header that declares it, and
/// not the symbol tables and source lines of every embedded object.
enum ByteLiteral {
  private static let bytesPerLine = 64
  /// Two tabs, two quotes, a line break, and at most four characters per byte.
  private static let maximumLine = 5 + 4 * bytesPerLine

  /// The literal and the semicolon that ends its declaration. About 500 MB/s: this is most of the time for a
  /// self-contained header.
  static func text(_ bytes: [UInt8]) -> [UInt8] {
    let lines = max(1, (bytes.count + bytesPerLine - 1) / bytesPerLine)
    let escapes = Escapes()
    func isWordByte(_ index: Int) -> Bool {
      bytes.indices.contains(index) && escapes.isInWord[Int(bytes[index])]
    }
    return unsafe [UInt8](unsafeUninitializedCapacity: lines * maximumLine + 2) { output, count in
      var at = 0
      func put(_ byte: UInt8) {
        unsafe output.initializeElement(at: at, to: byte)
        at += 1
      }
      for line in 0..<lines {
        put(UInt8(ascii: "\t"))
        put(UInt8(ascii: "\t"))
        put(UInt8(ascii: "\""))
        let end = min(bytes.count, (line + 1) * bytesPerLine)
        for index in line * bytesPerLine..<end {
          // An escape has up to three octal digits: a short one must not be followed by a digit.
          let digitFollows = index + 1 < end && bytes[index + 1] >= 48 && bytes[index + 1] <= 55
          let startsWord = isWordByte(index) && isWordByte(index + 1) && !isWordByte(index - 1)
          let escape =
            startsWord
            ? escapes.word[Int(bytes[index])]
            : digitFollows ? escapes.long[Int(bytes[index])] : escapes.short[Int(bytes[index])]
          for shift in 0..<Int(escape >> 32) { put(UInt8(truncatingIfNeeded: escape >> UInt64(8 * shift))) }
        }
        put(UInt8(ascii: "\""))
        if line == lines - 1 { put(UInt8(ascii: ";")) }
        put(UInt8(ascii: "\n"))
      }
      count = at
    }
  }

  /// The text of each byte: up to four characters, the first one lowest, and their number from bit 32 on.
  private struct Escapes {
    var short = [UInt64](repeating: 0, count: 256)
    var long = [UInt64](repeating: 0, count: 256)
    /// Always a three-digit escape.
    var word = [UInt64](repeating: 0, count: 256)
    /// Letters, digits and `_`.
    var isInWord = [Bool](repeating: false, count: 256)

    init() {
      for value in 0..<256 {
        let byte = UInt8(value)
        let octal = Array(String(byte, radix: 8).utf8)
        let backslash = UInt8(ascii: "\\")
        // `?` could begin a trigraph.
        let isPlain =
          byte >= 32 && byte < 127 && byte != backslash && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "?")
        let threeDigits = [backslash] + [UInt8](repeating: 48, count: 3 - octal.count) + octal
        short[value] = Escapes.pack(isPlain ? [byte] : [backslash] + octal)
        long[value] = Escapes.pack(isPlain ? [byte] : threeDigits)
        word[value] = Escapes.pack(threeDigits)
        isInWord[value] = (48...57).contains(byte) || (97...122).contains(byte | 32) || byte == UInt8(ascii: "_")
      }
    }

    private static func pack(_ text: [UInt8]) -> UInt64 {
      text.reversed().reduce(UInt64(text.count)) { $0 << 8 | UInt64($1) } & 0xffff_ffff | UInt64(text.count) << 32
    }
  }
}
