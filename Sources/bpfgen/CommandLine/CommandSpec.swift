internal import GenGraph

/// What a command understands: the one table that parsing, `--help`, the usage errors, the man pages and the shells'
/// completions are made from.
///
/// Why a parser of our own: with swift-argument-parser 82 % of the instructions of a `bpfgen skeleton` run were the
/// parser's, most of them the runtime's search through protocol conformances, and a header took longer than bpftool's
/// (docs/ARCHITECTURE.md has the figures). A build pays that once a header.
struct CommandSpec: Sendable {
  /// What a word stands for, where no list of choices says it: shells complete it accordingly.
  enum Kind: Sendable {
    case text, file, folder
    /// The name of a command of this program.
    case command
  }

  /// A word that is not an option.
  struct Positional: Sendable {
    let name: String
    let help: String
    /// The only words that are taken; empty for any.
    var choices: [String] = []
    /// Whether the choices are what shells offer, and the command itself says what it takes.
    var takesOthers = false
    var kind = Kind.text
    var isOptional = false
    var isRepeated = false
    var mayBeEmpty = false
  }

  struct Option: Sendable {
    /// Without the two dashes.
    let name: String
    var short: Character?
    /// What stands for the value in the help; `nil` for a flag.
    var value: String?
    let help: String
    /// The only values that are taken; empty for any.
    var choices: [String] = []
    var kind = Kind.text
    var isRequired = false
    /// Whether each time that it is given counts, and not one alone.
    var isRepeated = false
    /// Whether a value takes the place of an earlier one, as a user's own that follows a build tool's.
    var lastCounts = false
    /// Whether the words behind its value, up to the next option, are values too; it is repeated.
    var takesList = false
  }

  let name: String
  let abstract: String
  let discussion: String
  let examples: [String]
  let positionals: [Positional]
  let options: [Option]
  let run: @Sendable (ParsedArguments) throws -> Void

  init(
    name: String, abstract: String, discussion: String = "", examples: [String], positionals: [Positional] = [],
    options: [Option] = [], run: @escaping @Sendable (ParsedArguments) throws -> Void
  ) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    self.examples = examples
    self.positionals = positionals
    self.options = options + [CommandSpec.color, CommandSpec.help]
    self.run = run
  }

  static let color = Option(
    name: "color", value: "when", help: "Colour messages: auto, always or never.", choices: ["auto", "always", "never"])
  static let help = Option(name: "help", short: "h", help: "Show this help.")

  /// Where a usage error sends people who need more than its hint.
  private var helpLine: String { name.isEmpty ? "bpfgen --help" : "bpfgen \(name) --help" }

  /// What stands in the place of a command.
  static let overviewOptions = [
    Option(name: "help", short: "h", help: "Show this help, or a command's."),
    Option(name: "version", help: "Show the version."),
  ]
}

/// The words of a command line, sorted by what they are.
struct ParsedArguments: Sendable {
  fileprivate(set) var positionals: [String] = []
  fileprivate var values: [String: [String]] = [:]

  /// The value of an option, `nil` when it was not given.
  subscript(option: String) -> String? { values[option]?.first }

  /// The values of an option that may be given more than once, in their order.
  func all(_ option: String) -> [String] { values[option] ?? [] }

  func has(_ flag: String) -> Bool { values[flag] != nil }

  /// The value of an option that the table calls required.
  func required(_ option: String) -> String { self[option]! }
}

/// A command line that cannot be understood: what is wrong with it, and what may have been meant.
struct UsageError: Error {
  let what: String
  var hint: String?

  var diagnostic: Diagnostic { Diagnostic(what: what, hint: hint) }
}

extension CommandSpec {
  /// Sorts words as GNU's getopt_long does: options anywhere, `--name=value` and `--name value`, `-oVALUE` and `-o VALUE`,
  /// unique beginnings of long names, and `--` before words that begin with a dash.
  func parse(_ words: [String]) throws(UsageError) -> ParsedArguments {
    var parsed = ParsedArguments()
    var rest = words[...]
    var onlyWords = false
    while let word = rest.popFirst() {
      if onlyWords || word == "-" || !word.hasPrefix("-") {
        parsed.positionals.append(word)
      } else if word == "--" {
        onlyWords = true
      } else if word.hasPrefix("--") {
        try parseLong(word.dropFirst(2), &rest, &parsed)
      } else {
        try parseShort(word.dropFirst(), &rest, &parsed)
      }
    }
    if !parsed.has("help") { try check(parsed) }
    return parsed
  }

  private func parseLong(
    _ word: Substring, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
  ) throws(UsageError) {
    let equals = word.firstIndex(of: "=")
    let name = String(equals.map { word[..<$0] } ?? word)
    let option = try longOption(name)
    let inline = equals.map { String(word[word.index(after: $0)...]) }
    guard option.value != nil else {
      guard inline == nil else { throw UsageError(what: "'--\(option.name)' takes no value") }
      return try store(option, "", &parsed)
    }
    guard let value = inline ?? rest.popFirst() else {
      throw UsageError(what: "'--\(option.name)' needs a value", hint: "--\(option.name) <\(option.value!)>")
    }
    try store(option, value, &parsed)
    while option.takesList, inline == nil, let word = rest.first, !word.hasPrefix("-") {
      try store(option, word, &parsed)
      rest.removeFirst()
    }
  }

  private func parseShort(
    _ letters: Substring, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
  ) throws(UsageError) {
    var letters = letters
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.short == letter }) else {
        throw UsageError(what: "unknown option '-\(letter)'", hint: helpLine)
      }
      guard option.value != nil else {
        try store(option, "", &parsed)
        continue
      }
      guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
        throw UsageError(what: "'-\(letter)' needs a value", hint: "-\(letter) <\(option.value!)>")
      }
      return try store(option, value, &parsed)
    }
  }

  private func longOption(_ name: String) throws(UsageError) -> Option {
    if let exact = options.first(where: { $0.name == name }) { return exact }
    let begun = name.isEmpty ? [] : options.filter { $0.name.hasPrefix(name) }
    if begun.count == 1 { return begun[0] }
    guard begun.isEmpty else {
      let names = begun.map { "--" + $0.name }.joined(separator: ", ")
      throw UsageError(what: "'--\(name)' could be \(names)", hint: "write it out")
    }
    let meant = Spelling.closest(to: name, among: options.map(\.name)).map { "did you mean --\($0)?" }
    throw UsageError(what: "unknown option '--\(name)'", hint: meant ?? helpLine)
  }

  private func store(_ option: Option, _ value: String, _ parsed: inout ParsedArguments) throws(UsageError) {
    if !option.choices.isEmpty, !option.choices.contains(value) {
      throw UsageError(
        what: "'--\(option.name)' does not take '\(value)'", hint: "one of " + option.choices.joined(separator: ", "))
    }
    if option.value != nil, value.isEmpty {
      throw UsageError(what: "'--\(option.name)' needs a value that is not empty")
    }
    if option.isRepeated || option.takesList { return parsed.values[option.name, default: []].append(value) }
    if option.value != nil, !option.lastCounts, let earlier = parsed[option.name], earlier != value {
      throw UsageError(what: "'--\(option.name)' is given twice: '\(earlier)' and '\(value)'")
    }
    parsed.values[option.name] = [value]
  }

  private func check(_ parsed: ParsedArguments) throws(UsageError) {
    for option in options where option.isRequired && parsed[option.name] == nil {
      let spelling = option.short.map { "-\($0)" } ?? "--\(option.name)"
      throw UsageError(what: "'\(spelling) <\(option.value!)>' is missing", hint: helpLine)
    }
    if parsed.positionals.count < positionals.count(where: { !$0.isOptional }) {
      throw UsageError(what: "<\(positionals[parsed.positionals.count].name)> is missing", hint: helpLine)
    }
    if parsed.positionals.count > positionals.count, positionals.last?.isRepeated != true {
      throw UsageError(what: "unexpected '\(parsed.positionals[positionals.count])'", hint: helpLine)
    }
    for (index, word) in parsed.positionals.enumerated() where word.isEmpty {
      let positional = positionals[min(index, positionals.count - 1)]
      guard positional.mayBeEmpty else { throw UsageError(what: "<\(positional.name)> is empty") }
    }
    for (positional, word) in zip(positionals, parsed.positionals)
    where !positional.choices.isEmpty && !positional.takesOthers && !positional.choices.contains(word) {
      throw UsageError(
        what: "'\(word)' is no <\(positional.name)>", hint: "one of " + positional.choices.joined(separator: ", "))
    }
  }
}
