internal import Files
internal import Glibc

let console = Console()

// Swift reads the command line from /proc, and does not even have the program's name if it cannot.
guard !CommandLine.arguments.isEmpty else {
  do throws(FileError) {
    _ = try Descriptor(opening: "/proc/self/cmdline", O_RDONLY)
    console.report([Diagnostic(what: "the command line cannot be read", hint: "this program needs /proc")])
  } catch {
    var diagnostic = Diagnostic(error)
    diagnostic.hint = diagnostic.hint ?? "this program needs /proc"
    console.report([diagnostic])
  }
  exit(2)
}

/// The exit status of the command: 0 success, 1 failure or a difference found, 2 a wrong command line.
let status = CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), console)
if let error = console.outputError {
  console.report([Diagnostic(.system(path: "<stdout>", operation: "write", errno: error))])
  exit(1)
}
exit(status)
