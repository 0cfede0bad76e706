import Foundation
import Testing

/// The shells with completions, each queried in its own way.
enum CompletingShell: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case bash, zsh, fish

  var testDescription: String { rawValue }

  /// The script that `bpfgen completion` prints, in a file named as the shell wants it, in a folder of its own.
  var script: Result<String, any Error> { Self.scripts[self]! }

  private static let scripts: [CompletingShell: Result<String, any Error>] = {
    var scripts: [CompletingShell: Result<String, any Error>] = [:]
    for shell in allCases {
      scripts[shell] = Result {
        let text = try Shell.run(Toolchain.bpfgen(), ["completion", shell.rawValue]).checked().stdout
        try FileManager.default.createDirectory(
          atPath: folder.get().file(shell.rawValue), withIntermediateDirectories: true)
        return try folder.get().write(text, to: "\(shell)/\(shell == .zsh ? "_bpfgen" : "bpfgen.\(shell)")")
      }
    }
    return scripts
  }()

  // Kept for the life of the process: the scripts are in it.
  private static let folder = Result { try Scratch() }

  /// What is offered at the end of a command line; folders without a slash, values without their option.
  func offers(at line: String, in folder: String) throws -> Set<String> {
    let fixtures = "\(Toolchain.fixtures)/completion"
    let script = try script.get()
    let shell = try Tool(rawValue: rawValue)!.required()
    let command: [String] =
      switch self {
      case .bash: [shell, "--norc", "\(fixtures)/complete.bash", script] + Self.readlineWords(line)
      case .zsh: [shell, "-f", "\(fixtures)/complete.zsh", (script as NSString).deletingLastPathComponent, line]
      case .fish: [shell, "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, line]
      }
    let result = try Shell.run(
      "/bin/sh", ["-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder] + command,
      environment: ["HOME": folder, "TERM": "dumb"], timeoutSeconds: 30
    ).checked()
    #expect(result.stderr == "")
    let offers = result.stdout.split(separator: "\n").map { clean($0, line) }
    // With nothing else to offer zsh comes with the options.
    return Set(offers.filter { !$0.isEmpty && !(line.hasSuffix(" ") && $0.hasPrefix("-")) })
  }

  private func clean(_ offer: Substring, _ line: String) -> String {
    // fish has a description after a tab; zsh escapes a space as a shell needs it.
    var word = String(offer.prefix { $0 != "\t" }).replacingOccurrences(of: "\\ ", with: " ")
    if word.hasSuffix("/") { word.removeLast() }
    // fish offers the whole word.
    guard let equals = word.firstIndex(of: "="), word.hasPrefix("--"), line.contains("=") else { return word }
    return String(word[word.index(after: equals)...])
  }

  /// A line without quotes as readline parts it.
  private static func readlineWords(_ line: String) -> [String] {
    line.components(separatedBy: " ").flatMap { word -> [String] in
      guard let equals = word.firstIndex(of: "=") else { return [word] }
      let value = String(word[word.index(after: equals)...])
      return [String(word[..<equals]), "="] + (value.isEmpty ? [] : [value])
    }
  }
}
