internal import Bytes
internal import Files

/// What tells of the program itself.
extension Command {
  static let help = Command(
    name: "help", abstract: "Show the commands, or the help of one.", examples: ["bpfgen help build"]
  ) { declare in
    let command = declare.optionalArgument(.command, help: "Whose help; the list of all by default.")
    return { (parsed, console) throws(CommandError) in
      if let name = parsed[command] {
        console.write(HelpText.command(try CommandLineTool.command(named: name)))
      } else {
        console.write(HelpText.overview(CommandLineTool.commands))
      }
    }
  }

  static let man = Command(
    name: "man",
    abstract: "Print a man page of this program as troff source, or write all of them.",
    discussion: """
      scripts/install puts all pages where man looks for them. The page of the graph file,
      bpfgen.json(5), is not made by this command.
      """,
    examples: ["bpfgen man build | man -l -", "bpfgen man --all /usr/local/share/man/man1"]
  ) { declare in
    let command = declare.optionalArgument(.command, help: "Whose page; bpfgen(1) by default.")
    let all = declare.optional(Option("all", .folder, help: "Write all pages into this folder instead."))
    let force = declare.flag(.force)
    return { (parsed, console) throws(CommandError) in
      let commands = CommandLineTool.commands
      switch (parsed[command], parsed[all]) {
      case (nil, nil): console.write(ManPages.overview(commands).text)
      case (let name?, nil): console.write(ManPages.command(try CommandLineTool.command(named: name)).text)
      case (nil, let folder?):
        let outputs = Outputs(StepOptions(force: parsed[force]), console)
        for page in [ManPages.overview(commands)] + commands.map(ManPages.command) {
          try outputs.write(ByteRope(page.text), to: "\(folder)/\(page.name).1", over: FileMark(".TH "))
        }
      case (let name?, _?):
        throw CommandError.usage("'--all' writes the page of '\(name)' too", hint: "leave one of them out")
      }
    }
  }

  static let completion = Command(
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
    ]
  ) { declare in
    let shell = declare.argument(Form<CompletionShell>.choice("shell"), help: "bash, zsh or fish.")
    return { (parsed, console) throws(CommandError) in
      let commands = CommandLineTool.commands
      switch parsed[shell] {
      case .bash: console.write(BashCompletion.script(commands))
      case .zsh: console.write(ZshCompletion.script(commands))
      case .fish: console.write(FishCompletion.script(commands))
      }
    }
  }
}

extension Form<String> {
  /// A command of this program.
  fileprivate static var command: Form { text("command", offering: .commands) }
}
