internal import ArgumentParser

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print this program's version and what it was built with.")

  func run() { Terminal.write(Version.text + "\n") }
}
