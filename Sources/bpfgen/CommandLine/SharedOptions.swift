internal import GenGraph

// Options and arguments that several commands take, worded once.

extension Option<String> {
  static var output: Option {
    Option("output", short: "o", .file(), help: "The output file; - is standard output.")
  }
  static var name: Option {
    Option(
      "name", .text("name"),
      help: "The name of the struct. Default: derived from the file name as by bpftool, x.bpf.o -> x_bpf.")
  }
  static var base: Option {
    Option("base", .file(), help: "The BTF that split BTF extends. For a kernel module: the kernel's.")
  }
  static var like: Option {
    Option(
      "like", .file(),
      help:
        "Make the payload for the machine of this object or archive, which the program's compiler made. Default: this machine."
    )
  }
  /// The last one counts: a user's may follow a build tool's.
  static var scope: Option {
    Option(
      "scope", .text("text"),
      help:
        "A text for the linker names: with different scopes, one program can contain two payloads of the same name and layout. If repeated, the last one counts."
    )
  }
  static var depfile: Option {
    Option("depfile", .file(), help: "Write the files that were read, as a depfile for Ninja, make and CMake.")
  }
  static var graphFile: Option { Option("file", short: "f", .file(), help: "The graph file. Default: bpfgen.json.") }
}

extension Flag {
  static let shared = Flag(
    "shared",
    help:
      "Let a shared library that includes the header find the payload in the program that loads it."
  )
  static let assertMembers = Flag(
    "assert-members", help: "Also assert the members of your own structs that variables hold by value.")
  static let force = Flag(
    "force", help: "Overwrite files that bpfgen did not make.")
}

extension ValueFormat<String> {
  static var object: ValueFormat { file("object") }
}

/// The options of every step that writes files, except its outputs.
struct StepOptions: Sendable {
  var depfile: String?
  var stamp: String?
  var watchesOutputs = false
  var watchesInputs = false
  /// Whether to overwrite files that bpfgen did not write.
  var force = false

  static func declare(_ declare: inout Declarations, depfile: Option<String> = .depfile) -> Key<StepOptions> {
    let depfile = declare.optional(depfile)
    let stamp = declare.optional(
      Option("stamp", .file(), help: "Touch this file after success. The depfile then names it instead of the outputs.")
    )
    let watchOutputs = declare.flag(
      Flag(
        "watch-outputs",
        help:
          "Also list the outputs in the stamp's depfile, under other names, so that the build tool notices if one is removed or edited."
      )
    )
    let watchInputs = declare.flag(
      Flag(
        "watch-inputs",
        help:
          "List the inputs in the stamp's depfile under other names, so that the build tool notices changes but does not try to make them."
      ))
    let force = declare.flag(.force)
    return Key {
      StepOptions(
        depfile: $0[depfile], stamp: $0[stamp], watchesOutputs: $0[watchOutputs], watchesInputs: $0[watchInputs],
        force: $0[force])
    }
  }
}

/// For build tools that ignore declared inputs that were not read.
struct InputLists: Sendable {
  /// A list of the build tool's declared inputs.
  let declared: String?
  /// The path for the list of declared inputs that were not read.
  let unused: String?

  static func declare(_ declare: inout Declarations) -> Key<InputLists> {
    let declared = declare.optional(
      Option(
        "declared-inputs", .file(),
        help: "A file that lists the inputs that the build tool declares, one path per line.")
    )
    let unused = declare.optional(
      Option("unused-inputs-list", .file(), help: "Write which of --declared-inputs were not read."))
    return Key { InputLists(declared: $0[declared], unused: $0[unused]) }
  }
}

/// The format of a list for users or programs.
enum TextFormat: String, CaseIterable {
  case text, json
}

/// The graph file of a command.
struct GraphOptions: Sendable {
  static let defaultPath = "bpfgen.json"

  /// `nil` if not given.
  let file: String?

  var path: String { file ?? GraphOptions.defaultPath }

  static func declare(_ declare: inout Declarations) -> Key<GraphOptions> {
    let file = declare.optional(.graphFile)
    let folder = declare.optional(Option("directory", short: "C", .folder, help: "Change to this folder first."))
    declare.beforeRunning { (parsed, _) throws(CommandError) in
      if let folder = parsed[folder] { try Inputs.enter(folder) }
    }
    return Key { GraphOptions(file: $0[file]) }
  }
}

/// Whether a command of bpftool prints JSON. The console stores it.
enum JSONOptions {
  static func declare(_ declare: inout Declarations) {
    let json = declare.flag(Flag("json", short: "j", help: "Write JSON on standard output, also for errors."))
    let pretty = declare.flag(Flag("pretty", short: "p", help: "The same, indented."))
    declare.beforeRunning { parsed, console in
      if parsed[json] { console.json = .oneLine }
      if parsed[pretty] { console.json = .lines }
    }
  }
}
