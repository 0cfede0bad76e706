/// The pages of the manual's section 1, generated from the declarations, as `--help` is.
///
/// The page of the graph file is written by hand: docs/man/bpfgen.json.5.
enum ManPages {
  static func overview(_ commands: [Command]) -> ManPage {
    var page = ManPage(name: "bpfgen", abstract: HelpText.abstract)
    page.section("SYNOPSIS")
    page.usage(HelpText.usage)
    page.section("DESCRIPTION")
    page.paragraphs(HelpText.abstract + "\n\n" + HelpText.discussion + "\n\n" + graphFiles)
    page.section("COMMANDS")
    for (purpose, commands) in HelpText.byPurpose(commands) {
      page.subsection(purpose.rawValue)
      for command in commands { page.item(Roff.bold(pageName(command)) + "(1)", command.abstract) }
    }
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
    "A graph file, see bpfgen.json(5), describes all headers of a program, and `bpfgen build` brings them up to date."

  private static func pageName(_ command: Command) -> String { "bpfgen-" + command.name }

  private static func exitStatus(_ page: inout ManPage) {
    page.section("EXIT STATUS")
    for (status, prose) in statuses { page.item(Roff.bold(status), prose) }
  }

  private static let statuses = [
    ("0", "Success."),
    ("1", "Failure, or a difference that `--exit-code` reports."),
    ("2", "The command line or the graph file is wrong."),
    ("130", "Interrupted by Ctrl-C."),
  ]

  private static let environment = [
    ("NO_COLOR", "If set, messages are not coloured, unless `--color always` is given."),
    (
      "MAKEFLAGS",
      "Names the jobserver of the make that runs `bpfgen build`. Without `-j`, the build takes its jobs from it."
    ),
    ("PATH", "Where `bpfgen graph --format svg` finds Graphviz's `dot`."),
  ]

  private static let files = [
    ("bpfgen.json", "The default graph file; see bpfgen.json(5)."),
    (
      ".bpfgen/",
      "The state of earlier builds, next to the graph file. It is a cache: if it is lost or damaged, everything is "
        + "checked again."
    ),
  ]
}
