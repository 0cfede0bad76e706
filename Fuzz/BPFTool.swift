// Words, a zero byte between them, as a command line of bpftool's, which runs, and as those of our own commands, which do not.
import FuzzSupport
import MutationRunner

@testable import bpfgen

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // No word leads out of the folder that the seeds lie in.
  let words = bytes(start, count).split(separator: 0, omittingEmptySubsequences: false)
    .map { String(decoding: $0, as: UTF8.self) }
    .filter { !$0.contains("/") }
  for command in CommandLineTool.commands + [.bpftool] { parse(words, command) }
  guard let arguments = try? CommandSpec.bpftool.parse(words), !arguments.has("help") else { return 0 }
  if let first = words.first { _ = BPFToolGrammar.begins(with: first) }
  run(arguments)
  return 0
}

/// What is wrong must be worded, and what is not must not depend on where options stand.
private func parse(_ words: [String], _ command: CommandSpec) {
  do throws(UsageError) {
    let parsed = try command.parse(words)
    let again = try command.parse(["--"] + parsed.positionals)
    require(again.positionals == parsed.positionals || parsed.has("help"), "\(command.name): words are lost")
  } catch {
    _ = error.diagnostic.text(colored: true)
    require(!error.what.isEmpty, "an error without a word")
  }
}

private func run(_ arguments: ParsedArguments) {
  do {
    try BPFToolGrammar.run(arguments.positionals, arguments)
  } catch let error as UsageError {
    require(!error.what.isEmpty, "an error without a word")
  } catch let failure as Failure {
    require(failure.status != 0 && !failure.diagnostics.isEmpty, "a failure without a word")
    for diagnostic in failure.diagnostics { _ = diagnostic.text(colored: false) }
  } catch { require(false, "another error: \(error)") }
}
