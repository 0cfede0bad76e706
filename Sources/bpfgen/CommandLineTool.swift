internal import Incr

/// Finds the command, runs it, and turns what it throws into messages and an exit status.
enum CommandLineTool {
  static let commands: [CommandSpec] = [
    .skeleton, .subskeleton, .compile, .link, .vmlinuxHeader, .build, .check, .why, .query, .graph, .emit, .clean,
    .fingerprint, .diff, .version,
  ]

  /// - Returns: 0 done, 1 failed or a difference found, 2 a wrong command line.
  static func run(_ words: [String]) -> Int32 {
    guard let first = words.first else {
      Terminal.writeError(HelpText.overview(commands))
      return 2
    }
    switch first {
    case "-h", "--help", "help":
      return help(words.dropFirst().first)
    case "--version":
      Terminal.write(Version.text + "\n")
      return 0
    default:
      guard let command = commands.first(where: { $0.name == first }) else { return unknown(first) }
      return run(command, Array(words.dropFirst()))
    }
  }

  private static func run(_ command: CommandSpec, _ words: [String]) -> Int32 {
    do {
      let arguments = try command.parse(words)
      if arguments.has("help") {
        Terminal.write(HelpText.command(command))
        return 0
      }
      Terminal.color = arguments["color"].flatMap(Terminal.Color.init) ?? .auto
      try command.run(arguments)
      return 0
    } catch let error as UsageError {
      Terminal.report([Diagnostic(what: error.what, hint: error.hint)])
      Terminal.writeError("Usage: \(HelpText.usage(command))\n")
      return 2
    } catch let failure as Failure {
      Terminal.report(failure.diagnostics)
      return failure.status
    } catch {
      preconditionFailure("a command throws Failure or UsageError, not \(error)")
    }
  }

  private static func help(_ name: String?) -> Int32 {
    guard let name else {
      Terminal.write(HelpText.overview(commands))
      return 0
    }
    guard let command = commands.first(where: { $0.name == name }) else { return unknown(name) }
    Terminal.write(HelpText.command(command))
    return 0
  }

  private static func unknown(_ word: String) -> Int32 {
    let what = word.hasPrefix("-") ? "unknown option '\(word)'" : "unknown command '\(word)'"
    let meant = Spelling.closest(to: word, among: commands.map(\.name)).map { "did you mean '\($0)'?" }
    Terminal.report([Diagnostic(what: what, hint: meant ?? "bpfgen --help lists the commands")])
    return 2
  }
}

/// A command that could not do its work, or found the difference that it was asked about.
struct Failure: Error {
  var diagnostics: [Diagnostic]
  var status: Int32

  init(_ diagnostic: Diagnostic, status: Int32 = 1) {
    diagnostics = [diagnostic]
    self.status = status
  }

  /// Nothing to say: the status says it.
  init(status: Int32) {
    diagnostics = []
    self.status = status
  }
}
