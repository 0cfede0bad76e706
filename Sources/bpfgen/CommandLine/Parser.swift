internal import GenGraph

/// Parses command lines like GNU's getopt_long: options anywhere, `--name=value` and `--name value`, `-oVALUE` and `-o
/// VALUE`, unique prefixes of long names, and `--` before words that begin with a dash.
struct Parser {
  private let options: [DeclaredOption]
  private let arguments: [DeclaredArgument]
  /// The line of a usage error that refers to the help.
  private let helpLine: String
  private(set) var parsed: Parsed

  init(_ declarations: Declarations, helpLine: String) {
    options = declarations.options
    arguments = declarations.arguments
    self.helpLine = helpLine
    parsed = Parsed(texts: [[String]](repeating: [], count: options.count))
  }

  mutating func sort(_ all: [String]) throws(CommandError) {
    var rest = all[...]
    var hasOnlyArguments = false
    while let word = rest.popFirst() {
      if hasOnlyArguments || word == "-" || !word.hasPrefix("-") {
        parsed.arguments.append(word)
      } else if word == "--" {
        hasOnlyArguments = true
      } else if word.hasPrefix("--") {
        try takeLong(word.dropFirst(2), &rest)
      } else {
        try takeShort(word.dropFirst(), &rest)
      }
    }
  }

  private mutating func takeLong(_ word: Substring, _ rest: inout ArraySlice<String>) throws(CommandError) {
    let equals = word.firstIndex(of: "=")
    let index = try longOption(String(equals.map { word[..<$0] } ?? word))
    let option = options[index]
    let inline = equals.map { String(word[word.index(after: $0)...]) }
    guard let placeholder = option.value else {
      guard inline == nil else { throw CommandError.usage("'--\(option.name)' takes no value") }
      return try store("", index)
    }
    guard let value = inline ?? rest.popFirst() else {
      throw CommandError.usage("'--\(option.name)' needs a value", hint: "--\(option.name) <\(placeholder)>")
    }
    try store(value, index)
    while option.takesList, inline == nil, let word = rest.first, !word.hasPrefix("-") {
      try store(word, index)
      rest.removeFirst()
    }
  }

  private mutating func takeShort(_ letters: Substring, _ rest: inout ArraySlice<String>) throws(CommandError) {
    var letters = letters
    while let letter = letters.popFirst() {
      guard let index = options.firstIndex(where: { $0.short == letter }) else {
        throw CommandError.usage("unknown option '-\(letter)'", hint: helpLine)
      }
      guard let placeholder = options[index].value else {
        try store("", index)
        continue
      }
      guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
        throw CommandError.usage("'-\(letter)' needs a value", hint: "-\(letter) <\(placeholder)>")
      }
      return try store(value, index)
    }
  }

  private func longOption(_ name: String) throws(CommandError) -> Int {
    if let exact = options.firstIndex(where: { $0.name == name }) { return exact }
    let begun = name.isEmpty ? [] : options.indices.filter { options[$0].name.hasPrefix(name) }
    if begun.count == 1 { return begun[0] }
    guard begun.isEmpty else {
      let names = begun.map { "--" + options[$0].name }.joined(separator: ", ")
      throw CommandError.usage("'--\(name)' is ambiguous", hint: "one of \(names)")
    }
    let meant = Spelling.closest(to: name, among: options.map(\.name)).map { "did you mean --\($0)?" }
    throw CommandError.usage("unknown option '--\(name)'", hint: meant ?? helpLine)
  }

  private mutating func store(_ text: String, _ index: Int) throws(CommandError) {
    let option = options[index]
    guard option.takes(text) else {
      throw CommandError.usage("invalid value '\(text)' for '--\(option.name)'", hint: option.expected)
    }
    if option.value != nil, text.isEmpty {
      throw CommandError.usage("the value of '--\(option.name)' is empty")
    }
    if option.isRepeated { return parsed.texts[index].append(text) }
    if option.value != nil, !option.lastCounts, let earlier = parsed.texts[index].first, earlier != text {
      throw CommandError.usage("'--\(option.name)' is given twice: '\(earlier)' and '\(text)'")
    }
    parsed.texts[index] = [text]
  }

  /// Refuses a command line with missing, extra or invalid arguments.
  func check() throws(CommandError) {
    for (option, texts) in zip(options, parsed.texts) where option.isRequired && texts.isEmpty {
      throw CommandError.usage("'\(option.shortest)' is missing", hint: helpLine)
    }
    let given = parsed.arguments
    if given.count < arguments.count(where: { !$0.isOptional }) {
      throw CommandError.usage("<\(arguments[given.count].name)> is missing", hint: helpLine)
    }
    if given.count > arguments.count, arguments.last?.isRepeated != true {
      let extra = given[arguments.count]
      throw CommandError.usage("unexpected '\(extra)'", hint: helpLine, argument: extra)
    }
    for (index, word) in given.enumerated() {
      let argument = arguments[min(index, arguments.count - 1)]
      guard !word.isEmpty || argument.mayBeEmpty else { throw CommandError.usage("<\(argument.name)> is empty") }
      guard argument.takes(word) else {
        throw CommandError.usage("invalid <\(argument.name)> '\(word)'", hint: argument.expected)
      }
    }
  }
}
