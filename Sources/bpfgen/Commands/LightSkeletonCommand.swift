internal import BPF
internal import Emit

extension CommandSpec {
  static let lightSkeleton = CommandSpec(
    name: "light-skeleton",
    abstract: "Write a light skeleton: a header that loads an object without libbpf, by a BPF program.",
    discussion: """
      With --payload the header holds the layout alone, and is left untouched as long as that
      stays the same; the loader goes into a file that is linked into the program.
      Without it the header holds the loader too.
      """,
    examples: [
      "bpfgen light-skeleton app.bpf.o -o app.lskel.h --payload app.lskel.o --name app",
      "bpfgen light-skeleton app.bpf.o -o -",
    ],
    positionals: [.object],
    options: [
      .output,
      Option(name: "payload", value: "file", help: "Put the loader here: an object file (.o).", kind: .file),
      .like, .scope, .shared, .name, .assertMembers,
    ] + Option.step
  ) { arguments in
    let (path, output) = (arguments.positionals[0], arguments.required("output"))
    let (payload, like) = (arguments["payload"], arguments["like"])
    try PayloadFile.checkOptions(arguments)
    let scope = try PayloadFile.scope(arguments)
    if let payload, !payload.hasSuffix(".o") {
      throw UsageError(what: "a light skeleton's payload is an object file", hint: "end its name in .o")
    }
    let inputs = [path] + (like.map { [$0] } ?? [])
    let outputs = [output] + (payload.map { [$0] } ?? [])
    try Outputs.checkPlaces(arguments, outputs: outputs, inputs: inputs)

    let object = try Inputs.lightObject(
      try Inputs.read(path), name: arguments["name"], assertMembers: arguments.has("assert-members"))
    let target = try PayloadFile.target(like: like)
    // The loader is of this machine's byte order, and a kernel runs loaders of its own.
    if let like, target.isBigEndian != TargetMachine.host.isBigEndian {
      throw Failure(Diagnostic(like: like, otherByteOrderThan: path))
    }
    let bytes = LightPayload(object.loader).bytes(bigEndian: target.isBigEndian)
    let options = HeaderOptions(
      kind: payload == nil ? .light : .lightSplit, scope: scope, isShared: arguments.has("shared"))
    let header = Header(object.layout, options: options, payload: bytes)
    if let payload, let symbols = header.payloadSymbols {
      let object = PayloadObject(symbols: symbols, target: target, payload: bytes).bytes()
      try Outputs.write(object, to: payload, over: .payload(at: payload), arguments)
    }
    try Outputs.write(header, to: output, arguments)
    try Outputs.finish(arguments, outputs: outputs, inputs: inputs)
  }
}
