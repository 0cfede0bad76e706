internal import BPF
internal import Emit

extension Command {
  static let subskeleton = Command(
    name: "subskeleton", purpose: .generate,
    abstract: "Generate a library's view into the objects that contain it.",
    discussion: """
      The header's open function checks the object that it is given. If a variable, map or program
      of the library is missing there, or a variable has another size, it returns NULL and sets
      errno.
      """,
    examples: [
      "bpfgen subskeleton lib.bpf.o -o lib.subskel.h --name lib"
    ]
  ) { declare in
    let object = declare.argument(.object, help: "The compiled BPF object.")
    let output = declare.required(.output)
    let name = declare.optional(.name)
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      let (path, output, outputs) = (parsed[object], parsed[output], Outputs(parsed[step], console))
      try outputs.checkPaths(outputs: [output], inputs: [path])
      let object = try Inputs.object(try Inputs.read(path), name: parsed[name])
      try outputs.write(Header(object.layout, options: HeaderOptions(kind: .subskeleton)), to: output)
      try outputs.finish(outputs: [output], inputs: [path])
    }
  }
}
