internal import Bytes
internal import Files

/// Commands about the program itself.
extension Command {
  static let help = Command(
    name: "help", purpose: .help, abstract: "Show this overview, or the help of a command.",
    examples: ["bpfgen help build"]
  ) { declare in
    let command = declare.optionalArgument(.command, help: "The command. Default: all, as an overview.")
    return { (parsed, console) throws(CommandError) in
      if let name = parsed[command] {
        console.write(HelpText.command(try CommandLineTool.command(named: name)))
      } else {
        console.write(HelpText.overview(CommandLineTool.commands))
      }
    }
  }

  static let man = Command(
    name: "man", purpose: .help,
    abstract: "Print a man page, or write all of them.",
    discussion: """
      Prints troff source. Packages and scripts/install put all pages where man finds them. The page
      of the graph file, bpfgen.json(5), is a separate file.
      """,
    examples: [
      "bpfgen man build | man -l -",
      "bpfgen man --all share/man/man1",
    ]
  ) { declare in
    let command = declare.optionalArgument(.command, help: "The command. Default: the page bpfgen(1).")
    let all = declare.optional(Option("all", .folder, help: "Write all pages to this folder."))
    let force = declare.flag(.force)
    return { (parsed, console) throws(CommandError) in
      let commands = CommandLineTool.commands
      switch (parsed[command], parsed[all]) {
      case (nil, nil): console.write(ManPages.overview(commands).text)
      case (let name?, nil): console.write(ManPages.command(try CommandLineTool.command(named: name)).text)
      case (nil, let folder?):
        let outputs = Outputs(StepOptions(force: parsed[force]), console)
        for page in [ManPages.overview(commands)] + commands.map(ManPages.command) {
          try outputs.write(ByteRope(page.text), to: "\(folder)/\(page.name).1", over: FileMarker(".TH "))
        }
      case (let name?, _?):
        throw CommandError.usage("'--all' writes the page of '\(name)' too", hint: "use one of them")
      }
    }
  }

  static let completion = Command(
    name: "completion", purpose: .help,
    abstract: "Print a completion script for bash, zsh or fish.",
    discussion: """
      Packages and scripts/install put the scripts where the shells find them. Otherwise, run one of
      the examples; for bash, in .bashrc.
      """,
    examples: [
      "bpfgen completion zsh > ~/.zfunc/_bpfgen",
      "bpfgen completion fish > ~/.config/fish/completions/bpfgen.fish",
      "source <(bpfgen completion bash)",
    ]
  ) { declare in
    let shell = declare.argument(ValueFormat<CompletionShell>.choice("shell"), help: "bash, zsh or fish.")
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

extension ValueFormat<String> {
  /// The name of a command.
  fileprivate static var command: ValueFormat { text("command", offering: .commands) }
}
