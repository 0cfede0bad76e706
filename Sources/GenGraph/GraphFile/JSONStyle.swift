/// How JSON is laid out: in one line, or indented.
package enum JSONStyle {
  case oneLine, lines

  /// A value to be written.
  package indirect enum Value {
    case text(String)
    case flag(Bool)
    case number(String)
    case list([Value])
    case object([(String, Value)])
  }

  /// An object, with the line's end.
  package func text(_ members: [(String, Value)]) -> String { text(.object(members), depth: 0) + "\n" }

  private func text(_ value: Value, depth: Int) -> String {
    switch value {
    case .text(let text): return JSONText.string(text)
    case .flag(let flag): return flag ? "true" : "false"
    case .number(let digits): return digits
    case .list(let values):
      return "[" + values.map { newLine(depth + 1) + text($0, depth: depth + 1) }.joined(separator: ",")
        + (values.isEmpty ? "" : newLine(depth)) + "]"
    case .object(let members):
      let colon = self == .lines ? ": " : ":"
      let texts = members.map { newLine(depth + 1) + JSONText.string($0) + colon + text($1, depth: depth + 1) }
      return "{" + texts.joined(separator: ",") + newLine(depth) + "}"
    }
  }

  private func newLine(_ depth: Int) -> String {
    self == .lines ? "\n" + String(repeating: "    ", count: depth) : ""
  }
}
