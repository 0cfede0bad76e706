internal import GenGraph

/// Finds and runs the command, and turns its errors into messages and an exit status.
enum CommandLineTool {
  static let commands = workCommands + helpCommands

  private static let workCommands: [Command] = [
    .skeleton, .subskeleton, .lightSkeleton, .link, .vmlinuxHeader, .minCoreBTF, .build, .check, .clean, .why, .query,
    .graph, .diff, .fingerprint, .checkKernels, .compile, .emit, .worker, .gen, .btf,
  ]
  /// Commands that make files from files, and that may run in parallel.
  private static let stepCommands: [Command] = [
    .skeleton, .subskeleton, .lightSkeleton, .link, .vmlinuxHeader, .minCoreBTF, .checkKernels,
  ]
  private static let helpCommands: [Command] = [.help, .man, .completion, .version]

  /// - Returns: 0 success, 1 failure or a difference found, 2 a wrong command line.
  static func run(_ arguments: [String], _ console: Console) -> Int32 {
    if BPFToolGrammar.isProgramName { return run(.bpftool, arguments, console) }
    guard let first = arguments.first else {
      console.writeError(HelpText.overview(commands))
      return 2
    }
    switch first {
    case "-h", "--help":
      return run(.help, Array(arguments.dropFirst()), console)
    case "--version":
      console.write(Version.text + "\n")
      return 0
    case let word where known(word) == nil && BPFToolGrammar.begins(with: word):
      return run(.bpftool, arguments, console)
    default:
      do throws(CommandError) {
        return run(try command(named: first), Array(arguments.dropFirst()), console)
      } catch {
        console.report(error.diagnostics)
        return error.status
      }
    }
  }

  /// Runs a build step for a worker, on any thread; returns its exit status and output.
  static func runStep(_ arguments: [String]) -> (status: Int32, output: String) {
    let console = Console(isWorker: true)
    guard let first = arguments.first, let command = stepCommands.first(where: { $0.name == first }) else {
      let what = arguments.first.map { "a worker cannot run '\($0)'" } ?? "no command to run"
      console.report([Diagnostic(what: what, hint: "one of " + stepCommands.map(\.name).joined(separator: ", "))])
      return (2, console.collected)
    }
    let status = run(command, Array(arguments.dropFirst()), console)
    return (status, console.collected)
  }

  static func command(named name: String) throws(CommandError) -> Command {
    if let command = known(name) { return command }
    let what = name.hasPrefix("-") ? "unknown option '\(name)'" : "unknown command '\(name)'"
    let meant = Spelling.closest(to: name, among: commands.map(\.name)).map { "did you mean '\($0)'?" }
    throw CommandError.failed(Diagnostic(what: what, hint: meant ?? "bpfgen help lists the commands"), status: 2)
  }

  private static func known(_ name: String) -> Command? {
    let isMeant: (Command) -> Bool = { $0.name == name }
    return workCommands.first(where: isMeant) ?? helpCommands.first(where: isMeant)
  }

  private static func run(_ command: Command, _ arguments: [String], _ console: Console) -> Int32 {
    do throws(CommandError) {
      let invocation = try command.parse(arguments)
      if invocation.wantsHelp {
        console.write(HelpText.command(command))
      } else {
        try invocation.run(console)
      }
      return 0
    } catch {
      console.report(MissingPath.suggest(for: error.diagnostics, arguments: arguments))
      if error.isUsage, console.json == nil { console.writeError("Usage: \(HelpText.usage(command))\n") }
      return error.status
    }
  }
}
