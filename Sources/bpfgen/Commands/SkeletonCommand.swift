internal import ArgumentParser
internal import BPFObject
internal import Emit
internal import Incr

struct SkeletonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "skeleton",
    abstract: "Write a skeleton: the header through which a program opens, loads and attaches an object.",
    discussion: """
      With --payload the header holds the layout alone, and is left untouched as long as that stays the same; the \
      object's bytes go into a file that is linked into the program. Without it the header holds the bytes too.

      Examples:
        bpfgen skeleton app.bpf.o -o app.skel.h --name app
        bpfgen skeleton app.bpf.o -o app.skel.h --payload app.skel.o --like main.o
        bpfgen skeleton app.bpf.o -o -
      """)

  @Argument(help: "The compiled BPF object.")
  var object: String

  @Option(name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The header; - for standard output.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Put the object's bytes here: an object file (.o) or a C file (.c) with .incbin.", valueName: "file"))
  var payload: String?

  @Option(help: ArgumentHelp("An object file of the compiler that the payload is for (default: this machine).", valueName: "file"))
  var like: String?

  @Option(help: ArgumentHelp("The struct's name (default: the object's file name as bpftool makes it, x.bpf.o -> x_bpf).", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Write what was read, as a rule of make, for Ninja, make or CMake.", valueName: "file"))
  var depfile: String?

  @Flag(help: "Leave debug sections out of the payload.")
  var strip = false

  @Flag(help: "Also check the members of your own structs that variables hold by value.")
  var assertMembers = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    try checkOptions()
    let file = try Inputs.read(object)
    let object = try Inputs.object(file, name: name, assertMembers: assertMembers)
    let bytes = try strip ? stripped(file) : file.bytes
    let options = HeaderOptions(kind: payload == nil ? .selfContained : .split)
    let header = Header(object.layout, options: options, payload: bytes)
    if let payload {
      let symbols = PayloadSymbols(name: object.layout.name, layoutID: header.banner.layout)
      try Outputs.write(payloadFile(payload, symbols, bytes), to: payload)
    }
    try Outputs.write(header, to: output)
    try Outputs.writeDepfile(
      depfile, outputs: [output] + (payload.map { [$0] } ?? []), inputs: [self.object] + (like.map { [$0] } ?? []))
  }

  private func checkOptions() throws {
    func refuse(_ what: String, _ hint: String) throws {
      throw Failure(Diagnostic(what: what, hint: hint), status: 2)
    }
    if depfile != nil, output == "-" { try refuse("--depfile needs an output with a name", "give -o FILE") }
    if like != nil, payload == nil { try refuse("--like describes a payload", "give --payload FILE.o") }
    if let payload {
      guard payload.hasSuffix(".o") || payload.hasSuffix(".c") else {
        return try refuse("a payload is an object file or a C file", "end its name in .o or .c")
      }
      if payload.hasSuffix(".c"), like != nil {
        try refuse("a payload in C is for every machine", "leave --like out")
      }
      if payload.hasSuffix(".c"), strip {
        try refuse("a payload in C takes the object file as it is", "strip the object itself: llvm-strip -g")
      }
    }
    try Outputs.checkDistinct(outputs: [output, payload, depfile], inputs: [object] + (like.map { [$0] } ?? []))
  }

  private func stripped(_ file: FileContent) throws -> [UInt8] {
    do throws(ObjectError) {
      return try DebugStripper.strip(file.bytes)
    } catch { throw Failure(Inputs.diagnostic(file, error)) }
  }

  private func payloadFile(_ path: String, _ symbols: PayloadSymbols, _ bytes: [UInt8]) throws -> [UInt8] {
    if path.hasSuffix(".c") {
      let fileName = object.split(separator: "/").last.map(String.init) ?? object
      return PayloadSource(symbols: symbols, payload: Fingerprint(of: bytes), fileName: fileName).text()
    }
    let target = try target()
    do throws(PayloadObject.Failure) {
      return try PayloadObject(symbols: symbols, target: target, payload: bytes).bytes()
    } catch {
      switch error {
      case .libelf(let message): throw Failure(Diagnostic(path: path, what: "libelf cannot make it: \(message)"))
      case .file(let error): throw Failure(Diagnostic(error))
      }
    }
  }

  private func target() throws -> TargetMachine {
    guard let like else { return .host }
    guard let machine = TargetMachine(likeObject: try Inputs.read(like).bytes) else {
      throw Failure(
        Diagnostic(
          path: like, what: "not an ELF object of a machine that programs run on",
          hint: "give an object file made by the compiler of the program, without -flto"))
    }
    return machine
  }
}
