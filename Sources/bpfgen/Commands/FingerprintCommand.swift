internal import BPF
internal import Bytes
internal import Emit
internal import Files

extension CommandSpec {
  static let fingerprint = CommandSpec(
    name: "fingerprint",
    abstract: "Print the ids of objects: what their headers, contracts and bytes hash to.",
    discussion: """
      A line for each id: the object, which id, and 32 hexadecimal digits. `layout` is that of
      a skeleton with a payload, `subskeleton` that of a subskeleton, `contract` what libraries
      and finals must agree on, `content` the bytes.
      """,
    examples: ["bpfgen fingerprint app.bpf.o", "bpfgen fingerprint build/*.bpf.o | grep ' layout '"],
    positionals: [Positional(name: "object", help: "The compiled BPF objects.", kind: .file, isRepeated: true)],
    options: [.name, .scope, .shared]
  ) { arguments in
    let scope = try PayloadFile.scope(arguments)
    for path in arguments.positionals {
      let file = try Inputs.read(path)
      let object = try Inputs.object(file, name: arguments["name"])
      let ids: [(String, Fingerprint)] = [
        ("layout", object.layout.id(for: HeaderOptions(kind: .split, scope: scope, isShared: arguments.has("shared")))),
        ("subskeleton", object.layout.id(for: HeaderOptions(kind: .subskeleton))),
        ("contract", object.contract().id), ("content", Fingerprint(of: file.bytes)),
      ]
      for (label, id) in ids { Terminal.write("\(path) \(label) \(id)\n") }
    }
  }
}
