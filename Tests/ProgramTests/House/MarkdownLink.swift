import Foundation

@testable import TestSupport

/// A link of a Markdown file to another file of the repository, or to a heading.
struct MarkdownLink: Equatable {
  /// Relative to the file's folder; empty for the file itself.
  let path: String
  /// A heading as GitHub spells it in an address; `nil` when the link is to the whole file.
  let anchor: String?

  /// The file or folder that a link of a page leads to, as a path from the root of the repository.
  func target(from page: String) -> String {
    guard !path.isEmpty else { return page }
    var parts = page.split(separator: "/").dropLast()
    for part in path.split(separator: "/") {
      if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }

  /// The links of a text, without those to other sites. Code is not searched.
  static func all(in text: String) -> [MarkdownLink] {
    prose(of: text).matches(of: /\]\(([^()\s]+)\)/).map { String($0.1) }
      .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
      .map { target in
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return MarkdownLink(path: parts[0], anchor: parts.count > 1 ? parts[1] : nil)
      }
  }

  /// The anchors of a text's headings, as GitHub makes them: lower case, `-` for a blank, no punctuation, and a number after
  /// one that is repeated.
  static func anchors(of text: String) -> [String] {
    var counts: [String: Int] = [:]
    return withoutBlocks(text).split(separator: "\n").compactMap { line in
      guard let title = line.firstMatch(of: /^#{1,6} +(.*?) *$/)?.1 else { return nil }
      let shown = title.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.1) }
      let anchor = String(
        shown.lowercased().compactMap { character in
          if character == " " { return "-" }
          return character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
        })
      let count = counts[anchor, default: 0]
      counts[anchor] = count + 1
      return count == 0 ? anchor : "\(anchor)-\(count)"
    }
  }

  /// A text without its code.
  static func prose(of text: String) -> String {
    withoutBlocks(text).replacing(/`+[^`\n]*`+/, with: "")
  }

  private static func withoutBlocks(_ text: String) -> String {
    var isCode = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      guard line.drop(while: { $0 == " " }).hasPrefix("```") else { return !isCode }
      isCode.toggle()
      return false
    }.joined(separator: "\n")
  }
}
