extension Depfile {
  /// Reads the first rule of a compiler's depfile. The rules after it, which `-MP` writes, add nothing.
  ///
  /// - Returns: `nil` if the text is not a rule.
  package init?(text: [UInt8]) {
    var reader = DepfileReader(rest: text[...])
    reader.readRule()
    guard let targets = reader.targets, targets > 0 else { return nil }
    self.init(outputs: Array(reader.words[..<targets]), inputs: Array(reader.words[targets...]))
  }

  /// Whether a text is one rule without a recipe, as compilers and bpfgen write it, optionally followed by rules
  /// without prerequisites, as with `-MP`. This is not true for a real makefile.
  static func isDepfile(_ text: [UInt8]) -> Bool {
    var reader = DepfileReader(rest: text[...])
    reader.readRule()
    guard let targets = reader.targets, targets > 0 else { return false }
    return reader.rest.split(separator: newline).allSatisfy { line in
      line.last { $0 != UInt8(ascii: " ") } == UInt8(ascii: ":")
    }
  }
}

/// Splits a rule into its words, the reverse of `Depfile.escape`.
private struct DepfileReader {
  var rest: ArraySlice<UInt8>
  private(set) var words: [String] = []
  /// The number of words before the colon; `nil` until the colon was read.
  private(set) var targets: Int?
  private var word: [UInt8] = []

  init(rest: ArraySlice<UInt8>) { self.rest = rest }

  mutating func readRule() {
    while let byte = rest.popFirst(), byte != newline {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): endWord()
      case UInt8(ascii: "\\"): readBackslashes()
      case UInt8(ascii: "$") where rest.first == byte: word.append(rest.removeFirst())
      case UInt8(ascii: ":") where targets == nil && (rest.first.map(Self.isBlank) ?? true):
        endWord()
        targets = words.count
      default: word.append(byte)
      }
    }
    endWord()
  }

  /// Handles a run of backslashes after its first one. Before a space or a `#`, two of them mean one, and a single one
  /// is an escape; elsewhere they are literal.
  private mutating func readBackslashes() {
    var count = 1
    while rest.first == UInt8(ascii: "\\") {
      rest.removeFirst()
      count += 1
    }
    let next = rest.first
    let isEscaping = next.map { Self.isBlank($0) || $0 == UInt8(ascii: "#") } ?? false
    word += [UInt8](repeating: UInt8(ascii: "\\"), count: isEscaping && next != newline ? count / 2 : count - 1)
    if !isEscaping { word.append(UInt8(ascii: "\\")) }
    guard isEscaping, next == newline || count % 2 == 1 else { return }
    let escaped = rest.removeFirst()
    if escaped == newline { endWord() } else { word.append(escaped) }
  }

  private mutating func endWord() {
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    word = []
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == newline
  }
}

private let newline = UInt8(ascii: "\n")
