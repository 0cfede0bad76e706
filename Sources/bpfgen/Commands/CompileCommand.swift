internal import Bytes
internal import Files
internal import Glibc

extension Command {
  static let compile = Command(
    name: "compile", purpose: .integrate,
    abstract: "Run a compiler, and keep the object if it did not change.",
    discussion: """
      Compilers write their output in every run, so a source that was only touched runs every later
      step of a build. This command adds -o (and -MD -MF with --depfile) to the compiler's command
      line, and replaces the object only if its bytes differ. With -g, a comment changes the bytes,
      because DWARF 5 contains a digest of the source; with -gdwarf-4 it does not.
      """,
    examples: [
      "bpfgen compile -o app.bpf.o -- clang -g -O2 -target bpf -c app.bpf.c",
      "bpfgen compile -o app.bpf.o --depfile app.d -- clang -g -O2 -target bpf -c app.bpf.c",
    ]
  ) { declare in
    let command = declare.repeatedArgument(
      .file("command"), help: "After --: the compiler and its options, without -o.")
    let output = declare.required(Option("output", short: "o", .file(), help: "The object."))
    let step = StepOptions.declare(&declare)
    let lists = InputLists.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try CompileRun(
        command: parsed[command], output: parsed[output], step: parsed[step], lists: parsed[lists],
        outputs: Outputs(parsed[step], console)
      ).run()
    }
  }
}

/// A run of `bpfgen compile`.
private struct CompileRun {
  let command: [String]
  let output: String
  let step: StepOptions
  let lists: InputLists
  let outputs: Outputs

  func run() throws(CommandError) {
    guard output != "-" else {
      throw CommandError.usage("cannot write an object to standard output", hint: "use -o FILE")
    }
    try outputs.checkPaths(outputs: [output] + (lists.unused.map { [$0] } ?? []), inputs: [])
    // Ctrl-C also reaches the compiler, which ends; its incomplete output is removed here.
    Interruption.catchSignals()
    let object = AtomicOutput.temporaryName(for: output)
    let rule = AtomicOutput.temporaryName(for: output) + ".d"
    defer { for path in [object, rule] { unsafe unlink(path) } }
    try checkFolder()
    try compile(to: object, rule: rule)
    let made = try content(of: object)
    try outputs.write(ByteRope(made), to: output, over: FileMarker(Array(made.prefix(4))))
    let inputs = try inputs(rule)
    try outputs.writeUnused(lists, inputs: inputs)
    try outputs.finish(
      outputs: [output], inputs: inputs + CompilerFiles.read(by: command), dependsOnProgram: false)
  }

  /// Checks the folder first, because the compiler's error would name a temporary file that the user does not know.
  private func checkFolder() throws(CommandError) {
    guard unsafe access(Folders.holding(output), W_OK) != 0 else { return }
    throw CommandError.failed(Diagnostic(.system(path: output, operation: "create", errno: errno)))
  }

  private func content(of object: String) throws(CommandError) -> [UInt8] {
    guard unsafe access(object, F_OK) == 0 else {
      throw CommandError.failed(
        Diagnostic(
          path: command[0], what: "succeeded, but wrote no object",
          hint: "after --, give the compiler and its options, without -o: clang -g -O2 -target bpf -c app.bpf.c"))
    }
    return try Inputs.read(object).bytes
  }

  private func compile(to object: String, rule: String) throws(CommandError) {
    var command = command + ["-o", object]
    if wantsInputs { command += ["-MD", "-MF", rule] }
    let ending: ChildProcess.Ending
    do throws(FileError) {
      ending = try ChildProcess.run(command)
    } catch {
      var diagnostic = Diagnostic(error)
      diagnostic.hint = "give the compiler's path, or a name in the PATH"
      throw CommandError.failed(diagnostic)
    }
    if Interruption.signal != nil { throw Interruption.failure }
    switch ending {
    case .exited(0): return
    // The compiler has printed its own errors.
    case .exited: throw CommandError.ended(status: 1)
    case .signalled(let signal):
      throw CommandError.failed(
        Diagnostic(
          path: command[0], what: "was killed by signal \(signal)", hint: "signal 9 usually means that memory ran out"))
    }
  }

  private var wantsInputs: Bool { step.depfile != nil || lists.unused != nil }

  /// The inputs that the compiler reports in its depfile.
  private func inputs(_ rule: String) throws(CommandError) -> [String] {
    guard wantsInputs else { return [] }
    guard let depfile = Depfile(text: try Inputs.read(rule).bytes) else {
      throw CommandError.failed(
        Diagnostic(
          path: command[0], what: "wrote a depfile that is not a make rule",
          hint: "use a compiler that supports -MD -MF, or run without --depfile"))
    }
    return depfile.inputs
  }
}
