internal import Files

/// Command-line words for POSIX shells.
enum ShellWord {
  /// The word itself if it has no special characters, else the word in single quotes: Ninja's own rule for `$in`.
  static func quoted(_ word: String) -> String {
    guard word.isEmpty || !word.unicodeScalars.allSatisfy(isPlain) else { return word }
    return "'" + word.split(at: "'", omittingEmpty: false).joined(separator: "'\\''") + "'"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "+", "-", ".", "/": true
    default: false
    }
  }
}

extension String {
  /// The text with an escape character before each of some characters.
  func escaping(_ characters: Set<Unicode.Scalar>, with escape: Unicode.Scalar) -> String {
    guard unicodeScalars.contains(where: characters.contains) else { return self }
    var escaped = ""
    for scalar in unicodeScalars {
      if characters.contains(scalar) { escaped.unicodeScalars.append(escape) }
      escaped.unicodeScalars.append(scalar)
    }
    return escaped
  }
}
