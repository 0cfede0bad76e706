/// Guesses what was meant by a misspelt word.
public enum Spelling {
  /// The candidate that is a few edits away; `nil` when none is near. O(candidates x letters^2).
  public static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { (distance(word, $0), $0) }.min { $0.0 < $1.0 }
    guard let (distance, candidate) = scored, distance <= max(1, word.count / 3) else { return nil }
    return candidate
  }

  /// Levenshtein's distance.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(diagonal + (a == b ? 0 : 1), row[j] + 1, above + 1)
        diagonal = above
      }
    }
    return row[right.count]
  }
}
