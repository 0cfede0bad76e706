internal import BPF
internal import Bytes
internal import Emit
internal import Files

extension Command {
  static let fingerprint = Command(
    name: "fingerprint", purpose: .inspect,
    abstract: "Print the ids of an object's layout, contract and content.",
    discussion: """
      Prints a line for each id: the object, the kind of id, and 32 hexadecimal digits.

        layout        what a skeleton with a payload shows
        subskeleton   what a subskeleton shows
        contract      what a library and its finals must agree on
        content       the bytes
      """,
    examples: [
      "bpfgen fingerprint app.bpf.o",
      "bpfgen fingerprint build/*.bpf.o | grep ' layout '",
    ]
  ) { declare in
    let objects = declare.repeatedArgument(.object, help: "The compiled BPF objects.")
    let name = declare.optional(.name)
    let scope = declare.optional(.scope, lastCounts: true)
    let shared = declare.flag(.shared)
    return { (parsed, console) throws(CommandError) in
      let scope = try PayloadOptions.scope(parsed[scope])
      let split = HeaderOptions(kind: .split, scope: scope, isShared: parsed[shared])
      for path in parsed[objects] {
        let file = try Inputs.read(path)
        let object = try Inputs.object(file, name: parsed[name])
        let ids: [(String, Fingerprint)] = [
          ("layout", object.layout.id(for: split)),
          ("subskeleton", object.layout.id(for: HeaderOptions(kind: .subskeleton))),
          ("contract", object.contract().id), ("content", Fingerprint(of: file.bytes)),
        ]
        for (label, id) in ids { console.write("\(path) \(label) \(id)\n") }
      }
    }
  }
}
