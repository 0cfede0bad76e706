/// How the text of a header differs from the one that is recorded.
struct HeaderComparison {
  enum Difference: Equatable {
    /// Another layout, payload or emitter: the ids in the banner differ.
    case otherID
    /// Another text under the same ids: a header of this layout that is on disk would not be written again.
    case otherText
  }

  /// `nil` for equal texts.
  let difference: Difference?
  /// The first lines that differ, for a message.
  let firstLines: String

  init(recorded: String, rendered: String) {
    let (old, new) = (HeaderComparison.id(recorded), HeaderComparison.id(rendered))
    difference = recorded.utf8.elementsEqual(rendered.utf8) ? nil : old == new ? .otherText : .otherID
    firstLines = HeaderComparison.firstLines(
      HeaderComparison.lines(recorded, old), HeaderComparison.lines(rendered, new))
  }

  /// What the header was made from, according to the banner: the layout id, and the payload's fingerprint if there is
  /// one.
  private static func id(_ text: String) -> [Substring] {
    text.firstMatch(of: /\n \* layout  ([0-9a-f]{32})\n(?: \* payload ([0-9a-f]{32})\n)?/).map {
      [$0.1] + ($0.2.map { [$0] } ?? [])
    } ?? []
  }

  /// The lines without what every change changes: the ids, wherever they are, and the body's fingerprint.
  private static func lines(_ text: String, _ ids: [Substring]) -> [String] {
    let bare = ids.reduce(text) { $0.replacing($1, with: "ID") }
    return bare.replacing(/\n \* body    [0-9a-f]{32}\n/, with: "\n * body\n")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static func firstLines(_ recorded: [String], _ rendered: [String]) -> String {
    let same = zip(recorded, rendered).prefix { $0.utf8.elementsEqual($1.utf8) }.count
    guard same < max(recorded.count, rendered.count) else { return "the lines differ in ids only" }
    func shown(_ lines: [String], _ sign: String) -> [String] { lines.dropFirst(same).prefix(4).map { sign + $0 } }
    return (["line \(same + 1):"] + shown(recorded, "-") + shown(rendered, "+")).joined(separator: "\n")
  }
}
