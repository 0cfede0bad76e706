internal import CLinux
internal import Glibc

/// A program that was run to completion.
///
/// Its streams are files in memory, not pipes, so neither side can block on the other.
package struct ChildProcess: Sendable {
  /// How the program ended.
  package enum Ending: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
  }

  package let ending: Ending
  package let output: [UInt8]
  /// Its standard error.
  package let standardError: [UInt8]

  /// Finds the program in `PATH` and runs it.
  ///
  /// - Parameter command: the program, then its arguments.
  /// - Throws: `FileError.system` with `ENOENT` if there is no such program.
  package init(_ command: [String], input: [UInt8]) throws(FileError) {
    let inputFile = try MemoryFile(name: "input")
    let outputFile = try MemoryFile(name: "output")
    let errorFile = try MemoryFile(name: "error")
    try inputFile.fill(input)
    let child = try ChildProcess.start(
      command, streams: [inputFile.descriptor, outputFile.descriptor, errorFile.descriptor])
    ending = try ChildProcess.wait(for: child, command[0])
    output = try outputFile.content()
    standardError = try errorFile.content()
  }

  /// Runs a program with this process's own streams, so that its output appears immediately.
  ///
  /// - Throws: `FileError.system` with `ENOENT` if there is no such program.
  package static func run(_ command: [String]) throws(FileError) -> Ending {
    try wait(for: try start(command, streams: []), command[0])
  }

  private static func start(_ command: [String], streams: [Int32]) throws(FileError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (target, stream) in streams.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, stream, Int32(target))
    }
    var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
    var child: pid_t = 0
    let failure = unsafe posix_spawnp(&child, command[0], &actions, nil, &arguments, clinux_environment())
    guard failure == 0 else { throw .system(path: command[0], operation: "start", errno: failure) }
    return child
  }

  private static func wait(for child: pid_t, _ name: String) throws(FileError) -> Ending {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw .system(path: name, operation: "wait for", errno: errno) }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }
}
