import Foundation

/// The messages of the program, read from the text of its sources: what follows `what` and `hint`.
///
/// It is parsed from the sources, because messages are written where errors are reported, and nothing else has all of
/// them.
struct MessageCatalogue {
  struct Message: Equatable {
    var what: String
    var hints: [String] = []
  }

  private(set) var messages: [Message] = []
  /// The facts about damaged input, shown below a message with the position.
  private(set) var details: [String] = []
  /// Texts that are selected for messages elsewhere.
  private(set) var otherHints: [String] = []

  /// What the next literal is.
  private enum Role { case none, what, hint, detail }

  private var role = Role.none
  /// Whether hints belong to the last message.
  private var isOpen = false
  /// Whether the last message is of one `case`, so that it ends with it.
  private var isOfCase = false
  private var isInCase = false

  /// - Parameter source: Swift.
  init(source: String) {
    var scanner = SwiftScanner(source)
    while let piece = scanner.next() {
      switch piece {
      case .code(let code): read(code: code)
      case .literal(let text, let isPattern, let isContinued): if !isPattern { add(text, isContinued: isContinued) }
      }
    }
  }

  private mutating func read(code: String) {
    let words =
      /(?m)case \.|\b(?:func|init|extension|console|what|hint|facts|var description)\b|usage\(|^ *(?:private |static )*(?:let|var)\b(?! description)/
      .wordBoundaryKind(.simple)
    for match in code.matches(of: words) {
      switch match.0 {
      case "what", "usage(": role = .what
      case "hint": role = .hint
      case "var description": role = .detail
      case "case .":
        if isOfCase { isOpen = false }
        isInCase = true
      case "func", "init", "extension":
        role = .none
        isOpen = false
        isInCase = false
      case "console", "facts": role = .none
      default:
        // A `let` or a `var`.
        role = .none
        isOpen = false
      }
    }
  }

  private mutating func add(_ text: String, isContinued: Bool) {
    guard text.replacing(/<\w*>/, with: "").contains(/[A-Za-z]{3}/) || isContinued else { return }
    let text = text.hasSuffix(" ") ? text + "<...>" : text
    switch role {
    case .none: break
    case .what:
      if isContinued, isOpen {
        messages[messages.count - 1].what += text
        return
      }
      messages.append(Message(what: text))
      isOpen = true
      isOfCase = isInCase
    case .hint where !isOpen: otherHints.append(text)
    case .hint:
      let last = messages.count - 1
      if text.hasPrefix(","), !messages[last].hints.isEmpty {
        messages[last].hints[messages[last].hints.count - 1] += text
      } else {
        messages[last].hints.append(text)
      }
    case .detail: if isContinued { details[details.count - 1] += text } else { details.append(text) }
    }
  }
}

/// Parts Swift into its string literals and the code between them, without comments.
struct SwiftScanner {
  enum Piece: Equatable {
    case code(String)
    /// `isPattern`: something is compared with it. `isContinued`: it is added to the literal before it.
    case literal(String, isPattern: Bool, isContinued: Bool)
  }

  private var rest: Substring
  private var lastWasPlus = false
  private var lastWasComparison = false

  init(_ source: String) { rest = source[...] }

  mutating func next() -> Piece? {
    guard let first = rest.first else { return nil }
    return first == "\"" ? literal() : code()
  }

  private mutating func code() -> Piece {
    var code = ""
    while let character = rest.first, character != "\"" {
      if rest.hasPrefix("//") {
        rest = rest.drop { $0 != "\n" }
      } else {
        code.append(character)
        rest.removeFirst()
      }
    }
    lastWasPlus = code.wholeMatch(of: /\s*\+\s*/) != nil
    lastWasComparison = code.contains(/(==\s+|hasPrefix\(|Array\(|\[)$/)
    return .code(code)
  }

  private mutating func literal() -> Piece {
    let quotes = rest.hasPrefix("\"\"\"") ? "\"\"\"" : "\""
    rest.removeFirst(quotes.count)
    var text = ""
    while !rest.isEmpty, !rest.hasPrefix(quotes) {
      if rest.hasPrefix("\\(") {
        rest.removeFirst(2)
        let name = Self.name(of: interpolation())
        text += text.hasSuffix("<") ? name : "<\(name)>"
      } else if rest.first == "\\" {
        rest.removeFirst()
        text += rest.first == "n" ? " " : String(rest.first ?? "\\")
        rest = rest.dropFirst()
      } else {
        text.append(rest.removeFirst())
      }
    }
    rest = rest.dropFirst(quotes.count)
    let words = text.split { $0.isNewline }.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
      .trimmingCharacters(in: .whitespaces)
    let isPattern = lastWasComparison || rest.first == ":" || rest.first == "]"
    return .literal(quotes == "\"" ? text : words, isPattern: isPattern, isContinued: lastWasPlus)
  }

  /// The expression up to the parenthesis that ends it.
  private mutating func interpolation() -> String {
    var depth = 1
    var expression = ""
    while let character = rest.popFirst() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { break }
      expression.append(character)
    }
    return expression
  }

  /// What a reader is shown of an expression: the name of the value.
  private static func name(of expression: String) -> String {
    if expression.contains(/^\w+\.count\b/) { return "number" }
    if expression.contains("errorText") { return "reason" }
    let others: Set = ["Diagnostic", "printable", "rawValue", "joined", "list", "self", "error"]
    let chains = expression.matches(of: /[A-Za-z.]+/).map { chain in
      chain.0.split(separator: ".").filter { !others.contains(String($0)) }
    }
    return chains.first { !$0.isEmpty }.map { String($0[$0.count - 1]) } ?? "value"
  }
}
