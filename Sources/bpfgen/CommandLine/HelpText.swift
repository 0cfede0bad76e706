/// The help texts, generated from the declarations.
enum HelpText {
  static let abstract = "Generates C skeleton and subskeleton headers from compiled BPF objects."
  static let discussion = """
    A skeleton with a payload is rewritten only when the layout of its object changes, and
    not when its code does.
    """
  static let usage = "bpfgen <command> [options]"

  static func overview(_ commands: [Command]) -> String {
    var text = abstract + "\n" + discussion + "\n\nUsage: " + usage + "\n"
    let width = commands.map(\.name.utf8.count).max() ?? 0
    for (purpose, commands) in byPurpose(commands) {
      text += "\n\(purpose.rawValue):\n" + table(commands.map { ($0.name, $0.abstract) }, width: width)
    }
    text += "\nOptions:\n" + table(Command.overviewOptions.map { (spelling($0), $0.help) })
    text += "\nExamples:\n" + examples(commands).map { "  \($0)\n" }.joined()
    return text + "\nbpfgen help <command> describes a command.\n"
  }

  /// The commands of each purpose, in the order of the overview.
  static func byPurpose(_ commands: [Command]) -> [(purpose: Command.Purpose, commands: [Command])] {
    Command.Purpose.allCases.map { purpose in (purpose, commands.filter { $0.purpose == purpose }) }
  }

  /// One example for each purpose.
  static func examples(_ commands: [Command]) -> [String] {
    byPurpose(commands).compactMap { $0.commands.first?.examples.first }
  }

  static func command(_ command: Command) -> String {
    var text = command.abstract + "\n\nUsage: " + usage(command) + "\n"
    if !command.discussion.isEmpty { text += "\n" + command.discussion + "\n" }
    let declared = command.declarations
    if !declared.arguments.isEmpty {
      text += "\nArguments:\n" + table(declared.arguments.map { ("<\($0.name)>", $0.help) })
    }
    text += "\nOptions:\n" + table(declared.options.map { (spelling($0), $0.help) })
    if !command.examples.isEmpty {
      text += "\nExamples:\n" + command.examples.map { "  \($0)\n" }.joined()
    }
    return text
  }

  static func usage(_ command: Command) -> String {
    var words = command.name.isEmpty ? ["bpfgen"] : ["bpfgen", command.name]
    let declared = command.declarations
    words += declared.arguments.map { argument in
      let word = "<\(argument.name)>" + (argument.isRepeated ? "..." : "")
      return argument.isOptional ? "[\(word)]" : word
    }
    for option in declared.options where option.isRequired { words.append(option.shortest) }
    if declared.options.contains(where: { !$0.isRequired }) { words.append("[options]") }
    return words.joined(separator: " ")
  }

  /// An option with the placeholder of its value.
  static func spelling(_ option: DeclaredOption) -> String {
    (option.short.map { "-\($0), " } ?? "") + "--\(option.name)" + (option.value.map { " <\($0)>" } ?? "")
      + (option.takesList ? "..." : "")
  }

  /// - Parameter width: of the first column; by default the width of its longest text.
  private static func table(_ rows: [(String, String)], width: Int? = nil) -> String {
    let width = width ?? rows.map { $0.0.utf8.count }.max() ?? 0
    return rows.map { left, right in
      let margin = "  " + left + String(repeating: " ", count: width - left.utf8.count + 2)
      return wrap(right, margin: margin, width: 96)
    }.joined()
  }

  /// Wraps a text; the first line begins with the margin, the others with as many spaces.
  private static func wrap(_ text: String, margin: String, width: Int) -> String {
    var lines = ""
    var line = margin
    for word in text.split(separator: " ") {
      if line.utf8.count + word.utf8.count + 1 > width, line.utf8.count > margin.utf8.count {
        lines += line + "\n"
        line = String(repeating: " ", count: margin.utf8.count)
      }
      line += (line.utf8.count > margin.utf8.count ? " " : "") + word
    }
    return lines + line + "\n"
  }
}
