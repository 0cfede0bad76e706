internal import BPF
internal import Bytes
internal import Emit
internal import Files

extension BPFToolGrammar {
  /// The keywords after `gen`.
  static let generators: [BPFToolWord] = [
    BPFToolWord(name: "object", next: .command(usage: "<out> <in>...", atLeast: 2, run: link)),
    BPFToolWord(
      name: "skeleton",
      next: .command(usage: headerUsage, atLeast: 1) { (arguments, options, console) throws(CommandError) in
        try printHeader(.selfContained, arguments, options, console)
      }),
    BPFToolWord(
      name: "subskeleton",
      next: .command(usage: headerUsage, atLeast: 1) { (arguments, options, console) throws(CommandError) in
        try printHeader(.subskeleton, arguments, options, console)
      }),
    BPFToolWord(
      name: "min_core_btf", next: .command(usage: "<in> <out> <object>...", atLeast: 3, run: minimalTypes)),
    BPFToolWord(name: "help", next: .command(usage: "", atLeast: 0) { _, _, console in help(.gen, console) }),
  ]

  private static let headerUsage = "<file> [name <name>]"

  private static func printHeader(
    _ kind: HeaderOptions.Kind, _ arguments: ArraySlice<String>, _ options: BPFToolOptions, _ console: Console
  ) throws(CommandError) {
    let name = try headerName(arguments.dropFirst())
    if kind == .subskeleton, options.usesLoader {
      throw CommandError.usage("'--use-loader' does not apply to a subskeleton", hint: "remove --use-loader")
    }
    let file = try Inputs.read(arguments.first!)
    if options.usesLoader { return try printLightSkeleton(file, name, console) }
    let object = try Inputs.object(file, name: name)
    try Outputs(console).write(
      Header(object.layout, options: HeaderOptions(kind: kind), payload: file.bytes), to: "-")
  }

  private static func printLightSkeleton(
    _ file: FileContent, _ name: String?, _ console: Console
  ) throws(CommandError) {
    // The kernel's selftests generate such a header and run it immediately, so this is allowed, with a warning.
    let object = try Inputs.lightObject(file, name: name, mayHoldAddresses: true)
    if let symbol = object.kernelAddress {
      console.report([
        Diagnostic(
          path: file.path, what: "the header works on this machine only, until the next boot",
          facts: [("reason", "it contains the address of '\(symbol)', an extern without a type")], isWarning: true)
      ])
    }
    let loader = LightPayload(object.loader).bytes(TargetMachine.host.order)
    try Outputs(console).write(
      Header(object.layout, options: HeaderOptions(kind: .light), payload: loader), to: "-")
  }

  /// Source: bpftool's gen.c, `MAX_OBJ_NAME_LEN`: longer names are silently truncated.
  private static let maximumNameBytes = 63

  /// The argument of `name`; `nil` if there is none.
  private static func headerName(_ arguments: ArraySlice<String>) throws(CommandError) -> String? {
    var arguments = arguments
    var name: String?
    while let word = arguments.popFirst() {
      guard BPFToolWord.isBeginning(word, of: "name") else {
        throw CommandError.usage(
          "unexpected '\(word)'", hint: "a header's name follows the word 'name'", argument: word)
      }
      guard let value = arguments.popFirst() else {
        throw CommandError.usage("'name' needs a value", hint: headerUsage)
      }
      guard name == nil else { throw CommandError.usage("the name is given twice: '\(name!)' and '\(value)'") }
      // Source: bpftool's do_skeleton: an empty name counts as missing.
      if !value.isEmpty { name = String(decoding: value.utf8.prefix(maximumNameBytes), as: UTF8.self) }
    }
    return name
  }

  private static func minimalTypes(
    _ arguments: ArraySlice<String>, _ options: BPFToolOptions, _ console: Console
  ) throws(CommandError) {
    let arguments = Array(arguments)
    let objects = Array(arguments[2...])
    let bases = options.base.map { [$0] } ?? []
    let outputs = Outputs(console)
    try outputs.checkPaths(outputs: [arguments[1]], inputs: [arguments[0]] + bases + objects)
    let needs = try CoreInputs.needs(of: objects)
    let base = try baseTypes(for: arguments[0], options)
    try outputs.write(try CoreInputs.minimal(arguments[0], base: base, needs), to: arguments[1], over: nil)
    try renew(arguments[1])
  }

  private static func link(
    _ arguments: ArraySlice<String>, _: BPFToolOptions, _ console: Console
  ) throws(CommandError) {
    // bpftool has no notation for standard output, so this is a file called "-".
    let output = arguments.first! == "-" ? "./-" : arguments.first!
    let inputs = Array(arguments.dropFirst())
    let outputs = Outputs(console)
    try outputs.checkPaths(outputs: [output], inputs: inputs)
    try outputs.write(ByteRope(try Inputs.linked(inputs)), to: output, over: nil)
    try renew(output)
  }

  /// Touches an unchanged output: a build made for bpftool expects each run to write it, and would run its rule again
  /// and again.
  private static func renew(_ output: String) throws(CommandError) {
    do throws(FileError) {
      try AtomicOutput.touch(output)
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }
}
