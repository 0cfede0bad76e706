internal import Glibc
internal import Incr

/// The command that was asked for, run to its exit status: 0 done, 1 failed or differs, 2 a wrong command line.
let status = CommandLineTool.run(Array(CommandLine.arguments.dropFirst()))
if let error = Terminal.outputError {
  Terminal.report([Diagnostic(.system(path: "<stdout>", operation: "write", errno: error))])
  exit(1)
}
exit(status)
