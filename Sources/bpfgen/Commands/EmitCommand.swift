internal import Bytes
internal import Files
internal import GenGraph

extension Command {
  static let emit = Command(
    name: "emit", purpose: .integrate,
    abstract: "Write a graph file's steps for Ninja, make or Bazel.",
    discussion: """
      Include the text in a Ninja or make build, and depend on its headers or on bpfgen-all. The
      outputs are those of bpfgen build. Paths are relative to the current folder: run the build
      tool there. With -o, the text has a step that regenerates it when the graph file changes.

      For Bazel, the text is the first version of a BUILD file in the graph file's folder, to be
      edited from then on.
      """,
    examples: [
      "bpfgen emit ninja -o bpfgen.ninja",
      "bpfgen emit make -o bpfgen.mk",
      "bpfgen emit bazel -o BUILD.bazel",
    ]
  ) { declare in
    let tool = declare.argument(ValueFormat<BuildTool>.choice("tool"), help: "ninja, make or bazel.")
    let graph = GraphOptions.declare(&declare)
    let output = declare.optional(
      Option(
        "output", short: "o", .file(),
        help: "The output file. An existing BUILD file is not overwritten. Default: -, standard output."))
    let depfile = declare.optional(.depfile)
    let force = declare.flag(.force)
    return { (parsed, console) throws(CommandError) in
      let (tool, output) = (parsed[tool], parsed[output] ?? "-")
      let outputs = Outputs(StepOptions(depfile: parsed[depfile], force: parsed[force]), console)
      let project = try GraphInputs.project(parsed[graph])
      let files = project.graphFiles
      try outputs.checkPaths(outputs: [output], inputs: files)
      let text = try text(project, for: tool, output: output == "-" ? nil : output)
      if tool == .bazel, !parsed[force] { try checkUnwritten(output, by: text) }
      try outputs.write(ByteRope(text), to: output, over: marker(of: tool))
      try outputs.finish(outputs: [output], inputs: files)
    }
  }

  private static func marker(of tool: BuildTool) -> FileMarker? {
    switch tool {
    case .ninja: FileMarker("# Ninja rules for bpfgen")
    case .make: FileMarker("# Made by bpfgen emit make")
    case .bazel: nil
    }
  }

  /// An existing BUILD file may contain edits by its owner.
  private static func checkUnwritten(_ path: String, by text: String) throws(CommandError) {
    guard path != "-", let there = try? FileContent(path: path).bytes, !there.isEmpty, there != Array(text.utf8)
    else { return }
    throw CommandError.failed(
      Diagnostic(
        path: path, what: "exists already, and bpfgen does not overwrite a BUILD file",
        hint: "write to another file and merge it, or overwrite it with --force"))
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
  /// The message for a graph file that cannot be exported.
  fileprivate init(_ error: ProcessPlanError, graphFile: String) {
    self.init(path: graphFile, what: "")
    switch error {
    case .unnameable(let path, let tool, let objection):
      what = "'\(path)' cannot be written in a file for \(tool.rawValue)"
      facts = [("reason", objection)]
      hint = "rename it, or generate it with `bpfgen build`"
    case .taken(let path):
      what = "the build tool's file needs the name '\(path)', which the graph file uses"
      hint = "rename it"
    }
  }
}
