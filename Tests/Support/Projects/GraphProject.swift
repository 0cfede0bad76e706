/// A graph file in a folder of its own, and `bpfgen graph` of it.
struct GraphProject {
  let scratch: Scratch

  /// - Parameter text: the graph file's.
  init(_ text: String) throws {
    scratch = try Scratch()
    _ = try scratch.write(text, to: "bpfgen.json")
  }

  var file: String { scratch.file("bpfgen.json") }

  func graph(_ more: String..., environment: [String: String] = [:]) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), ["graph", "-f", file] + more, environment: environment)
  }

  /// As `bpfgen graph --format json` has them.
  var nodes: [DrawnGraph.Node] { get throws { try DrawnGraph(file: file).nodes } }
}
