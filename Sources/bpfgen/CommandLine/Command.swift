/// A command of this program.
///
/// The function that returns its action declares the options and arguments once: parsing, `--help`, usage errors, man
/// pages and shell completions follow from the declarations, and the action reads values with the keys that the
/// declarations returned. A run only declares the arguments of its own command.
///
/// Why our own parser: with swift-argument-parser, 82 % of the instructions of a `bpfgen skeleton` run were in the
/// parser, most of them in the runtime's search through protocol conformances, and a header took longer than bpftool's
/// (docs/ARCHITECTURE.md has the figures). A build pays that for each header. It is a class because copying a struct
/// with these properties costs 20,000 instructions when a process does it for the first time.
final class Command: Sendable {
  typealias Action = (Parsed, Console) throws(CommandError) -> Void

  /// The purpose of a command. The overview and bpfgen(1) group commands under these titles.
  enum Purpose: String, CaseIterable {
    case generate = "Generate headers and objects"
    case build = "Build a project described in bpfgen.json"
    case inspect = "Inspect"
    case integrate = "Integrate with other build tools"
    case help = "Help"
  }

  let name: String
  let purpose: Purpose
  /// One line.
  let abstract: String
  let discussion: String
  let examples: [String]
  let declare: @Sendable (inout Declarations) -> Action

  init(
    name: String, purpose: Purpose, abstract: String, discussion: String = "", examples: [String],
    declare: @escaping @Sendable (inout Declarations) -> Action
  ) {
    self.name = name
    self.purpose = purpose
    self.abstract = abstract
    self.discussion = discussion
    self.examples = examples
    self.declare = declare
  }

  /// The declared options and arguments.
  var declarations: Declarations {
    var declarations = Declarations()
    _ = declare(&declarations)
    _ = CommonOptions(&declarations)
    return declarations
  }

  /// Options of the program itself, without a command.
  static let overviewOptions = [
    DeclaredOption(Flag("help", short: "h", help: "Show this overview.")),
    DeclaredOption(Flag("version", help: "Print the version.")),
  ]
}

/// Options of every command.
private struct CommonOptions {
  let color: Key<Console.Color?>
  let help: Key<Bool>

  init(_ declare: inout Declarations) {
    color = declare.optional(
      Option("color", .choice("when"), help: "Colour messages: auto, always or never."))
    help = declare.flag(Flag("help", short: "h", help: "Show this help."))
  }
}

/// A parsed command line.
struct Invocation {
  let parsed: Parsed
  fileprivate let common: CommonOptions
  fileprivate let preparations: [Command.Action]
  fileprivate let action: Command.Action

  var wantsHelp: Bool { parsed[common.help] }

  func run(_ console: Console) throws(CommandError) {
    if let color = parsed[common.color] { console.color = color }
    for prepare in preparations { try prepare(parsed, console) }
    try action(parsed, console)
  }
}

extension Command {
  func parse(_ arguments: [String]) throws(CommandError) -> Invocation {
    var declarations = Declarations()
    let action = declare(&declarations)
    let common = CommonOptions(&declarations)
    var parser = Parser(declarations, helpLine: name.isEmpty ? "bpfgen --help" : "bpfgen \(name) --help")
    try parser.sort(arguments)
    if !parser.parsed[common.help] { try parser.check() }
    return Invocation(
      parsed: parser.parsed, common: common, preparations: declarations.preparations, action: action)
  }
}
