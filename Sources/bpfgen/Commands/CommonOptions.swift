internal import ArgumentParser

extension Terminal.Color: ExpressibleByArgument {}

/// What every command understands.
struct CommonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Colour messages: auto, always or never.", valueName: "when"))
  var color = Terminal.Color.auto

  func apply() { Terminal.color = color }
}
