/// bpftool's commands as shown by help, man pages and completions; the tables of `BPFToolGrammar` have the keywords after
/// them.
extension Command {
  static let gen = Command(
    name: "gen", purpose: .integrate,
    abstract: "bpftool's commands for headers and linking.",
    discussion: """
      For builds that run bpftool: BPFTOOL=bpfgen. The words of a command may be abbreviated as in
      bpftool.

        skeleton FILE [name N]            print a header that contains the bytes; with -L, a
                                          light skeleton
        subskeleton FILE [name N]         print a subskeleton
        object OUT IN...                  link objects
        min_core_btf IN OUT OBJECT...     write the types of a kernel that objects need

      bpfgen skeleton and bpfgen link have more options.
      """,
    examples: [
      "bpfgen gen skeleton app.bpf.o name app > app.skel.h",
      "bpfgen gen object app.bpf.o main.bpf.o lib.bpf.o",
      "bpfgen gen subskeleton lib.bpf.o > lib.subskel.h",
    ]
  ) { declare in
    let command = declare.argument(
      .text("command", offering: .words(["object", "skeleton", "subskeleton", "min_core_btf", "help"])),
      help: "object, skeleton, subskeleton, min_core_btf or help.")
    let arguments = BPFToolOptions.declareWords(&declare)
    let options = BPFToolOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try BPFToolGrammar.run(["gen", parsed[command]] + parsed[arguments], parsed[options], console)
    }
  }

  static let btf = Command(
    name: "btf", purpose: .integrate,
    abstract: "bpftool's command for the types in a file.",
    discussion: """
      For builds that run bpftool: BPFTOOL=bpfgen. `dump file FILE format c` prints all types as C,
      as in vmlinux.h. Without a format, or with raw, it lists them as they are stored. FILE is raw
      BTF, a BPF object, a vmlinux or a kernel module.
      """,
    examples: [
      "bpfgen btf dump file vmlinux.btf format c > vmlinux.h",
      "bpfgen btf dump file nf_nat.btf format c --base-btf vmlinux.btf",
    ]
  ) { declare in
    let command = declare.argument(.text("command", offering: .words(["dump", "help"])), help: "dump or help.")
    let arguments = BPFToolOptions.declareWords(&declare)
    let options = BPFToolOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try BPFToolGrammar.run(["btf", parsed[command]] + parsed[arguments], parsed[options], console)
    }
  }

  /// A whole bpftool command line: options may precede the object.
  static let bpftool = Command(
    name: "", purpose: .integrate,
    abstract: "bpftool's command lines for headers and types.",
    discussion: """
        gen skeleton FILE [name N]        print a header
        gen subskeleton FILE [name N]     print a subskeleton
        gen object OUT IN...              link objects
        gen min_core_btf IN OUT OBJECT... write the types of a kernel that objects need
        btf dump file FILE format c       print types as C
        version, help                     print the version, or a help text

      The words of a command may be abbreviated.
      """,
    examples: gen.examples + btf.examples
  ) { declare in
    let object = declare.optionalArgument(.text("object"), help: "gen, btf, version or help.")
    let arguments = BPFToolOptions.declareWords(&declare)
    let options = BPFToolOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try BPFToolGrammar.run((parsed[object].map { [$0] } ?? []) + parsed[arguments], parsed[options], console)
    }
  }
}

/// The options of bpftool's command lines. The console handles `--json`.
struct BPFToolOptions: Sendable {
  /// Whether to show all messages of libbpf.
  let showsLog: Bool
  let usesLoader: Bool
  /// The base of split BTF.
  let base: String?
  let asksVersion: Bool

  static func declare(_ declare: inout Declarations) -> Key<BPFToolOptions> {
    JSONOptions.declare(&declare)
    let debug = declare.flag(Flag("debug", short: "d", help: "Also print all messages of libbpf."))
    let useLoader = declare.flag(
      Flag("use-loader", short: "L", help: "gen skeleton: print a light skeleton, which needs no libbpf."))
    let base = declare.optional(
      Option(
        "base-btf", short: "B", .file(), help: "The BTF that split BTF extends. For a kernel module: the kernel's."))
    let version = declare.flag(Flag("version", short: "V", help: "Print the version."))
    _ = declare.flag(
      Flag("legacy", short: "l", help: "Accepted without effect: libbpf 1.0 and newer have no such mode."))
    for (name, short) in [("mapcompat", "m"), ("bpffs", "f"), ("nomount", "n")] as [(String, Character)] {
      _ = declare.flag(Flag(name, short: short, help: "Accepted without effect."))
    }
    return Key {
      BPFToolOptions(
        showsLog: $0[debug], usesLoader: $0[useLoader], base: $0[base], asksVersion: $0[version])
    }
  }

  /// The arguments of a command.
  static func declareWords(_ declare: inout Declarations) -> Key<[String]> {
    declare.repeatedArgument(.file("word"), help: "The arguments of that command.", isOptional: true, mayBeEmpty: true)
  }
}
