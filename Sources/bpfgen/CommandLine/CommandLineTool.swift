internal import Files
internal import GenGraph
internal import Glibc

/// Finds the command, runs it, and turns what it throws into messages and an exit status.
enum CommandLineTool {
  static let commands = workCommands + helpCommands

  private static let workCommands: [CommandSpec] = [
    .skeleton, .subskeleton, .lightSkeleton, .compile, .link, .vmlinuxHeader, .minCoreBTF, .build, .check, .why, .query,
    .graph, .emit, .clean, .fingerprint, .diff, .worker, .gen, .btf, .version,
  ]
  /// Those that make files of files, and that may run side by side.
  private static let stepCommands: [CommandSpec] = [
    .skeleton, .subskeleton, .lightSkeleton, .link, .vmlinuxHeader, .minCoreBTF,
  ]
  /// A list of their own: a run that makes a header does not make their tables.
  private static let helpCommands: [CommandSpec] = [.man, .completion, .helpCommand]

  /// - Returns: 0 done, 1 failed or a difference found, 2 a wrong command line.
  static func run(_ words: [String]) -> Int32 {
    if BPFToolGrammar.isProgramName { return run(.bpftool, words) }
    guard let first = words.first else {
      Terminal.writeError(HelpText.overview(commands))
      return 2
    }
    switch first {
    case "-h", "--help":
      return run(.helpCommand, Array(words.dropFirst()))
    case "--version":
      Terminal.write(Version.text + "\n")
      return 0
    case let word where known(word) == nil && BPFToolGrammar.begins(with: word):
      return run(.bpftool, words)
    default:
      do throws(Failure) {
        return run(try command(named: first), Array(words.dropFirst()))
      } catch { return report(error) }
    }
  }

  /// Runs a step of a build for a worker, on any thread: its exit status, and what there is to say.
  static func runStep(_ words: [String]) -> (status: Int32, words: String) {
    guard let first = words.first, let command = stepCommands.first(where: { $0.name == first }) else {
      let what = words.first.map { "'\($0)' is no step" } ?? "there is nothing to run"
      let hint = "one of " + stepCommands.map(\.name).joined(separator: ", ")
      return (2, Diagnostic(what: what, hint: hint).text(colored: false))
    }
    let ending = end(command, Array(words.dropFirst()))
    let texts = ending.diagnostics.map { $0.map { $0.text(colored: false) } } ?? []
    return (ending.status, ending.help + texts.joined() + ending.usage)
  }

  /// How a command ended.
  private struct Ending {
    var status: Int32 = 0
    var help = ""
    /// What is wrong; `nil` when nothing is.
    var diagnostics: [Diagnostic]?
    /// The usage line, for a wrong command line.
    var usage = ""
  }

  /// - Parameter prepare: told of the arguments before the command runs.
  private static func end(
    _ command: CommandSpec, _ words: [String], prepare: (ParsedArguments) -> Void = { _ in }
  ) -> Ending {
    do {
      let arguments = try command.parse(words)
      if arguments.has("help") { return Ending(help: HelpText.command(command)) }
      prepare(arguments)
      if let folder = arguments["directory"], chdir(folder) != 0 {
        throw Failure(Diagnostic(.system(path: folder, operation: "enter", errno: errno)), status: 2)
      }
      try command.run(arguments)
      return Ending()
    } catch let error as UsageError {
      return Ending(status: 2, diagnostics: [error.diagnostic], usage: "Usage: \(HelpText.usage(command))\n")
    } catch let failure as Failure {
      return Ending(status: failure.status, diagnostics: failure.diagnostics)
    } catch {
      preconditionFailure("a command throws Failure or UsageError, not \(error)")
    }
  }

  static func command(named name: String) throws(Failure) -> CommandSpec {
    if let command = known(name) { return command }
    let what = name.hasPrefix("-") ? "unknown option '\(name)'" : "unknown command '\(name)'"
    let meant = Spelling.closest(to: name, among: commands.map(\.name)).map { "did you mean '\($0)'?" }
    throw Failure(Diagnostic(what: what, hint: meant ?? "bpfgen --help lists the commands"), status: 2)
  }

  private static func known(_ name: String) -> CommandSpec? {
    let isMeant: (CommandSpec) -> Bool = { $0.name == name }
    return workCommands.first(where: isMeant) ?? helpCommands.first(where: isMeant)
  }

  private static func run(_ command: CommandSpec, _ words: [String]) -> Int32 {
    let ending = end(command, words) { arguments in
      Terminal.color = arguments["color"].flatMap(Terminal.Color.init) ?? .auto
      Terminal.json = JSONStyle(arguments)
    }
    Terminal.write(ending.help)
    if let diagnostics = ending.diagnostics { Terminal.report(diagnostics) }
    if Terminal.json == nil { Terminal.writeError(ending.usage) }
    return ending.status
  }

  private static func report(_ failure: Failure) -> Int32 {
    Terminal.report(failure.diagnostics)
    return failure.status
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

  init(_ diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
    status = 1
  }

  /// Nothing to say: the status says it.
  init(status: Int32) {
    diagnostics = []
    self.status = status
  }
}
