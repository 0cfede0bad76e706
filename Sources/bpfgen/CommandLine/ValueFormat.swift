/// What shells offer as completions of a word.
enum Offer: Sendable {
  case nothing, files, folders
  /// The names of this program's commands.
  case commands
  case words([String])
}

/// The type of an option's or an argument's value: how to parse it.
struct ValueFormat<Value>: Sendable {
  /// The placeholder of the value in the help.
  let placeholder: String
  let offer: Offer
  /// The accepted values, for error messages.
  let expected: String
  /// `nil` for a text that is not accepted.
  let value: @Sendable (String) -> Value?
}

extension ValueFormat<String> {
  /// Any text.
  static func text(_ placeholder: String, offering offer: Offer = .nothing) -> ValueFormat {
    ValueFormat(placeholder: placeholder, offer: offer, expected: placeholder) { $0 }
  }

  static func file(_ placeholder: String = "file") -> ValueFormat { text(placeholder, offering: .files) }

  static var folder: ValueFormat { text("folder", offering: .folders) }
}

extension ValueFormat<Int> {
  static func count(_ range: ClosedRange<Int>) -> ValueFormat {
    ValueFormat(placeholder: "n", offer: .nothing, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    {
      Int($0).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ValueFormat where Value: RawRepresentable<String> & CaseIterable & Sendable {
  /// One of the type's raw values.
  static func choice(_ placeholder: String) -> ValueFormat {
    let words = Value.allCases.map(\.rawValue)
    // Not `joined(separator:)`, whose first call costs a process 100,000 instructions: every command declares a choice.
    let expected = words.dropFirst().reduce("one of " + words[0]) { $0 + ", " + $1 }
    return ValueFormat(
      placeholder: placeholder, offer: .words(words), expected: expected, value: { Value(rawValue: $0) })
  }
}
