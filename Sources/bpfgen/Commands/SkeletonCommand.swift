internal import BPF
internal import Bytes
internal import ELF
internal import Emit
internal import Files

extension CommandSpec {
  static let skeleton = CommandSpec(
    name: "skeleton",
    abstract: "Write a skeleton: the header through which a program opens, loads and attaches an object.",
    discussion: """
      With --payload the header holds the layout alone, and is left untouched as long as that
      stays the same; the object's bytes go into a file that is linked into the program.
      Without it the header holds the bytes too.
      """,
    examples: [
      "bpfgen skeleton app.bpf.o -o app.skel.h --payload app.skel.o --name app",
      "bpfgen skeleton app.bpf.o -o app.skel.h --payload app.skel.o --like main.o --scope libapp",
      "bpfgen skeleton app.bpf.o -o -",
    ],
    positionals: [.object],
    options: [
      .output,
      Option(
        name: "payload", value: "file",
        help: "Put the object's bytes here: an object file (.o), or a C file (.c) that names it with .incbin.",
        kind: .file),
      .like, .scope, .shared,
      Option(name: "strip", help: "Leave debug sections out of the bytes."),
      .name, .assertMembers,
    ] + Option.step,
    run: { try SkeletonRun($0).run() })
}

/// One run of `bpfgen skeleton`.
private struct SkeletonRun {
  let object: String
  let output: String
  let payload: String?
  let like: String?
  let arguments: ParsedArguments

  init(_ arguments: ParsedArguments) {
    self.arguments = arguments
    object = arguments.positionals[0]
    output = arguments.required("output")
    payload = arguments["payload"]
    like = arguments["like"]
  }

  private var inputs: [String] { [object] + (like.map { [$0] } ?? []) }
  private var outputs: [String] { [output] + (payload.map { [$0] } ?? []) }

  func run() throws {
    try checkPayloadOptions()
    let scope = try PayloadFile.scope(arguments)
    try Outputs.checkPlaces(arguments, outputs: outputs, inputs: inputs)
    let file = try Inputs.read(object)
    let object = try Inputs.object(file, name: arguments["name"], assertMembers: arguments.has("assert-members"))
    let bytes = arguments.has("strip") ? try stripped(file) : file.bytes
    let options = HeaderOptions(
      kind: payload == nil ? .selfContained : .split, scope: scope, isShared: arguments.has("shared"))
    let header = Header(object.layout, options: options, payload: bytes)
    if let payload, let symbols = header.payloadSymbols {
      try Outputs.write(payloadFile(payload, symbols, bytes), to: payload, over: .payload(at: payload), arguments)
    }
    try Outputs.write(header, to: output, arguments)
    try Outputs.finish(arguments, outputs: outputs, inputs: inputs)
  }

  private func checkPayloadOptions() throws(UsageError) {
    try PayloadFile.checkOptions(arguments)
    guard let payload else { return }
    let isSource = payload.hasSuffix(".c")
    guard isSource || payload.hasSuffix(".o") else {
      throw UsageError(what: "a payload is an object file or a C file", hint: "end its name in .o or .c")
    }
    if isSource, like != nil {
      throw UsageError(what: "a payload in C fits every machine", hint: "leave --like out")
    }
    if isSource, arguments.has("strip") {
      throw UsageError(what: "a payload in C takes the object file as it is", hint: "strip that: llvm-strip -g")
    }
  }

  private func stripped(_ file: FileContent) throws -> [UInt8] {
    do throws(ELFError) {
      return try DebugStripper.strip(file.bytes)
    } catch { throw Failure(Inputs.diagnostic(file, .elf(error))) }
  }

  private func payloadFile(_ path: String, _ symbols: PayloadSymbols, _ bytes: [UInt8]) throws -> ByteRope {
    if path.hasSuffix(".c") {
      let fileName = PayloadSource.fileName(of: object)
      return PayloadSource(symbols: symbols, payload: bytes, fileName: fileName).text()
    }
    let target = try PayloadFile.target(like: like)
    return PayloadObject(symbols: symbols, target: target, payload: bytes).bytes()
  }
}
