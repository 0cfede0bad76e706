internal import Bytes
internal import Files

/// What tells of the program itself.
extension CommandSpec {
  static let helpCommand = CommandSpec(
    name: "help", abstract: "Show the commands, or the help of one.", examples: ["bpfgen help build"],
    positionals: [
      Positional(name: "command", help: "Whose help; the list of all by default.", kind: .command, isOptional: true)
    ]
  ) { arguments in
    guard let name = arguments.positionals.first else {
      return Terminal.write(HelpText.overview(CommandLineTool.commands))
    }
    Terminal.write(HelpText.command(try CommandLineTool.command(named: name)))
  }

  static let man = CommandSpec(
    name: "man",
    abstract: "Print a man page of this program as troff source, or write all of them.",
    discussion: """
      scripts/install puts all pages where man looks for them. The page of the graph file,
      bpfgen.json(5), is not made by this command.
      """,
    examples: ["bpfgen man build | man -l -", "bpfgen man --all /usr/local/share/man/man1"],
    positionals: [
      Positional(name: "command", help: "Whose page; bpfgen(1) by default.", kind: .command, isOptional: true)
    ],
    options: [
      Option(name: "all", value: "folder", help: "Write all pages into this folder instead.", kind: .folder), .force,
    ]
  ) { arguments in
    let commands = CommandLineTool.commands
    let name = arguments.positionals.first
    guard let folder = arguments["all"] else {
      guard let name else { return Terminal.write(ManPages.overview(commands).text) }
      return Terminal.write(ManPages.command(try CommandLineTool.command(named: name)).text)
    }
    if let name { throw UsageError(what: "'--all' writes the page of '\(name)' too", hint: "leave one of them out") }
    for page in [ManPages.overview(commands)] + commands.map(ManPages.command) {
      try Outputs.write(ByteRope(page.text), to: "\(folder)/\(page.name).1", over: FileMark(".TH "), arguments)
    }
  }

  static let completion = CommandSpec(
    name: "completion",
    abstract: "Print the script with which a shell completes the words of this program.",
    discussion: """
      scripts/install puts the scripts where the shells look for them. Without it, load one in
      the shell's own startup file, as the examples do.
      """,
    examples: [
      "bpfgen completion fish | source     # in config.fish",
      "source <(bpfgen completion bash)    # in .bashrc",
      "source <(bpfgen completion zsh)     # in .zshrc, after compinit",
    ],
    positionals: [
      Positional(name: "shell", help: "bash, zsh or fish.", choices: CompletionShell.allCases.map { $0.rawValue })
    ]
  ) { arguments in
    let commands = CommandLineTool.commands
    switch CompletionShell(rawValue: arguments.positionals[0])! {
    case .bash: Terminal.write(BashCompletion.script(commands))
    case .zsh: Terminal.write(ZshCompletion.script(commands))
    case .fish: Terminal.write(FishCompletion.script(commands))
    }
  }
}
