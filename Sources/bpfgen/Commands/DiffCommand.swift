internal import BPF

extension Command {
  static let diff = Command(
    name: "diff", purpose: .inspect,
    abstract: "Compare what two objects offer to users of their headers.",
    discussion: """
      Compares variables, maps and programs. Code, the values of constants and debug information are
      not compared, because they do not appear in headers.
      """,
    examples: [
      "bpfgen diff old.bpf.o new.bpf.o",
      "bpfgen diff --exit-code --format json released.bpf.o build/app.bpf.o",
    ]
  ) { declare in
    let old = declare.argument(.file("old"), help: "The earlier object.")
    let new = declare.argument(.file("new"), help: "The later object.")
    let format = declare.optional(
      Option<TextFormat>("format", .choice("format"), help: "text (the default) or json."))
    let exitCode = declare.flag(Flag("exit-code", help: "Exit with status 1 if there is a difference."))
    return { (parsed, console) throws(CommandError) in
      // The same name for both: different file names are not a difference.
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
