internal import ArgumentParser
internal import Glibc

/// Parses the command line, runs the command, and turns what it throws into messages and an exit status.
enum CommandLineTool {
  static func run(_ arguments: [String]) -> Int32 {
    do {
      var command = try Bpfgen.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch let failure as Failure {
      Terminal.report(failure.diagnostics)
      return failure.status
    } catch {
      let text = Bpfgen.fullMessage(for: error)
      // `--help` and `--version` arrive as errors too; what they ask for goes to standard output.
      guard Bpfgen.exitCode(for: error).isSuccess else {
        Terminal.writeError(text + "\n")
        return 2
      }
      Terminal.write(text + "\n")
      return 0
    }
  }
}

struct Bpfgen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bpfgen",
    abstract: "Generates C skeleton and subskeleton headers from compiled BPF objects.",
    discussion: """
      A header is written only when it would change: a skeleton with a payload changes when the layout that the object \
      exports does, not when its code does.

      Examples:
        bpfgen skeleton app.bpf.o -o app.skel.h --payload app.skel.o --name app
        bpfgen subskeleton lib.bpf.o -o lib.subskel.h --name lib
        bpfgen link -o app.bpf.o main.bpf.o lib.bpf.o
        bpfgen diff old.bpf.o new.bpf.o
      """,
    version: Version.text,
    subcommands: [
      SkeletonCommand.self, SubskeletonCommand.self, LinkCommand.self, FingerprintCommand.self, DiffCommand.self,
      VersionCommand.self,
    ])
}

/// A command that could not do its work, or found the difference that it was asked about.
struct Failure: Error {
  var diagnostics: [Diagnostic]
  var status: Int32 = 1

  init(_ diagnostic: Diagnostic, status: Int32 = 1) {
    diagnostics = [diagnostic]
    self.status = status
  }

  /// Nothing to say: the status says it.
  init(status: Int32) {
    diagnostics = []
    self.status = status
  }
}
