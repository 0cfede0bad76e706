internal import BPF
internal import Bytes
internal import Files

extension Command {
  static let link = Command(
    name: "link", purpose: .generate,
    abstract: "Link BPF objects into one.",
    discussion: """
      A definition that is not weak replaces weak ones; of several weak definitions, the first
      counts. Declarations that differ are an error.

      With --check, the linked object is compared with a library that it contains. If they
      disagree about a variable, a map or a program, nothing is written.
      """,
    examples: [
      "bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o",
      "bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o --check lib.bpf.o",
    ]
  ) { declare in
    let objects = declare.repeatedArgument(.object, help: "The objects, in the order of linking.")
    let output = declare.required(.output)
    let check = declare.repeated(
      Option("check", .file(), help: "Compare the result with this library. May be repeated."))
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      let (paths, libraries, output) = (parsed[objects], parsed[check], parsed[output])
      let outputs = Outputs(parsed[step], console)
      try outputs.checkPaths(outputs: [output], inputs: paths + libraries)
      let linked = try Inputs.linked(paths)
      try compare(linked, called: output, with: libraries)
      try outputs.write(ByteRope(linked), to: output, over: .relocatable)
      try outputs.finish(outputs: [output], inputs: paths + libraries)
    }
  }

  private static func compare(
    _ linked: [UInt8], called output: String, with libraries: [String]
  ) throws(CommandError) {
    guard !libraries.isEmpty else { return }
    let final: BPFObject
    do throws(ObjectError) {
      final = try BPFObject(linked, name: BPFObject.defaultName(path: output))
    } catch { throw CommandError.failed(Diagnostic(output, error)) }
    var violations: [Diagnostic] = []
    for path in libraries {
      let library = try Inputs.object(try Inputs.read(path))
      violations += Diagnostic.texts(
        library: path, final: output, ContractCheck.violations(library: library, final: final))
    }
    guard violations.isEmpty else { throw CommandError.failed(violations) }
  }
}
