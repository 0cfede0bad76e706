import Foundation

/// A page as a real browser shows it: Chromium without a window, and what is in the document then.
struct Browser {
  /// The document's elements as HTML, without its scripts and styles.
  let document: String

  /// Opens a file, and lets its scripts run to their end.
  ///
  /// - Parameters:
  ///   - fragment: the part of the URL after `#`, not escaped.
  ///   - width: of the window, in pixels; Chromium's windows are at least 500 wide.
  ///   - script: a user's actions as JavaScript; it is appended to the page's own.
  init(opening page: String, fragment: [(String, String)] = [], width: Int = 1400, doing script: String = "") throws {
    let scratch = try Scratch()
    var text = try String(contentsOfFile: page, encoding: .utf8)
    text = text.replacingOccurrences(of: "</html>", with: "<script>\(script)</script></html>")
    let copy = try scratch.write(text, to: "page.html")
    let fields = fragment.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    let dump = try Shell.run(
      Tool.chromium.required(),
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(scratch.file("profile"))",
        "--window-size=\(width),900", "--virtual-time-budget=3000", "--dump-dom", "file://\(copy)#\(fields)",
      ], timeoutSeconds: 60
    ).checked()
    document = dump.stdout.replacing(/(?s)<(script|style)\b.*?<\/\1>/, with: "")
  }

  private static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
  }

  /// The element that has an id, from its tag to its end; an element of the same tag inside of it must not be.
  func element(_ id: String) -> String? {
    guard let start = document.firstMatch(of: try! Regex("<([a-z0-9]+)\\b[^<>]*? id=\"\(id)\"")),
      let tag = start.output[1].substring,
      let end = document.range(of: "</\(tag)>", range: start.range.upperBound..<document.endIndex)
    else { return nil }
    return String(document[start.range.lowerBound..<end.upperBound])
  }

  /// The values of an attribute in a piece of the document, in order.
  static func values(of attribute: String, in html: String?) -> [String] {
    guard let html, let expression = try? Regex(" \(attribute)=\"([^\"]*)\"") else { return [] }
    return html.matches(of: expression).map { plain(String($0.output[1].substring!)) }
  }

  /// The text of a piece of the document.
  static func text(of html: String?) -> String? { html.map { plain($0.replacing(/<[^>]*>/, with: "")) } }

  private static func plain(_ text: String) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")]
    return entities.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }
}
