internal import ArgumentParser
internal import BPFObject
internal import Incr

struct LinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link",
    abstract: "Link BPF objects into one, with libbpf's static linker.",
    discussion: """
      Examples:
        bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o
      """)

  @Argument(help: "The objects, in the order of linking.")
  var objects: [String]

  @Option(name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The linked object.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Write what was read, as a rule of make, for Ninja, make or CMake.", valueName: "file"))
  var depfile: String?

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    if depfile != nil, output == "-" {
      throw Failure(Diagnostic(what: "--depfile needs an output with a name", hint: "give -o FILE"), status: 2)
    }
    try Outputs.checkDistinct(outputs: [output, depfile], inputs: objects)
    let files = try objects.map(Inputs.read)
    let linked: [UInt8]
    do throws(LinkError) {
      linked = try StaticLinker.link(files)
    } catch {
      throw Failure(Inputs.diagnostic(files.first { $0.path == error.path }!, error.error))
    }
    try Outputs.write(linked, to: output)
    try Outputs.writeDepfile(depfile, outputs: [output], inputs: objects)
  }
}
