// Options and arguments that several commands take, worded once.

extension Option<String> {
  static var output: Option {
    Option("output", short: "o", .file(), help: "Where to write it; - is standard output.")
  }
  static var name: Option {
    Option(
      "name", .text("name"),
      help: "The struct's name. Default: the object's file name as bpftool makes it, x.bpf.o -> x_bpf.")
  }
  static var base: Option {
    Option("base", .file(), help: "What split BTF continues: the kernel's, for a kernel module's.")
  }
  static var like: Option {
    Option(
      "like", .file(),
      help:
        "An object of the program's compiler, or an archive: the payload is for its machine. Default: this machine's.")
  }
  /// The last counts: a user's own may follow a build tool's.
  static var scope: Option {
    Option(
      "scope", .text("text"),
      help:
        "Goes into the linker names: two payloads of one name and layout can then be in one program. The last counts.")
  }
  static var depfile: Option {
    Option("depfile", .file(), help: "Write what was read here, as a rule that Ninja, make and CMake read.")
  }
  static var graphFile: Option { Option("file", short: "f", .file(), help: "The graph file. Default: bpfgen.json.") }
}

extension Flag {
  static let shared = Flag(
    "shared",
    help:
      "Let a shared library that includes the header find the payload in the program that loads it, as Bazel links tests."
  )
  static let assertMembers = Flag(
    "assert-members", help: "Also check the members of your own structs that variables hold by value.")
  static let force = Flag(
    "force", help: "Write over files that bpfgen did not make, or that are not files of the output's kind.")
}

extension Form<String> {
  static var object: Form { file("object") }
}

/// What each step that writes files takes, besides its outputs.
struct StepOptions: Sendable {
  var depfile: String?
  var stamp: String?
  var watchesOutputs = false
  var watchesInputs = false
  /// Whether files that are not ours are written over.
  var force = false

  static func declare(_ declare: inout Declarations, depfile: Option<String> = .depfile) -> Key<StepOptions> {
    let depfile = declare.optional(depfile)
    let stamp = declare.optional(
      Option("stamp", .file(), help: "Touch this file when all went well; the depfile's rule is then for it."))
    let watchOutputs = declare.flag(
      Flag(
        "watch-outputs",
        help:
          "Name the outputs in the stamp's depfile too, by another spelling: the tool sees one that is gone or edited.")
    )
    let watchInputs = declare.flag(
      Flag(
        "watch-inputs",
        help:
          "Name the inputs by another spelling too: the tool sees one that changed, and does not make one that is gone."
      ))
    let force = declare.flag(.force)
    return Key {
      StepOptions(
        depfile: $0[depfile], stamp: $0[stamp], watchesOutputs: $0[watchOutputs], watchesInputs: $0[watchInputs],
        force: $0[force])
    }
  }
}

/// For build tools that leave declared inputs that were not read out of account.
struct InputLists: Sendable {
  /// A list of what the build tool takes for inputs.
  let declared: String?
  /// Where those of them are listed that were not read.
  let unused: String?

  static func declare(_ declare: inout Declarations) -> Key<InputLists> {
    let declared = declare.optional(
      Option("declared-inputs", .file(), help: "A list, a path a line, of what the build tool takes for inputs."))
    let unused = declare.optional(
      Option("unused-inputs-list", .file(), help: "Write those of --declared-inputs there that were not read."))
    return Key { InputLists(declared: $0[declared], unused: $0[unused]) }
  }
}

/// How a list is written that users read, and programs.
enum TextFormat: String, CaseIterable {
  case text, json
}

/// The graph file that a command reads.
struct GraphOptions: Sendable {
  static let defaultPath = "bpfgen.json"

  /// `nil` when none was named.
  let file: String?

  var path: String { file ?? GraphOptions.defaultPath }

  static func declare(_ declare: inout Declarations) -> Key<GraphOptions> {
    let file = declare.optional(.graphFile)
    let folder = declare.optional(Option("directory", short: "C", .folder, help: "Go to this folder first."))
    declare.beforeRunning { (parsed, _) throws(CommandError) in
      if let folder = parsed[folder] { try Inputs.enter(folder) }
    }
    return Key { GraphOptions(file: $0[file]) }
  }
}

/// Whether a command that bpftool has too writes JSON. The console has it from then on.
enum JSONOptions {
  static func declare(_ declare: inout Declarations) {
    let json = declare.flag(Flag("json", short: "j", help: "Write JSON, errors too, on standard output."))
    let pretty = declare.flag(Flag("pretty", short: "p", help: "The same, in lines."))
    declare.beforeRunning { parsed, console in
      if parsed[json] { console.json = .oneLine }
      if parsed[pretty] { console.json = .lines }
    }
  }
}
