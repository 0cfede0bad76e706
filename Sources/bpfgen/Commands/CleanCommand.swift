internal import Files
internal import GenGraph

extension Command {
  static let clean = Command(
    name: "clean",
    abstract: "Remove what the graph makes and the state of its builds, and nothing else.",
    examples: ["bpfgen clean"]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    let force = declare.flag(Flag("force", help: "Remove files that bpfgen did not make, too."))
    return { (parsed, console) throws(CommandError) in
      let build = try BuildFolder.open(parsed[graph], try GraphInputs.project(parsed[graph]), console)
      let (removed, failures) = build.clean(removesAnything: parsed[force])
      console.write("bpfgen: \(removed) output\(removed == 1 ? "" : "s") removed\n")
      guard failures.isEmpty else { throw CommandError.failed(failures.map(unremoved)) }
    }
  }

  /// Why an output is still there.
  private static func unremoved(_ error: FileError) -> Diagnostic {
    guard case .notOurs(let path) = error else { return Diagnostic(error) }
    return Diagnostic(path: path, what: "stays: bpfgen did not make it", hint: "--force removes it too")
  }
}
