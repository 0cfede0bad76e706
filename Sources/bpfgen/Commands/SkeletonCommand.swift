internal import BPF
internal import Bytes
internal import ELF
internal import Emit
internal import Files

extension Command {
  static let skeleton = Command(
    name: "skeleton", purpose: .generate,
    abstract: "Generate the header that opens, loads and attaches an object.",
    discussion: """
      With --payload, the header describes only the layout, and is rewritten only when the layout
      changes. The bytes of the object are in the payload, which is linked into the program.
      Without --payload, the header contains the bytes, as bpftool's does.
      """,
    examples: [
      "bpfgen skeleton app.bpf.o -o app.skel.h --payload app.skel.o --name app",
      "bpfgen skeleton app.bpf.o -o app.skel.h --payload app.skel.o --like main.o --scope libapp",
      "bpfgen skeleton app.bpf.o -o -",
    ]
  ) { declare in
    let object = declare.argument(.object, help: "The compiled BPF object.")
    let output = declare.required(.output)
    let payload = PayloadOptions.declare(
      &declare,
      help: "Write the bytes to this object file (.o), or to a C file (.c) that includes the object with .incbin.")
    let strip = declare.flag(Flag("strip", help: "Remove debug sections from the bytes."))
    let name = declare.optional(.name)
    let assertMembers = declare.flag(.assertMembers)
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try SkeletonRun(
        object: parsed[object], output: parsed[output], payload: parsed[payload], isStripped: parsed[strip],
        name: parsed[name], assertMembers: parsed[assertMembers], outputs: Outputs(parsed[step], console)
      ).run()
    }
  }
}

/// A run of `bpfgen skeleton`.
private struct SkeletonRun {
  let object: String
  let output: String
  let payload: PayloadOptions
  let isStripped: Bool
  let name: String?
  let assertMembers: Bool
  let outputs: Outputs

  func run() throws(CommandError) {
    try checkPayload()
    let scope = try payload.scope()
    let inputs = [object] + payload.inputs
    let made = [output] + payload.outputs
    try outputs.checkPaths(outputs: made, inputs: inputs)
    let file = try Inputs.read(object)
    let object = try Inputs.object(file, name: name, assertMembers: assertMembers)
    let bytes = isStripped ? try stripped(file) : file.bytes
    let options = HeaderOptions(
      kind: payload.path == nil ? .selfContained : .split, scope: scope, isShared: payload.isShared)
    let header = Header(object.layout, options: options, payload: bytes)
    if let path = payload.path, let symbols = header.payloadSymbols {
      try outputs.write(payloadFile(path, symbols, bytes), to: path, over: .payload(at: path))
    }
    try outputs.write(header, to: output)
    try outputs.finish(outputs: made, inputs: inputs)
  }

  private func checkPayload() throws(CommandError) {
    try payload.check()
    guard let path = payload.path else { return }
    let isSource = path.hasSuffix(".c")
    guard isSource || path.hasSuffix(".o") else {
      throw CommandError.usage("a payload is an object file or a C file", hint: "choose a name that ends in .o or .c")
    }
    if isSource, payload.like != nil {
      throw CommandError.usage("'--like' does not apply to a payload in C", hint: "remove --like")
    }
    if isSource, isStripped {
      throw CommandError.usage(
        "'--strip' does not apply to a payload in C, which includes the object file unchanged",
        hint: "strip the object first (llvm-strip -g), or choose a payload name that ends in .o")
    }
  }

  private func stripped(_ file: FileContent) throws(CommandError) -> [UInt8] {
    do throws(ELFError) {
      return try DebugStripper.strip(file.bytes)
    } catch { throw CommandError.failed(Inputs.diagnostic(file, .elf(error))) }
  }

  private func payloadFile(
    _ path: String, _ symbols: PayloadSymbols, _ bytes: [UInt8]
  ) throws(CommandError) -> ByteRope {
    if path.hasSuffix(".c") {
      let fileName = PayloadSource.fileName(of: object)
      return PayloadSource(symbols: symbols, payload: bytes, fileName: fileName).text()
    }
    return PayloadObject(symbols: symbols, target: try payload.target(), payload: bytes).bytes()
  }
}
