internal import BPFObject
internal import Incr

extension CommandSpec {
  static let link = CommandSpec(
    name: "link",
    abstract: "Link BPF objects into one, with libbpf's static linker.",
    examples: ["bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o"],
    positionals: [
      Positional(name: "object", help: "The objects, in the order of linking.", kind: .file, isRepeated: true)
    ],
    options: [.output, .depfile]
  ) { arguments in
    let paths = arguments.positionals
    let output = arguments.required("output")
    try Outputs.checkPlaces(outputs: [output], depfile: arguments["depfile"], inputs: paths)
    let files = try paths.map(Inputs.read)
    let linked: [UInt8]
    do throws(LinkError) {
      linked = try StaticLinker.link(files)
    } catch {
      throw Failure(Inputs.diagnostic(files.first { $0.path == error.path }!, error.error))
    }
    try Outputs.write(ByteRope(linked), to: output)
    try Outputs.writeDepfile(arguments["depfile"], outputs: [output], inputs: paths)
  }
}
