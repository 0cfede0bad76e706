/// An option with a value.
struct Option<Value>: Sendable {
  /// Without the two dashes.
  let name: String
  let short: Character?
  let format: ValueFormat<Value>
  let help: String

  init(_ name: String, short: Character? = nil, _ format: ValueFormat<Value>, help: String) {
    self.name = name
    self.short = short
    self.format = format
    self.help = help
  }
}

/// An option without a value.
struct Flag: Sendable {
  let name: String
  let short: Character?
  let help: String

  init(_ name: String, short: Character? = nil, help: String) {
    self.name = name
    self.short = short
    self.help = help
  }
}

/// Reads a value from a parsed command line. Keys come from declarations, or are composed of keys that do.
struct Key<Value>: Sendable {
  fileprivate let read: @Sendable (Parsed) -> Value

  /// A value that is computed from those of other keys.
  init(_ read: @escaping @Sendable (Parsed) -> Value) { self.read = read }
}

/// What a command line consists of, by role.
struct Parsed: Sendable {
  /// Those that are neither options nor their values.
  var arguments: [String] = []
  /// The values of each option, by its index among the declared ones. A flag's value is empty.
  var texts: [[String]]

  subscript<Value>(key: Key<Value>) -> Value { key.read(self) }
}

/// An option as needed by the parser, help and completions.
struct DeclaredOption: Sendable {
  let name: String
  let short: Character?
  let help: String
  /// The placeholder of the value in the help; `nil` for a flag.
  var value: String?
  var offer = Offer.nothing
  /// The accepted values, for error messages.
  var expected = ""
  var takes: @Sendable (String) -> Bool = { _ in true }
  var isRequired = false
  /// Whether it may be given several times, and each one counts.
  var isRepeated = false
  /// Whether a later value replaces an earlier one, for example a user's one after a build tool's.
  var lastCounts = false
  /// Whether all words after it, up to the next option, are values; it is repeated.
  var takesList = false

  init(_ flag: Flag) {
    name = flag.name
    short = flag.short
    help = flag.help
  }

  fileprivate init<Value>(_ option: Option<Value>) {
    name = option.name
    short = option.short
    help = option.help
    value = option.format.placeholder
    offer = option.format.offer
    expected = option.format.expected
    let value = option.format.value
    takes = { value($0) != nil }
  }

  /// The option's long and short spelling.
  var spellings: [String] { ["--\(name)"] + (short.map { ["-\($0)"] } ?? []) }

  /// The shortest spelling, with the placeholder of the value.
  var shortest: String { (short.map { "-\($0)" } ?? "--\(name)") + (value.map { " <\($0)>" } ?? "") }
}

/// A positional argument as needed by the parser, help and completions.
struct DeclaredArgument: Sendable {
  let name: String
  let help: String
  let offer: Offer
  let expected: String
  let takes: @Sendable (String) -> Bool
  var isOptional = false
  /// Whether it takes all remaining words; it must be the last one.
  var isRepeated = false
  var mayBeEmpty = false

  fileprivate init<Value>(_ format: ValueFormat<Value>, help: String) {
    name = format.placeholder
    self.help = help
    offer = format.offer
    expected = format.expected
    let value = format.value
    takes = { value($0) != nil }
  }
}

/// The options and arguments of a command, in the order of the help.
struct Declarations {
  private(set) var options: [DeclaredOption] = []
  private(set) var arguments: [DeclaredArgument] = []
  /// Actions that run before the command itself, in this order.
  private(set) var preparations: [Command.Action] = []

  /// The spellings of options whose value may be the next word.
  var valuedSpellings: [String] { options.filter { $0.value != nil }.flatMap(\.spellings) }

  mutating func beforeRunning(_ prepare: @escaping Command.Action) { preparations.append(prepare) }

  // MARK: Options

  mutating func flag(_ flag: Flag) -> Key<Bool> {
    let index = add(DeclaredOption(flag))
    return Key { !$0.texts[index].isEmpty }
  }

  /// - Parameter lastCounts: whether it may be given again with another value, which replaces the earlier one.
  mutating func optional<Value>(_ option: Option<Value>, lastCounts: Bool = false) -> Key<Value?> {
    var declared = DeclaredOption(option)
    declared.lastCounts = lastCounts
    let (index, value) = (add(declared), option.format.value)
    return Key { $0.texts[index].last.flatMap(value) }
  }

  mutating func required<Value>(_ option: Option<Value>) -> Key<Value> {
    var declared = DeclaredOption(option)
    declared.isRequired = true
    let (index, value) = (add(declared), option.format.value)
    return Key { Declarations.checked($0.texts[index].last.flatMap(value)) }
  }

  /// An option that may be given several times.
  ///
  /// - Parameter takesList: whether all words after it, up to the next option, are values.
  mutating func repeated<Value>(
    _ option: Option<Value>, isRequired: Bool = false, takesList: Bool = false
  ) -> Key<[Value]> {
    var declared = DeclaredOption(option)
    declared.isRequired = isRequired
    declared.isRepeated = true
    declared.takesList = takesList
    let (index, value) = (add(declared), option.format.value)
    return Key { $0.texts[index].compactMap(value) }
  }

  private mutating func add(_ option: DeclaredOption) -> Int {
    options.append(option)
    return options.count - 1
  }

  // MARK: Arguments

  mutating func argument<Value>(_ format: ValueFormat<Value>, help: String) -> Key<Value> {
    let index = add(DeclaredArgument(format, help: help))
    return Key { Declarations.checked(format.value($0.arguments[index])) }
  }

  mutating func optionalArgument<Value>(_ format: ValueFormat<Value>, help: String) -> Key<Value?> {
    var declared = DeclaredArgument(format, help: help)
    declared.isOptional = true
    let index = add(declared)
    return Key { $0.arguments.dropFirst(index).first.flatMap(format.value) }
  }

  /// All remaining words.
  mutating func repeatedArgument<Value>(
    _ format: ValueFormat<Value>, help: String, isOptional: Bool = false, mayBeEmpty: Bool = false
  ) -> Key<[Value]> {
    var declared = DeclaredArgument(format, help: help)
    declared.isOptional = isOptional
    declared.isRepeated = true
    declared.mayBeEmpty = mayBeEmpty
    let index = add(declared)
    return Key { $0.arguments.dropFirst(index).compactMap(format.value) }
  }

  private mutating func add(_ argument: DeclaredArgument) -> Int {
    arguments.append(argument)
    return arguments.count - 1
  }

  /// A required value: `Parser.check` has refused command lines without it.
  private static func checked<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("values are read after the command line was checked") }
    return value
  }
}
