internal import BPF
internal import Bytes
internal import Files

extension CommandSpec {
  static let link = CommandSpec(
    name: "link",
    abstract: "Link BPF objects into one.",
    discussion: """
      Definitions that are not weak come before weak ones, and of weak ones the first counts, in
      every order and in links of links. What two objects declare differently is an error.
      With --check the linked object is compared with a library that is in it, of which programs
      have a subskeleton: where they disagree about a variable, a map or a program, nothing is
      written.
      """,
    examples: [
      "bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o",
      "bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o --check lib.bpf.o",
    ],
    positionals: [
      Positional(name: "object", help: "The objects, in the order of linking.", kind: .file, isRepeated: true)
    ],
    options: [
      .output,
      Option(
        name: "check", value: "file", help: "Compare with this library too; may be given more than once.", kind: .file,
        isRepeated: true),
    ] + Option.step
  ) { arguments in
    let paths = arguments.positionals
    let libraries = arguments.all("check")
    let output = arguments.required("output")
    try Outputs.checkPlaces(arguments, outputs: [output], inputs: paths + libraries)
    let linked = try Inputs.linked(paths)
    try check(linked, called: output, against: libraries)
    try Outputs.write(ByteRope(linked), to: output, over: .relocatable, arguments)
    try Outputs.finish(arguments, outputs: [output], inputs: paths + libraries)
  }

  private static func check(_ linked: [UInt8], called output: String, against libraries: [String]) throws {
    guard !libraries.isEmpty else { return }
    let final: BPFObject
    do throws(ObjectError) {
      final = try BPFObject(linked, name: BPFObject.defaultName(path: output))
    } catch { throw Failure(Diagnostic(output, error)) }
    var failure = Failure(status: 1)
    for path in libraries {
      let library = try Inputs.object(try Inputs.read(path))
      failure.diagnostics += ContractCheck.violations(library: library, final: final).map {
        Diagnostic(library: path, final: output, $0)
      }
    }
    guard failure.diagnostics.isEmpty else { throw failure }
  }
}
