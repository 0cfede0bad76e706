internal import Files
internal import GenGraph

extension Command {
  static let clean = Command(
    name: "clean", purpose: .build,
    abstract: "Remove the outputs of a graph file and the state of its builds.",
    examples: [
      "bpfgen clean"
    ]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    let force = declare.flag(Flag("force", help: "Also remove outputs that bpfgen did not make."))
    return { (parsed, console) throws(CommandError) in
      let build = try BuildFolder.open(parsed[graph], try GraphInputs.project(parsed[graph]), console)
      let (removed, failures) = build.clean(removesAnything: parsed[force])
      console.write("bpfgen: \(removed) output\(removed == 1 ? "" : "s") removed\n")
      guard failures.isEmpty else { throw CommandError.failed(failures.map(unremoved)) }
    }
  }

  /// Why an output was not removed.
  private static func unremoved(_ error: FileError) -> Diagnostic {
    guard case .notOurs(let path) = error else { return Diagnostic(error) }
    return Diagnostic(
      path: path, what: "was not removed: bpfgen did not make it", hint: "remove it yourself, or with --force")
  }
}
