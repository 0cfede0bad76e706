internal import ArgumentParser
internal import BPFObject
internal import Emit

struct SubskeletonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subskeleton",
    abstract: "Write a subskeleton: a library's view into whatever object it was linked into.",
    discussion: """
      Its open function looks at the object that it is given: a variable, map or program of the library that is missing \
      there, or a variable of another size, gives NULL with errno set.

      Examples:
        bpfgen subskeleton lib.bpf.o -o lib.subskel.h --name lib
      """)

  @Argument(help: "The compiled BPF object of the library.")
  var object: String

  @Option(name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The header; - for standard output.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("The struct's name (default: the object's file name as bpftool makes it, x.bpf.o -> x_bpf).", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Write what was read, as a rule of make, for Ninja, make or CMake.", valueName: "file"))
  var depfile: String?

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.apply()
    if depfile != nil, output == "-" {
      throw Failure(Diagnostic(what: "--depfile needs an output with a name", hint: "give -o FILE"), status: 2)
    }
    try Outputs.checkDistinct(outputs: [output, depfile], inputs: [object])
    let object = try Inputs.object(try Inputs.read(object), name: name)
    try Outputs.write(Header(object.layout, options: HeaderOptions(kind: .subskeleton)), to: output)
    try Outputs.writeDepfile(depfile, outputs: [output], inputs: [self.object])
  }
}
