internal import BPF

extension Command {
  static let diff = Command(
    name: "diff",
    abstract: "Say what changed in what an object offers: variables, maps and programs.",
    discussion: """
      Code, constants' values and debug information do not count: nobody who includes the
      header can notice them.
      """,
    examples: [
      "bpfgen diff old.bpf.o new.bpf.o", "bpfgen diff --exit-code --format json released.bpf.o build/app.bpf.o",
    ]
  ) { declare in
    let old = declare.argument(.file("old"), help: "The earlier object.")
    let new = declare.argument(.file("new"), help: "The later object.")
    let format = declare.optional(
      Option<TextFormat>("format", .choice("format"), help: "text for people (the default), json for programs."))
    let exitCode = declare.flag(Flag("exit-code", help: "Exit with 1 when there is a difference."))
    return { (parsed, console) throws(CommandError) in
      // One name for both: the files' names are no difference.
      let old = try Inputs.object(try Inputs.read(parsed[old]), name: "object")
      let new = try Inputs.object(try Inputs.read(parsed[new]), name: "object")
      let changes = LayoutDiff.changes(from: old, to: new)
      switch parsed[format] ?? .text {
      case .text: console.write(DiffReport.text(changes))
      case .json: console.write(DiffReport.json(changes))
      }
      if parsed[exitCode], !changes.isEmpty { throw CommandError.ended(status: 1) }
    }
  }
}
