extension ProcessPlan {
  /// The plan as a Ninja file, to be included or to be run by itself.
  ///
  /// - Parameter output: the path of the Ninja file, if it should update itself.
  package func ninjaText(output: String?) throws(ProcessPlanError) -> String {
    let output = output.map(Paths.normalized)
    let depfiles = steps.map { $0.output + ".d" }
    try check(for: .ninja, helpers: [NinjaText.all] + depfiles + (output.map { [$0, $0 + ".d"] } ?? []))
    var text = NinjaText()
    for step in steps { text.add(step) }
    text.addAll(steps.flatMap(\.outputs))
    if let output { text.addItself(output, graphFiles) }
    return text.text
  }
}

/// Writes build statements after the rules of ninja/bpfgen.ninja, which users who write their own steps include.
private struct NinjaText {
  static let all = "bpfgen-all"

  private(set) var text = String(decoding: PackageResources.bpfgen_ninja, as: UTF8.self)

  mutating func add(_ step: ProcessPlan.Step) {
    if let checks = step.kernelChecks {
      // The kernels are in the depfile.
      return add(
        "bpfgen_check_graph", outputs: [step.output], implicitOutputs: checks.reports, inputs: [checks.graphFile],
        implicitInputs: step.inputs)
    }
    add(
      rule(step), outputs: [step.output], implicitOutputs: step.payload.map { [$0] } ?? [], inputs: step.inputs,
      implicitInputs: step.otherInputs)
    if let payload = step.payload { bind("bpfgen_payload", ShellWord.quoted(payload)) }
    let options = step.options + step.quotedOptions.flatMap { [$0.name, ShellWord.quoted($0.value)] }
    if !options.isEmpty { bind("bpfgen_options", options.joined(separator: " ")) }
  }

  /// One name for all outputs.
  mutating func addAll(_ outputs: [String]) { add("phony", outputs: [NinjaText.all], inputs: outputs) }

  mutating func addItself(_ output: String, _ graphFiles: [String]) {
    let name = NinjaText.escape(output)
    text += "\n# A Ninja file that includes this one says after it: build build.ninja: phony \(name)"
    add(
      "bpfgen_emit", outputs: [output], inputs: [graphFiles[0]], implicitInputs: Array(graphFiles.dropFirst()))
  }

  private func rule(_ step: ProcessPlan.Step) -> String {
    "bpfgen_" + step.command.rawValue.replacing("-", with: "_") + (step.payload == nil ? "" : "_payload")
  }

  private mutating func add(
    _ rule: String, outputs: [String], implicitOutputs: [String] = [], inputs: [String],
    implicitInputs: [String] = []
  ) {
    // Separate statements: the compiler takes seconds for one expression with all of them.
    text += "\nbuild"
    text += NinjaText.list("", outputs)
    text += NinjaText.list(" |", implicitOutputs)
    text += ": \(rule)"
    text += NinjaText.list("", inputs)
    text += NinjaText.list(" |", implicitInputs)
    text += "\n"
  }

  private mutating func bind(_ variable: String, _ value: String) {
    text += "  \(variable) = " + value.escaping(["$"], with: "$") + "\n"
  }

  /// Paths, preceded by their separator; empty if there are none.
  private static func list(_ separator: String, _ paths: [String]) -> String {
    paths.isEmpty ? "" : separator + paths.map { " " + escape($0) }.joined()
  }

  /// Source: Ninja's manual, "Lexical syntax".
  private static func escape(_ path: String) -> String { path.escaping(["$", " ", ":"], with: "$") }
}
