internal import Files

extension Command {
  static let worker = Command(
    name: "worker",
    abstract: "Run steps for a build tool that keeps this process: Bazel's persistent worker.",
    discussion: """
      The build tool adds --persistent_worker, and then sends on standard input what to run: the
      words of a command line each time, skeleton, subskeleton, link and their like. Without that
      option the words stand here behind --, or, a line each, in a file behind @, and run once.

      No step looks at what an earlier one left: outputs are written anew.
      """,
    examples: [
      "bpfgen worker @app.params", "bpfgen worker --persistent_worker < requests > responses",
      "bpfgen worker -- skeleton app.bpf.o -o app.skel.h",
    ]
  ) { declare in
    let words = declare.repeatedArgument(
      .file("words"), help: "Behind --: a command and its arguments. Or @FILE.", isOptional: true, mayBeEmpty: true)
    let persistent = declare.flag(
      Flag(
        "persistent_worker",
        help: "Answer requests until standard input ends: protocol buffers, each after its length."))
    return { (parsed, console) throws(CommandError) in
      if parsed[persistent] { try serve(parsed[words]) } else { try runOnce(parsed[words], console) }
    }
  }

  private static func runOnce(_ words: [String], _ console: Console) throws(CommandError) {
    guard !words.isEmpty else {
      throw CommandError.usage("there is nothing to run", hint: "name a command, or a file of its words: @FILE")
    }
    let (status, output) = CommandLineTool.runStep(try expanded(words))
    console.writeError(output)
    if status != 0 { throw CommandError.ended(status: status) }
  }

  private static func serve(_ words: [String]) throws(CommandError) {
    guard words.isEmpty else {
      throw CommandError.usage("unexpected '\(words[0])'", hint: "requests come on standard input")
    }
    do throws(WorkFraming.Lost) {
      try WorkServer(perform: CommandLineTool.runStep).run()
    } catch {
      throw CommandError.failed(
        Diagnostic(
          what: "standard input has no requests of Bazel's worker protocol, or a request without an end",
          hint: "send protocol buffers, each after its length"))
    }
  }

  /// Words with those of the files among them, a line each.
  private static func expanded(_ words: [String]) throws(CommandError) -> [String] {
    var expanded: [String] = []
    for word in words {
      guard word.hasPrefix("@") else {
        expanded.append(word)
        continue
      }
      var lines = try Inputs.read(String(word.dropFirst())).bytes.split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      if lines.last?.isEmpty == true { lines.removeLast() }
      expanded += lines.map { String(decoding: $0, as: UTF8.self) }
    }
    return expanded
  }
}
