internal import BPF

extension CommandSpec {
  static let diff = CommandSpec(
    name: "diff",
    abstract: "Say what changed in what an object offers: variables, maps and programs.",
    discussion: """
      Code, constants' values and debug information do not count: nobody who includes the
      header can notice them.
      """,
    examples: [
      "bpfgen diff old.bpf.o new.bpf.o", "bpfgen diff --exit-code --format json released.bpf.o build/app.bpf.o",
    ],
    positionals: [
      Positional(name: "old", help: "The earlier object.", kind: .file),
      Positional(name: "new", help: "The later object.", kind: .file),
    ],
    options: [
      Option(
        name: "format", value: "format", help: "text for people (the default), json for programs.",
        choices: ["text", "json"]),
      Option(name: "exit-code", help: "Exit with 1 when there is a difference."),
    ]
  ) { arguments in
    // One name for both: the files' names are no difference.
    let old = try Inputs.object(try Inputs.read(arguments.positionals[0]), name: "object")
    let new = try Inputs.object(try Inputs.read(arguments.positionals[1]), name: "object")
    let changes = LayoutDiff.changes(from: old, to: new)
    Terminal.write(arguments["format"] == "json" ? DiffReport.json(changes) : DiffReport.text(changes))
    if arguments.has("exit-code"), !changes.isEmpty { throw Failure(status: 1) }
  }
}
