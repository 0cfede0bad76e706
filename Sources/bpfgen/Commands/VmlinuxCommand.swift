internal import BPF
internal import BTF
internal import Bytes
internal import Emit
internal import Files

extension Command {
  static let vmlinuxHeader = Command(
    name: "vmlinux-h", purpose: .generate,
    abstract: "Write the kernel's types as C: vmlinux.h.",
    discussion: """
      The types are those of the running kernel, or of a BTF file, in the order of bpftool 7.5 and
      newer. After them come the kernel functions that BPF programs may call (kfuncs). A source
      that declares kfuncs itself must define BPF_NO_KFUNC_PROTOTYPES.

      With --for, the header contains only what the sources of some objects use, and is small
      enough to be stored with them. It keeps all enumerations, because objects do not record
      their use. It may lack a struct of which a source uses only the size.
      """,
    examples: [
      "bpfgen vmlinux-h -o vmlinux.h",
      "bpfgen vmlinux-h vmlinux.btf -o vmlinux.h",
      "bpfgen vmlinux-h vmlinux.btf -o small.h --for app.bpf.o net.bpf.o",
    ]
  ) { declare in
    let btf = declare.optionalArgument(
      .file("btf"), help: "Raw BTF, a BPF object or a vmlinux. Default: /sys/kernel/btf/vmlinux.")
    let output = declare.required(.output)
    let base = declare.optional(.base)
    let objects = declare.repeated(
      Option("for", .file("object"), help: "Write only what the sources of these objects use."), takesList: true)
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try writeTypes(
        of: parsed[btf] ?? "/sys/kernel/btf/vmlinux", continuing: parsed[base], usedBy: parsed[objects],
        to: parsed[output], Outputs(parsed[step], console))
    }
  }

  private static func writeTypes(
    of path: String, continuing basePath: String?, usedBy objects: [String], to output: String, _ outputs: Outputs
  ) throws(CommandError) {
    let inputs = [path] + (basePath.map { [$0] } ?? []) + objects
    try outputs.checkPaths(outputs: [output], inputs: inputs)
    let uses = try objects.isEmpty ? nil : Inputs.typeUses(of: objects)
    let base = try basePath.map(Inputs.types)
    let file = try Inputs.read(path)
    let text: [UInt8]
    do throws(ObjectError) {
      let types = try ObjectError.ofBTF(try TypesFile(file.bytes, isSplit: base != nil))
      text = try TypesHeader.text(
        of: types, base: base, uses.map { .used($0) } ?? .all(isSorted: true))
    } catch { throw CommandError.failed(Inputs.typesDiagnostic(file.path, error, base: base != nil)) }
    try outputs.write(ByteRope(text), to: output, over: .vmlinuxHeader)
    try outputs.finish(outputs: [output], inputs: inputs)
  }
}
