internal import Bytes
internal import Files
internal import GenGraph

extension Command {
  static let emit = Command(
    name: "emit",
    abstract: "Write the steps of a graph file for Ninja, make or Bazel.",
    discussion: """
      For builds that run their own steps: include the text, and depend on the headers that it
      makes, or on bpfgen-all. The outputs are those of bpfgen build, byte for byte. Paths are
      as seen from here: run the build tool in this folder. With -o the text also has a step
      that writes it anew when the graph file changes.

      For Bazel it is the beginning of a BUILD file in the graph file's folder, to be edited
      from then on: a target for each thing that the graph file names.
      """,
    examples: [
      "bpfgen emit ninja -o bpfgen.ninja", "bpfgen emit make -o bpfgen.mk && make -f bpfgen.mk",
      "bpfgen emit ninja -f drivers/bpfgen.json | less", "bpfgen emit bazel -o BUILD.bazel",
    ]
  ) { declare in
    let tool = declare.argument(Form<BuildTool>.choice("tool"), help: "ninja, make or bazel.")
    let graph = GraphOptions.declare(&declare)
    let output = declare.optional(
      Option(
        "output", short: "o", .file(),
        help: "Where to write it, unless it exists already. Default: -, standard output."))
    let depfile = declare.optional(.depfile)
    let force = declare.flag(.force)
    return { (parsed, console) throws(CommandError) in
      let (tool, output) = (parsed[tool], parsed[output] ?? "-")
      let outputs = Outputs(StepOptions(depfile: parsed[depfile], force: parsed[force]), console)
      let project = try GraphInputs.project(parsed[graph])
      let files = project.graphFiles
      try outputs.checkPlaces(outputs: [output], inputs: files)
      let text = try text(project, for: tool, output: output == "-" ? nil : output)
      if tool == .bazel, !parsed[force] { try checkUnwritten(output, by: text) }
      try outputs.write(ByteRope(text), to: output, over: mark(of: tool))
      try outputs.finish(outputs: [output], inputs: files)
    }
  }

  private static func mark(of tool: BuildTool) -> FileMark? {
    switch tool {
    case .ninja: FileMark("# Ninja rules for bpfgen")
    case .make: FileMark("# Made by bpfgen emit make")
    case .bazel: nil
    }
  }

  /// A BUILD file is its owner's to edit once it is there.
  private static func checkUnwritten(_ path: String, by text: String) throws(CommandError) {
    guard path != "-", let there = try? FileContent(path: path).bytes, !there.isEmpty, there != Array(text.utf8)
    else { return }
    throw CommandError.failed(
      Diagnostic(
        path: path, what: "exists already, and is yours to edit",
        hint: "write to another file, and take over what is new; --force writes over it"))
  }

  private static func text(_ project: Project, for tool: BuildTool, output: String?) throws(CommandError) -> String {
    do throws(ProcessPlanError) {
      return switch tool {
      case .ninja: try ProcessPlan(project).ninjaText(output: output)
      case .make: try ProcessPlan(project).makeText(output: output)
      case .bazel: try project.bazelText()
      }
    } catch { throw CommandError.failed(Diagnostic(error, graphFile: project.graphFiles[0]), status: 2) }
  }
}

extension Diagnostic {
  /// The words for why a graph file cannot be written as another tool's.
  fileprivate init(_ error: ProcessPlanError, graphFile: String) {
    self.init(path: graphFile, what: "")
    switch error {
    case .unnameable(let path, let tool, let objection):
      what = "'\(path)' cannot stand in a file for \(tool.rawValue)"
      facts = [("because of", objection)]
      hint = "rename it, or let bpfgen build make it"
    case .taken(let path):
      what = "'\(path)' is the graph's, and the build tool's file needs that name"
      hint = "rename it"
    }
  }
}
