internal import Glibc

/// The line on a terminal that shows the progress of a build, and that the next one replaces.
struct StatusLine {
  private let console: Console
  /// The columns that the line takes on a terminal that is wide enough; 0 if none is shown.
  private var columns = 0

  init(_ console: Console) { self.console = console }

  /// Replaces the line. A text that is wider than the terminal is cut.
  mutating func show(_ text: String) {
    let width = console.width
    var (shown, columns) = ("", 0)
    for character in text {
      let next = columns + StatusLine.columns(of: character)
      guard next < width else { break }
      shown.append(character)
      columns = next
    }
    console.writeError(StatusLine.erasure(of: self.columns, width: width) + shown)
    self.columns = columns
  }

  mutating func erase() {
    if columns > 0 { console.writeError(StatusLine.erasure(of: columns, width: console.width)) }
    columns = 0
  }

  /// What erases a line at whose end the cursor is. A terminal that became narrower since wraps it, so that it takes
  /// several rows.
  static func erasure(of columns: Int, width: Int) -> String {
    // xterm cuts the line instead, and the row above it has the output of another program.
    let wraps = unsafe getenv("XTERM_VERSION") == nil || getenv("TMUX") != nil
    let rows = wraps ? max(0, columns - 1) / width : 0
    return "\r\u{1b}[K" + String(repeating: "\u{1b}[A\u{1b}[K", count: rows)
  }

  /// The columns of a character, or more: a letter of Chinese, Japanese or Korean, or an emoji, takes two.
  private static func columns(of character: Character) -> Int {
    character.unicodeScalars.contains { $0.value >= 0x1100 } ? 2 : 1
  }
}
