internal import BPF
internal import Emit

extension CommandSpec {
  static let subskeleton = CommandSpec(
    name: "subskeleton",
    abstract: "Write a subskeleton: a library's view into whatever object it was linked into.",
    discussion: """
      Its open function looks at the object that it is given: a variable, map or program of the
      library that is missing there, or a variable of another size, gives NULL with errno set.
      """,
    examples: ["bpfgen subskeleton lib.bpf.o -o lib.subskel.h --name lib"],
    positionals: [.object], options: [.output, .name] + Option.step
  ) { arguments in
    let path = arguments.positionals[0]
    let output = arguments.required("output")
    try Outputs.checkPlaces(arguments, outputs: [output], inputs: [path])
    let object = try Inputs.object(try Inputs.read(path), name: arguments["name"])
    try Outputs.write(Header(object.layout, options: HeaderOptions(kind: .subskeleton)), to: output, arguments)
    try Outputs.finish(arguments, outputs: [output], inputs: [path])
  }
}
