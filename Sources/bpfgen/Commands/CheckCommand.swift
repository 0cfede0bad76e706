internal import GenGraph

extension Command {
  static let check = Command(
    name: "check", purpose: .build,
    abstract: "Compare libraries with the finals that contain them.",
    discussion: """
      Each variable, map and program of a library that has a subskeleton must be in the final, and
      must be the same there. Prints a message for each that is not, and exits with status 1. The
      files on disk are compared; nothing is built.
      """,
    examples: [
      "bpfgen check",
      "bpfgen check -f drivers/bpfgen.json",
    ]
  ) { declare in
    let graph = GraphOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in try check(GraphInputs.project(parsed[graph]), console) }
  }

  private static func check(_ project: Project, _ console: Console) throws(CommandError) {
    let (pairs, unbuilt, failures) = project.checkContracts()
    console.report(failures.flatMap { Diagnostic.texts($0) })
    if let first = unbuilt.first {
      let others =
        switch unbuilt.count {
        case 1: ""
        case 2: ", and neither is '\(unbuilt[1])'"
        default: ", and neither are \(unbuilt.count - 1) others"
        }
      throw CommandError.failed(
        Diagnostic(
          path: first, what: "is not built yet\(others)", hint: "run `bpfgen build`, which includes this check"))
    }
    guard failures.isEmpty else { throw CommandError.ended(status: 1) }
    console.write(
      "bpfgen: \(pairs) \(pairs == 1 ? "pair" : "pairs") of library and final \(pairs == 1 ? "agrees" : "agree")\n")
  }
}
