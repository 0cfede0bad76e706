internal import Glibc

/// The command that was asked for, run to its exit status: 0 done, 1 failed or differs, 2 a wrong command line.
exit(CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
