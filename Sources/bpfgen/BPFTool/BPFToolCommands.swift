/// The tables of bpftool's grammar: help, man pages and completions have it from these.
extension CommandSpec {
  static let gen = CommandSpec(
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
    ],
    positionals: [
      Positional(
        name: "command", help: "object, skeleton, subskeleton, min_core_btf or help.",
        choices: ["object", "skeleton", "subskeleton", "min_core_btf", "help"], takesOthers: true),
      words,
    ],
    options: bpftoolOptions,
    run: { try BPFToolGrammar.run(["gen"] + $0.positionals, $0) })

  static let btf = CommandSpec(
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
    ],
    positionals: [
      Positional(name: "command", help: "dump or help.", choices: ["dump", "help"], takesOthers: true),
      words,
    ],
    options: bpftoolOptions,
    run: { try BPFToolGrammar.run(["btf"] + $0.positionals, $0) })

  /// A whole command line of bpftool's: options may stand before the object.
  static let bpftool = CommandSpec(
    name: "",
    abstract: "bpftool's own command lines, word by word, as far as they are about headers and types.",
    discussion: """
      gen object OUT IN... links BPF objects; gen skeleton FILE [name N] and
      gen subskeleton FILE [name N] print headers; gen min_core_btf IN OUT OBJECT... writes the
      types that objects need; btf dump file FILE format c prints types; version and help tell
      of the program. Words may be abbreviated.
      """,
    examples: gen.examples + btf.examples,
    positionals: [
      Positional(name: "object", help: "gen, btf, version or help.", isOptional: true),
      words,
    ],
    options: bpftoolOptions,
    run: { try BPFToolGrammar.run($0.positionals, $0) })

  private static let words = Positional(
    name: "word", help: "What that is given.", kind: .file, isOptional: true, isRepeated: true, mayBeEmpty: true)

  static let bpftoolOptions: [Option] = [
    .json, .pretty,
    Option(name: "debug", short: "d", help: "Also show all that libbpf tells."),
    Option(name: "use-loader", short: "L", help: "gen skeleton: print a light one, which needs no libbpf."),
    Option(
      name: "base-btf", short: "B", value: "file", help: "What split BTF continues: the kernel's, for a module's.",
      kind: .file),
    Option(name: "version", short: "V", help: "Show the version."),
    Option(name: "legacy", short: "l", help: "Changes nothing: libbpf 1.0 and newer have no such mode."),
    Option(name: "mapcompat", short: "m", help: "Changes nothing here."),
    Option(name: "bpffs", short: "f", help: "Changes nothing here."),
    Option(name: "nomount", short: "n", help: "Changes nothing here."),
  ]
}

extension CommandSpec.Option {
  static let json = CommandSpec.Option(name: "json", short: "j", help: "Write JSON, errors too, on standard output.")
  static let pretty = CommandSpec.Option(name: "pretty", short: "p", help: "The same, in lines.")
}
