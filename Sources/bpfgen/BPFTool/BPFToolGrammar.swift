internal import BPF

/// bpftool's own command lines, so that a build made for bpftool runs with `BPFTOOL=bpfgen`. Source: bpftool(8),
/// bpftool-gen(8), bpftool-btf(8) of version 7.1.
enum BPFToolGrammar {
  /// The words that may come first, in bpftool's order: `b` is `batch`.
  static let objects: [BPFToolWord] = [
    BPFToolWord(name: "help", next: .command(usage: "", atLeast: 0) { try help(.bpftool, $0, $1) }),
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
    BPFToolWord(name: "version", next: .command(usage: "", atLeast: 0) { version($0, $1) }),
  ]

  /// Whether this program was called as bpftool is, through a symbolic link.
  static var isProgramName: Bool {
    CommandLine.arguments.first?.utf8.split(separator: UInt8(ascii: "/")).last.map { $0.elementsEqual("bpftool".utf8) }
      ?? false
  }

  /// Whether a command line that begins with this word is bpftool's: an object, abbreviated or not, or an option.
  static func begins(with word: String) -> Bool {
    guard word.hasPrefix("-") else { return BPFToolWord.meant(by: word, among: objects) != nil }
    let name = word.dropFirst(2).prefix { $0 != "=" }
    return CommandSpec.bpftoolOptions.contains { option in
      word.hasPrefix("--") ? option.name.hasPrefix(name) : option.short == word.dropFirst().first
    }
  }

  /// Runs a command line.
  static func run(_ words: [String], _ arguments: ParsedArguments) throws {
    LibBPF.tellsAll = arguments.has("debug")
    if arguments.has("version") { return version(words[...], arguments) }
    guard !words.isEmpty else { return try help(.bpftool, [], arguments) }
    try BPFToolWord.run(words[...], among: objects, arguments)
  }

  /// Words behind `help` are left alone, as bpftool leaves them.
  static func help(_ command: CommandSpec, _: ArraySlice<String>, _ arguments: ParsedArguments) throws {
    Terminal.write(arguments.has("json") || arguments.has("pretty") ? "null\n" : HelpText.command(command))
  }

  private static func version(_: ArraySlice<String>, _ arguments: ParsedArguments) {
    let text = isProgramName ? BPFToolVersion.text : Version.text
    Terminal.write(JSONStyle(arguments).map(BPFToolVersion.json) ?? text + "\n")
  }
}
