internal import Files
internal import Glibc

let console = Console()

// Swift reads the command line from /proc, and has not even the program's name where it cannot.
guard !CommandLine.arguments.isEmpty else {
  console.report([Diagnostic(what: "the command line cannot be read", hint: "this program needs /proc")])
  exit(2)
}

/// The command that was asked for, run to its exit status: 0 done, 1 failed or differs, 2 a wrong command line.
let status = CommandLineTool.run(Array(CommandLine.arguments.dropFirst()), console)
if let error = console.outputError {
  console.report([Diagnostic(.system(path: "<stdout>", operation: "write", errno: error))])
  exit(1)
}
exit(status)
