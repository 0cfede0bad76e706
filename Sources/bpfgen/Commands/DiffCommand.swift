internal import ArgumentParser
internal import BPFObject
internal import FoundationEssentials

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changed in what an object offers: variables, maps and programs.",
    discussion: """
      Code, constants' values and debug information do not count: nobody who includes the header can notice them.

      Examples:
        bpfgen diff old.bpf.o new.bpf.o
        bpfgen diff --exit-code --format json released.bpf.o build/app.bpf.o
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "The earlier object.")
  var old: String

  @Argument(help: "The later object.")
  var new: String

  @Option(help: ArgumentHelp("text for people, json for programs.", valueName: "format"))
  var format = Format.text

  @Flag(help: "Exit with 1 when there is a difference.")
  var exitCode = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    // One name for both: the files' names are no difference.
    let before = try Inputs.object(try Inputs.read(old), name: "object")
    let after = try Inputs.object(try Inputs.read(new), name: "object")
    let changes = LayoutDiff.changes(from: before, to: after)
    switch format {
    case .text: Terminal.write(DiffReport.text(changes))
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      Terminal.write(String(decoding: try encoder.encode(["changes": changes]), as: UTF8.self) + "\n")
    }
    if exitCode, !changes.isEmpty { throw Failure(status: 1) }
  }
}
