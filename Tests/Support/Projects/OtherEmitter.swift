import Foundation
import Testing

/// A bpfgen whose emitter has another version: built of these sources with that number raised.
enum OtherEmitter {
  /// The program's path; made once in a process, in a folder that lives as long.
  static func program() throws -> String { try built.get() }

  private static let folder = Result { try Scratch() }

  private static let built: Result<String, any Error> = Result {
    let scratch = try folder.get()
    let package = scratch.file("package")
    // The other targets of the package are read too, though not built.
    let parts = ["Package.swift", "Sources", "Tests", "Benchmarks"].map { "\(Toolchain.root)/\($0)" }
    try FileManager.default.createDirectory(atPath: package, withIntermediateDirectories: true)
    try Shell.run("/usr/bin/env", ["cp", "-R"] + parts + [package]).checked()
    let file = "\(package)/Sources/Emit/Header/HeaderOptions.swift"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let number = try #require(text.firstMatch(of: /public let emitterVersion = ([0-9]+)\n/))
    let raised = text.replacing(number.0, with: "public let emitterVersion = \(try #require(Int(number.1)) + 1)\n")
    try raised.write(toFile: file, atomically: true, encoding: .utf8)
    let words = ["swift", "build", "--package-path", package, "--product", "bpfgen"]
    try Shell.run("/usr/bin/env", words, timeoutSeconds: 900).checked()
    let place = try Shell.run("/usr/bin/env", words + ["--show-bin-path"]).checked().stdout
    return place.trimmingCharacters(in: .newlines) + "/bpfgen"
  }
}
