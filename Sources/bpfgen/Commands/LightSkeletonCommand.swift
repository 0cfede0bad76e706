internal import BPF
internal import Emit

extension Command {
  static let lightSkeleton = Command(
    name: "light-skeleton", purpose: .generate,
    abstract: "Generate a header that loads an object without libbpf.",
    discussion: """
      The object is loaded by a BPF program, the loader. With --payload, the header describes only
      the layout, and the loader is in the payload, which is linked into the program. Without
      --payload, the header contains the loader.
      """,
    examples: [
      "bpfgen light-skeleton app.bpf.o -o app.lskel.h --payload app.lskel.o --name app",
      "bpfgen light-skeleton app.bpf.o -o -",
    ]
  ) { declare in
    let object = declare.argument(.object, help: "The compiled BPF object.")
    let output = declare.required(.output)
    let payload = PayloadOptions.declare(&declare, help: "Write the loader to this object file (.o).")
    let name = declare.optional(.name)
    let assertMembers = declare.flag(.assertMembers)
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try writeLightSkeleton(
        of: parsed[object], name: parsed[name], assertMembers: parsed[assertMembers], to: parsed[output],
        parsed[payload], Outputs(parsed[step], console))
    }
  }

  private static func writeLightSkeleton(
    of path: String, name: String?, assertMembers: Bool, to output: String, _ payload: PayloadOptions,
    _ outputs: Outputs
  ) throws(CommandError) {
    try payload.check()
    let scope = try payload.scope()
    if let path = payload.path, !path.hasSuffix(".o") {
      throw CommandError.usage("a light skeleton's payload is an object file", hint: "choose a name that ends in .o")
    }
    let inputs = [path] + payload.inputs
    let made = [output] + payload.outputs
    try outputs.checkPaths(outputs: made, inputs: inputs)

    let object = try Inputs.lightObject(try Inputs.read(path), name: name, assertMembers: assertMembers)
    let target = try payload.target()
    // The loader has this machine's byte order, and a kernel only runs loaders of its own byte order.
    if let like = payload.like, target.isBigEndian != TargetMachine.host.isBigEndian {
      throw CommandError.failed(Diagnostic(like: like, otherByteOrderThan: path))
    }
    let bytes = LightPayload(object.loader).bytes(target.order)
    let options = HeaderOptions(
      kind: payload.path == nil ? .light : .lightSplit, scope: scope, isShared: payload.isShared)
    let header = Header(object.layout, options: options, payload: bytes)
    if let path = payload.path, let symbols = header.payloadSymbols {
      let object = PayloadObject(symbols: symbols, target: target, payload: bytes).bytes()
      try outputs.write(object, to: path, over: .payload(at: path))
    }
    try outputs.write(header, to: output)
    try outputs.finish(outputs: made, inputs: inputs)
  }
}
