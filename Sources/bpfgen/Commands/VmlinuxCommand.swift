internal import BPFObject
internal import Incr

extension CommandSpec {
  static let vmlinuxHeader = CommandSpec(
    name: "vmlinux-h",
    abstract: "Write vmlinux.h: the kernel's types as C, for BPF programs.",
    discussion: """
      Of the running kernel, or of the BTF file that is named. The file is left alone when it is
      the same already.
      """,
    examples: ["bpfgen vmlinux-h -o vmlinux.h", "bpfgen vmlinux-h board/vmlinux.btf -o vmlinux.h"],
    positionals: [
      Positional(
        name: "btf", help: "Raw BTF, a BPF object or a vmlinux. Default: /sys/kernel/btf/vmlinux.", kind: .file,
        isOptional: true)
    ],
    options: [.output] + Option.bookkeeping
  ) { arguments in
    let path = arguments.positionals.first ?? "/sys/kernel/btf/vmlinux"
    let output = arguments.required("output")
    try Outputs.checkPlaces(arguments, outputs: [output], inputs: [path])
    let file = try Inputs.read(path)
    let text: [UInt8]
    do throws(ObjectError) {
      text = try TypesHeader.text(of: TypesFile(file.bytes))
    } catch { throw Failure(Inputs.diagnostic(file, error)) }
    try Outputs.write(ByteRope(text), to: output)
    try Outputs.finish(arguments, outputs: [output], inputs: [path])
  }
}
