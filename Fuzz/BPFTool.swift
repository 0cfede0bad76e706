// Words, a zero byte between them, as a command line of bpftool's, which runs, and as those of our own commands, which do not.
import FuzzSupport
import MutationRunner

@testable import bpfgen

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // No word refers to a path outside the folder of the seeds.
  let arguments = bytes(start, count).split(separator: 0, omittingEmptySubsequences: false)
    .map { String(decoding: $0, as: UTF8.self) }
    .filter { !$0.contains("/") }
  for command in CommandLineTool.commands + [.bpftool] { parse(arguments, command) }
  guard let invocation = try? Command.bpftool.parse(arguments), !invocation.wantsHelp else { return 0 }
  if let first = arguments.first { _ = BPFToolGrammar.begins(with: first) }
  run(invocation)
  return 0
}

/// Every error must have a message, and the result must not depend on where options are.
private func parse(_ arguments: [String], _ command: Command) {
  do throws(CommandError) {
    let invocation = try command.parse(arguments)
    let again = try command.parse(["--"] + invocation.parsed.arguments)
    require(
      again.parsed.arguments == invocation.parsed.arguments || invocation.wantsHelp,
      "\(command.name): arguments are lost")
  } catch {
    requireWords(error)
  }
}

private func run(_ invocation: Invocation) {
  do throws(CommandError) {
    try invocation.run(Console())
  } catch {
    require(error.status != 0, "an error that is none")
    requireWords(error)
  }
}

private func requireWords(_ error: CommandError) {
  require(!error.diagnostics.isEmpty, "an error without a message")
  for diagnostic in error.diagnostics {
    _ = diagnostic.text(colored: true)
    require(!diagnostic.what.isEmpty, "an error without a word")
  }
}
