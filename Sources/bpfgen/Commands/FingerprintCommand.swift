internal import ArgumentParser
internal import BPFObject
internal import Emit
internal import Incr

struct FingerprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint",
    abstract: "Print the ids of objects: what their headers, their contracts and their bytes hash to.",
    discussion: """
      One line for each id: the object, which id, and 32 hexadecimal digits. "layout" is that of a skeleton with a \
      payload, "subskeleton" that of a subskeleton, "contract" what libraries and finals must agree on, "content" the \
      bytes.

      Examples:
        bpfgen fingerprint app.bpf.o
        bpfgen fingerprint build/*.bpf.o | grep ' layout '
      """)

  @Argument(help: "The compiled BPF objects.")
  var objects: [String]

  @Option(help: ArgumentHelp("The struct's name, which is a part of a layout (default: as bpftool makes it).", valueName: "name"))
  var name: String?

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    for path in objects {
      let file = try Inputs.read(path)
      let object = try Inputs.object(file, name: name)
      Terminal.write(
        """
        \(path) layout \(object.layout.id(for: HeaderOptions(kind: .split)))
        \(path) subskeleton \(object.layout.id(for: HeaderOptions(kind: .subskeleton)))
        \(path) contract \(object.contract().id)
        \(path) content \(Fingerprint(of: file.bytes))

        """)
    }
  }
}
