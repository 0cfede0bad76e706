/// Suggests corrections for misspelled words.
package enum Spelling {
  /// The closest candidate within a few edits; `nil` if none is close. O(candidates x letters^2).
  package static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    // A longer text is not a misspelled word, and would take quadratic time.
    guard word.utf8.count <= 256 else { return nil }
    let scored = candidates.map { (distance(word, $0), $0) }.min { $0.0 < $1.0 }
    guard let (distance, candidate) = scored, distance <= max(1, word.count / 3) else { return nil }
    return candidate
  }

  /// The edit distance of two words: inserted, removed, replaced or swapped letters.
  private static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    var before: [Int] = []
    var above = Array(0...right.count)
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        var edits = min(above[j] + (left[i] == right[j] ? 0 : 1), row[j] + 1, above[j + 1] + 1)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { edits = min(edits, before[j - 1] + 1) }
        row.append(edits)
      }
      before = above
      above = row
    }
    return above[right.count]
  }
}
