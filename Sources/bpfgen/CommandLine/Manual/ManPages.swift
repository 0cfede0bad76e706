/// The pages of the manual's section 1, made from what the commands declare, as `--help` is.
///
/// The page of the graph file is docs/man/bpfgen.json.5: no table has its texts.
enum ManPages {
  static func overview(_ commands: [Command]) -> ManPage {
    var page = ManPage(name: "bpfgen", abstract: HelpText.abstract)
    page.section("SYNOPSIS")
    page.usage(HelpText.usage)
    page.section("DESCRIPTION")
    page.paragraphs(HelpText.abstract + "\n\n" + HelpText.discussion + "\n\n" + graphFiles)
    page.section("COMMANDS")
    for command in commands { page.item(Roff.bold(pageName(command)) + "(1)", command.abstract) }
    page.section("OPTIONS")
    for option in Command.overviewOptions { page.item(Roff.usage(HelpText.spelling(option)), option.help) }
    exitStatus(&page)
    page.section("ENVIRONMENT")
    for (name, prose) in environment { page.item(Roff.bold(name), prose) }
    page.section("FILES")
    for (name, prose) in files { page.item(Roff.italic(name), prose) }
    page.section("EXAMPLES")
    page.example(HelpText.examples(commands))
    page.seeAlso(commands.map { (pageName($0), 1) } + [("bpfgen.json", 5), ("bpftool-gen", 8)])
    return page
  }

  static func command(_ command: Command) -> ManPage {
    var page = ManPage(name: pageName(command), abstract: command.abstract)
    page.section("SYNOPSIS")
    page.usage(HelpText.usage(command))
    page.section("DESCRIPTION")
    page.paragraphs(command.abstract + "\n\n" + command.discussion)
    let declared = command.declarations
    if !declared.arguments.isEmpty {
      page.section("ARGUMENTS")
      for argument in declared.arguments { page.item(Roff.italic(argument.name), argument.help) }
    }
    page.section("OPTIONS")
    for option in declared.options { page.item(Roff.usage(HelpText.spelling(option)), option.help) }
    exitStatus(&page)
    page.section("EXAMPLES")
    page.example(command.examples)
    let readsGraphFile = declared.options.contains { $0.name == Option<String>.graphFile.name }
    page.seeAlso([("bpfgen", 1)] + (readsGraphFile ? [("bpfgen.json", 5)] : []))
    return page
  }

  private static let graphFiles =
    "One graph file, see bpfgen.json(5), describes all headers of a program, and `bpfgen build` brings them up to date."

  private static func pageName(_ command: Command) -> String { "bpfgen-" + command.name }

  private static func exitStatus(_ page: inout ManPage) {
    page.section("EXIT STATUS")
    for (status, prose) in statuses { page.item(Roff.bold(status), prose) }
  }

  private static let statuses = [
    ("0", "What was asked for is done."),
    ("1", "It could not be done, or a difference was found that was asked about."),
    ("2", "The command line or the graph file is wrong."),
    ("130", "Ctrl-C ended it."),
  ]

  private static let environment = [
    ("NO_COLOR", "When it is set, messages have no colours, unless `--color always` asks for them."),
    (
      "MAKEFLAGS",
      "`bpfgen build` without `-j` takes its jobs from the jobserver of the make that runs it, which is named there."
    ),
    ("PATH", "`bpfgen graph --format svg` looks there for Graphviz's `dot`."),
  ]

  private static let files = [
    ("bpfgen.json", "The graph file that is read when no other is named; see bpfgen.json(5)."),
    (
      ".bpfgen/",
      "What is known of earlier builds, beside the graph file. It is a cache: lost or damaged it costs a build, never "
        + "a wrong result."
    ),
  ]
}
