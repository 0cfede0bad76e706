/// Arguments that several commands have, worded once.
extension CommandSpec.Option {
  static let output = CommandSpec.Option(
    name: "output", short: "o", value: "file", help: "Where to write it; - is standard output.", kind: .file,
    isRequired: true)
  static let name = CommandSpec.Option(
    name: "name", value: "name",
    help: "The struct's name. Default: the object's file name as bpftool makes it, x.bpf.o -> x_bpf.")
  static let base = CommandSpec.Option(
    name: "base", value: "file", help: "What split BTF continues: the kernel's, for a kernel module's.", kind: .file)
  static let like = CommandSpec.Option(
    name: "like", value: "file",
    help:
      "An object of the program's compiler, or an archive: the payload is for its machine. Default: this machine's.",
    kind: .file)
  static let scope = CommandSpec.Option(
    name: "scope", value: "text",
    help:
      "Goes into the linker names: two payloads of one name and layout can then be in one program. The last counts.",
    lastCounts: true)
  static let shared = CommandSpec.Option(
    name: "shared",
    help:
      "Let a shared library that includes the header find the payload in the program that loads it, as Bazel links tests."
  )
  static let assertMembers = CommandSpec.Option(
    name: "assert-members", help: "Also check the members of your own structs that variables hold by value.")
  static let depfile = CommandSpec.Option(
    name: "depfile", value: "file", help: "Write what was read here, as a rule that Ninja, make and CMake read.",
    kind: .file)
  static let stamp = CommandSpec.Option(
    name: "stamp", value: "file", help: "Touch this file when all went well; the depfile's rule is then for it.",
    kind: .file)
  static let watchOutputs = CommandSpec.Option(
    name: "watch-outputs",
    help: "Name the outputs in the stamp's depfile too, by another spelling: the tool sees one that is gone or edited.")
  static let watchInputs = CommandSpec.Option(
    name: "watch-inputs",
    help:
      "Name the inputs by another spelling too: the tool sees one that changed, and does not make one that is gone.")
  static let declaredInputs = CommandSpec.Option(
    name: "declared-inputs", value: "file", help: "A list, a path a line, of what the build tool takes for inputs.",
    kind: .file)
  static let unusedInputs = CommandSpec.Option(
    name: "unused-inputs-list", value: "file", help: "Write those of --declared-inputs there that were not read.",
    kind: .file)
  static let force = CommandSpec.Option(
    name: "force", help: "Write over files that bpfgen did not make, or that are no files of the output's kind.")
  /// What each step that writes files is told of them.
  static let step: [CommandSpec.Option] = [depfile, stamp, watchOutputs, watchInputs, force]
}

extension CommandSpec.Positional {
  static let object = CommandSpec.Positional(name: "object", help: "The compiled BPF object.", kind: .file)
}

extension CommandSpec {
  static let version = CommandSpec(
    name: "version", abstract: "Print this program's version and what it was built with.",
    examples: ["bpfgen version"], options: [.json, .pretty]
  ) { arguments in
    Terminal.write(JSONStyle(arguments).map(BPFToolVersion.json) ?? Version.text + "\n")
  }
}
