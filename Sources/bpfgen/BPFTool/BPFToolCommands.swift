/// bpftool's commands as help, man pages and completions show them; the words after them are in the tables of
/// `BPFToolGrammar`.
extension Command {
  static let gen = Command(
    name: "gen",
    abstract: "bpftool's own commands for headers and linking, word by word.",
    discussion: """
      For builds that name bpftool: BPFTOOL=bpfgen. Words may be abbreviated as bpftool has it.
      object OUT IN... links; skeleton FILE [name N] and subskeleton FILE [name N] print a
      header that holds the bytes too, with -L a light one; min_core_btf IN OUT OBJECT... writes
      the types that objects need of a kernel's. bpfgen skeleton and bpfgen link do more.
      """,
    examples: [
      "bpfgen gen skeleton app.bpf.o name app > app.skel.h", "bpfgen gen object app.bpf.o main.bpf.o lib.bpf.o",
      "bpfgen gen subskeleton lib.bpf.o > lib.subskel.h",
    ]
  ) { declare in
    let command = declare.argument(
      .text("command", offering: .words(["object", "skeleton", "subskeleton", "min_core_btf", "help"])),
      help: "object, skeleton, subskeleton, min_core_btf or help.")
    let words = BPFToolOptions.declareWords(&declare)
    let options = BPFToolOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try BPFToolGrammar.run(["gen", parsed[command]] + parsed[words], parsed[options], console)
    }
  }

  static let btf = Command(
    name: "btf",
    abstract: "bpftool's own command for the types in a file, word by word.",
    discussion: """
      For builds that name bpftool: BPFTOOL=bpfgen. dump file FILE format c prints all types as
      C, as for vmlinux.h; without a format, or with raw, it lists them as they are stored. FILE
      is raw BTF, a BPF object, a vmlinux or a kernel module.
      """,
    examples: [
      "bpfgen btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h",
      "bpfgen btf dump file module.ko format c --base-btf vmlinux",
    ]
  ) { declare in
    let command = declare.argument(.text("command", offering: .words(["dump", "help"])), help: "dump or help.")
    let words = BPFToolOptions.declareWords(&declare)
    let options = BPFToolOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try BPFToolGrammar.run(["btf", parsed[command]] + parsed[words], parsed[options], console)
    }
  }

  /// A whole command line of bpftool's: options may stand before the object.
  static let bpftool = Command(
    name: "",
    abstract: "bpftool's own command lines, word by word, as far as they are about headers and types.",
    discussion: """
      gen object OUT IN... links BPF objects; gen skeleton FILE [name N] and
      gen subskeleton FILE [name N] print headers; gen min_core_btf IN OUT OBJECT... writes the
      types that objects need; btf dump file FILE format c prints types; version and help tell
      of the program. Words may be abbreviated.
      """,
    examples: gen.examples + btf.examples
  ) { declare in
    let object = declare.optionalArgument(.text("object"), help: "gen, btf, version or help.")
    let words = BPFToolOptions.declareWords(&declare)
    let options = BPFToolOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try BPFToolGrammar.run((parsed[object].map { [$0] } ?? []) + parsed[words], parsed[options], console)
    }
  }
}

/// The options of bpftool's command lines. What `--json` asks for is the console's.
struct BPFToolOptions: Sendable {
  /// Whether all messages of libbpf are shown.
  let showsLog: Bool
  let usesLoader: Bool
  /// What split BTF continues.
  let base: String?
  let asksVersion: Bool

  static func declare(_ declare: inout Declarations) -> Key<BPFToolOptions> {
    JSONOptions.declare(&declare)
    let debug = declare.flag(Flag("debug", short: "d", help: "Also show all that libbpf tells."))
    let useLoader = declare.flag(
      Flag("use-loader", short: "L", help: "gen skeleton: print a light one, which needs no libbpf."))
    let base = declare.optional(
      Option("base-btf", short: "B", .file(), help: "What split BTF continues: the kernel's, for a module's."))
    let version = declare.flag(Flag("version", short: "V", help: "Show the version."))
    _ = declare.flag(
      Flag("legacy", short: "l", help: "Changes nothing: libbpf 1.0 and newer have no such mode."))
    for (name, short) in [("mapcompat", "m"), ("bpffs", "f"), ("nomount", "n")] as [(String, Character)] {
      _ = declare.flag(Flag(name, short: short, help: "Changes nothing here."))
    }
    return Key {
      BPFToolOptions(
        showsLog: $0[debug], usesLoader: $0[useLoader], base: $0[base], asksVersion: $0[version])
    }
  }

  /// What a command is given.
  static func declareWords(_ declare: inout Declarations) -> Key<[String]> {
    declare.repeatedArgument(.file("word"), help: "What that is given.", isOptional: true, mayBeEmpty: true)
  }
}
