internal import BPF

/// bpftool's own command lines, so that builds made for bpftool run with `BPFTOOL=bpfgen`. Source: bpftool(8),
/// bpftool-gen(8), bpftool-btf(8) of version 7.1.
enum BPFToolGrammar {
  /// The first keywords, in bpftool's order: `b` is `batch`.
  static let objects: [BPFToolWord] = [
    BPFToolWord(name: "help", next: .command(usage: "", atLeast: 0) { _, _, console in help(.bpftool, console) }),
    BPFToolWord(name: "batch", next: .refused),
    BPFToolWord(name: "prog", next: .refused),
    BPFToolWord(name: "map", next: .refused),
    BPFToolWord(name: "link", next: .refused),
    BPFToolWord(name: "cgroup", next: .refused),
    BPFToolWord(name: "perf", next: .refused),
    BPFToolWord(name: "net", next: .refused),
    BPFToolWord(name: "feature", next: .refused),
    BPFToolWord(name: "btf", next: .words(typeCommands)),
    BPFToolWord(name: "gen", next: .words(generators)),
    BPFToolWord(name: "struct_ops", next: .refused),
    BPFToolWord(name: "iter", next: .refused),
    BPFToolWord(name: "version", next: .command(usage: "", atLeast: 0) { _, _, console in version(console) }),
  ]

  /// Whether this program was called as bpftool, through a symbolic link.
  static var isProgramName: Bool {
    CommandLine.arguments.first?.utf8.split(separator: UInt8(ascii: "/")).last.map { $0.elementsEqual("bpftool".utf8) }
      ?? false
  }

  /// Whether a command line that begins with this word is bpftool's: an object, possibly abbreviated, or an option.
  static func begins(with word: String) -> Bool {
    guard word.hasPrefix("-") else { return BPFToolWord.meant(by: word, among: objects) != nil }
    let name = word.dropFirst(2).prefix { $0 != "=" }
    // Without the options of all of our commands: bpftool has no --color.
    var declarations = Declarations()
    _ = BPFToolOptions.declare(&declarations)
    return declarations.options.contains { option in
      word.hasPrefix("--") ? option.name.hasPrefix(name) : option.short == word.dropFirst().first
    }
  }

  /// Runs a command line.
  static func run(_ arguments: [String], _ options: BPFToolOptions, _ console: Console) throws(CommandError) {
    unsafe LibBPF.printsEverything = options.showsLog
    if options.asksVersion { return version(console) }
    guard !arguments.isEmpty else { return help(.bpftool, console) }
    try BPFToolWord.run(arguments[...], among: objects, options, console)
  }

  /// Words after `help` are ignored, as by bpftool.
  static func help(_ command: Command, _ console: Console) {
    console.write(console.json == nil ? HelpText.command(command) : "null\n")
  }

  private static func version(_ console: Console) {
    let text = isProgramName ? BPFToolVersion.text : Version.text
    console.write(console.json.map(BPFToolVersion.json) ?? text + "\n")
  }
}
