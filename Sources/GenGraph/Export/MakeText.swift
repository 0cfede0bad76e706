extension ProcessPlan {
  /// The plan as a makefile for GNU make 4.2 or newer, to be included or to be run by itself.
  ///
  /// make has no restat: a rule whose command does not change its target would run in every build. So each step has a
  /// stamp, which is touched after its command, and its outputs depend on the stamp with empty recipes, after which
  /// make checks their times. There are no depfiles: everything that a step reads is known here, and the program is
  /// found when make reads the makefile.
  ///
  /// - Parameter output: the path of the makefile, if it should update itself.
  package func makeText(output: String?) throws(ProcessPlanError) -> String {
    let output = output.map(Paths.normalized)
    let own = output.map { [$0, MakeText.stamp($0)] } ?? []
    let stamps = steps.map { MakeText.stamp($0.output) }
    try check(for: .make, helpers: MakeText.names + stamps + own)
    var text = MakeText(output: output)
    for step in steps { text.add(step) }
    if let output { text.addItself(output, graphFiles) }
    text.end()
    return text.text
  }
}

/// Writes rules, each with its recipe.
private struct MakeText {
  /// Targets that are not files.
  static let names = ["bpfgen-all", "bpfgen-clean", "bpfgen-force"]

  private(set) var text: String
  private var outputs: [String] = []
  /// The commands of `bpfgen-clean`.
  private var removals: [String] = []

  /// The file whose time is that of the step's last success.
  static func stamp(_ output: String) -> String { output + ".stamp" }

  init(output: String?) {
    // If its own path is unknown, the makefile asks make for it.
    let itself = output.map(MakeText.escape) ?? "$(wildcard $(lastword $(MAKEFILE_LIST)))"
    text = """
      # Made by bpfgen emit make, for GNU make 4.2 or newer; edit the graph file instead.
      #
      # bpfgen-all makes everything, bpfgen-clean removes it. BPFGEN is the program. Paths are those seen from the folder in
      # which this was made: run make there.

      BPFGEN ?= bpfgen
      # If bpfgen or the list of steps changes, each step runs again; an unchanged header is not rewritten.
      bpfgen-program := $(wildcard $(shell command -v $(firstword $(BPFGEN)) 2>/dev/null))
      bpfgen-needs := $(bpfgen-program) \(itself)
      bpfgen-goal := $(.DEFAULT_GOAL)

      .DELETE_ON_ERROR:
      .PHONY: \(MakeText.names.joined(separator: " "))
      bpfgen-all:

      """
  }

  mutating func add(_ step: ProcessPlan.Step) {
    text += "\n"
    let stamp = MakeText.stamp(step.output)
    // A missing output makes its step run even if the stamp is new.
    let missing = step.outputs.map { " $(if $(wildcard \(MakeText.escape($0))),,bpfgen-force)" }.joined()
    addRule(
      stamp,
      MakeText.list(step.inputs + step.otherInputs + (step.kernelChecks?.sources ?? [])) + " $(bpfgen-needs)"
        + missing,
      recipe: folders(step) + [MakeText.touching(stamp, after: command(step))])
    for output in step.outputs { addEmptyRule(output, stamp) }
    outputs += step.outputs
    removals.append("rm -f -- " + (step.outputs + [stamp]).map(MakeText.shell).joined(separator: " "))
    if let checks = step.kernelChecks {
      // One that is not there is an error of the step, which checks the others, and not of make.
      for path in checks.optional { text += MakeText.escape(path) + ":\n" }
      removals.append("rm -rf -- " + MakeText.shell(checks.state))
    }
  }

  /// The makefile has a stamp too: an edit of the graph file that changes no step leaves the makefile unchanged.
  mutating func addItself(_ output: String, _ graphFiles: [String]) {
    let stamp = MakeText.stamp(output)
    let command = "emit make -f \(MakeText.shell(graphFiles[0])) -o \(MakeText.shell(output))"
    text += "\n"
    addRule(
      stamp, MakeText.list(graphFiles) + " $(bpfgen-program)",
      recipe: [MakeText.touching(stamp, after: command)])
    addEmptyRule(output, stamp)
  }

  mutating func end() {
    // A single rule: for each rule that adds prerequisites to a target, make walks all that it already has.
    text += "\nbpfgen-all:" + outputs.map { " \\\n  " + MakeText.escape($0) }.joined() + "\n\n"
    // Two colons, because another such file may be included. One line per step, because a shell accepts at most 128
    // KiB.
    text += "bpfgen-clean::\n"
    for command in removals { text += "\t@\(command)\n" }
    text += """

      # Included, this leaves the default goal to the makefile that includes it.
      ifneq ($(words $(MAKEFILE_LIST)),1)
      .DEFAULT_GOAL := $(bpfgen-goal)
      endif

      """
  }

  // MARK: Parts

  private mutating func addRule(_ target: String, _ prerequisites: String, recipe: [String]) {
    text += MakeText.escape(target) + ":" + prerequisites + "\n" + recipe.map { "\t\($0)\n" }.joined()
  }

  /// The `+` makes `make -q` and `make -n` check the output's time too, instead of assuming that it is new. Source: GNU
  /// make, `notice_finished_file`.
  private mutating func addEmptyRule(_ output: String, _ stamp: String) {
    text += "\(MakeText.escape(output)): \(MakeText.escape(stamp)) ; +\n"
  }

  /// One line, so that failures are detected under `.ONESHELL` too.
  private static func touching(_ stamp: String, after command: String) -> String {
    "$(BPFGEN) \(command) && touch -- \(shell(stamp))"
  }

  private func folders(_ step: ProcessPlan.Step) -> [String] {
    let folders = Set(step.outputs.map(Paths.folder)).subtracting([""]).sorted()
    return folders.isEmpty ? [] : ["@mkdir -p -- " + folders.map(MakeText.shell).joined(separator: " ")]
  }

  private func command(_ step: ProcessPlan.Step) -> String {
    if let checks = step.kernelChecks {
      // With -j1 make has no jobserver, from which the step would learn how many threads it may use.
      return [
        "check-kernels --graph", MakeText.shell(checks.graphFile), "--state", MakeText.shell(checks.state), "--stamp",
        MakeText.shell(step.output), "$(filter -j1,$(MAKEFLAGS))",
      ].joined(separator: " ")
    }
    var arguments = [step.command.rawValue] + step.options
    if let payload = step.payload { arguments += ["--payload", MakeText.shell(payload)] }
    for (name, value) in step.quotedOptions { arguments += [name, MakeText.shell(value)] }
    arguments += ["-o", MakeText.shell(step.output), "--"] + step.inputs.map(MakeText.shell)
    return arguments.joined(separator: " ")
  }

  private static func list(_ paths: [String]) -> String { paths.map { " " + escape($0) }.joined() }

  /// A path in a target, a prerequisite or `wildcard`; `BuildTool.objection` has rejected paths that this cannot
  /// express.
  private static func escape(_ path: String) -> String { path.escaping([" "], with: "\\") }

  /// A path, or another text from the user, in a recipe.
  private static func shell(_ path: String) -> String { ShellWord.quoted(path).escaping(["$"], with: "$") }
}
