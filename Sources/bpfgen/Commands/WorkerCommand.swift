internal import Files

extension CommandSpec {
  static let worker = CommandSpec(
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
    ],
    positionals: [
      Positional(
        name: "words", help: "Behind --: a command and its arguments. Or @FILE.", kind: .file, isOptional: true,
        isRepeated: true, mayBeEmpty: true)
    ],
    options: [
      Option(
        name: "persistent_worker",
        help: "Answer requests until standard input ends: protocol buffers, each after its length.")
    ]
  ) { arguments in
    Outputs.isWorker = true
    guard arguments.has("persistent_worker") else {
      guard !arguments.positionals.isEmpty else {
        throw UsageError(what: "there is nothing to run", hint: "name a command, or a file of its words: @FILE")
      }
      let (status, words) = try CommandLineTool.runStep(WorkerWords.expanded(arguments.positionals))
      Terminal.writeError(words)
      if status != 0 { throw Failure(status: status) }
      return
    }
    guard arguments.positionals.isEmpty else {
      throw UsageError(what: "unexpected '\(arguments.positionals[0])'", hint: "requests come on standard input")
    }
    do throws(WorkFraming.Lost) {
      try WorkServer(perform: CommandLineTool.runStep).run()
    } catch {
      throw Failure(
        Diagnostic(
          what: "standard input has no requests of Bazel's worker protocol, or a request without an end",
          hint: "send protocol buffers, each after its length"))
    }
  }
}

private enum WorkerWords {
  /// Words with those of the files among them, a line each.
  static func expanded(_ words: [String]) throws -> [String] {
    try words.flatMap { word in
      guard word.hasPrefix("@") else { return [word] }
      var lines = try Inputs.read(String(word.dropFirst())).bytes.split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      if lines.last?.isEmpty == true { lines.removeLast() }
      return lines.map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
