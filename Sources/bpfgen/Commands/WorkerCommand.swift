internal import Files

extension Command {
  static let worker = Command(
    name: "worker", purpose: .integrate,
    abstract: "Run steps for Bazel's persistent workers.",
    discussion: """
      Bazel adds --persistent_worker, and sends command lines on standard input: skeleton,
      subskeleton, link and other steps. Without that option, the worker runs one command line: the
      arguments after --, or those in @FILE, one per line.

      A worker does not read existing outputs, and always writes its own.
      """,
    examples: [
      "bpfgen worker -- skeleton app.bpf.o -o app.skel.h",
      "bpfgen worker @app.params",
      "bpfgen worker --persistent_worker < requests > responses",
    ]
  ) { declare in
    let arguments = declare.repeatedArgument(
      .file("argument"), help: "After --: a command and its arguments. Or @FILE.", isOptional: true, mayBeEmpty: true)
    let persistent = declare.flag(
      Flag(
        "persistent_worker",
        help: "Answer requests until standard input ends: length-delimited protocol buffers."))
    return { (parsed, console) throws(CommandError) in
      if parsed[persistent] { try serve(parsed[arguments]) } else { try runOnce(parsed[arguments], console) }
    }
  }

  private static func runOnce(_ arguments: [String], _ console: Console) throws(CommandError) {
    guard !arguments.isEmpty else {
      throw CommandError.usage(
        "no command to run", hint: "give a command after --, or a file of its arguments as @FILE")
    }
    let (status, output) = CommandLineTool.runStep(try expanded(arguments))
    console.writeError(output)
    if status != 0 { throw CommandError.ended(status: status) }
  }

  private static func serve(_ arguments: [String]) throws(CommandError) {
    guard arguments.isEmpty else {
      throw CommandError.usage("unexpected '\(arguments[0])'", hint: "requests come on standard input")
    }
    do throws(WorkFraming.Lost) {
      try WorkServer(perform: CommandLineTool.runStep).run()
    } catch {
      throw CommandError.failed(
        Diagnostic(
          what: "standard input is not Bazel's worker protocol, or ends inside a request",
          hint: "send length-delimited protocol buffers"))
    }
  }

  /// Arguments, with response files replaced by their lines.
  private static func expanded(_ arguments: [String]) throws(CommandError) -> [String] {
    var expanded: [String] = []
    for word in arguments {
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
