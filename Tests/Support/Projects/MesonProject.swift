import Foundation

/// A copy of Fixtures/meson with the subproject unpacked from its wrap, set up and built by Meson.
struct MesonProject {
  let scratch: Scratch
  var path: String { scratch.file("other") }
  /// Where it is built, below the project.
  static let buildFolder = "b $x"

  init() throws {
    scratch = try Scratch()
    try Example.copy("Tests/Fixtures/meson", to: path)
    let packages = "\(path)/subprojects/packagefiles"
    try FileManager.default.createDirectory(atPath: packages, withIntermediateDirectories: true)
    try Example.copy("meson/bpfgen.wrap", to: "\(path)/subprojects")
    let archive = "\(packages)/bpfgen-meson.tar.gz"
    try Shell.run("/usr/bin/env", ["tar", "-C", "\(Toolchain.root)/meson", "-czf", archive, "."]).checked()
  }

  /// Runs `meson setup`, with the programs under test unless the options name others.
  func setup(_ options: [String] = [], environment: [String: String] = [:]) throws -> Shell.Result {
    let programs = try ["program": Toolchain.bpfgen(), "clang": Tool.clang.required()].compactMap { name, path in
      options.contains { $0.hasPrefix("-Dbpfgen:\(name)=") } ? nil : "-Dbpfgen:\(name)=\(path)"
    }
    return try meson(["setup", built(""), path] + programs + options, environment: environment)
  }

  /// Builds all; the command lines of the steps that ran.
  func build() throws -> [String] {
    let output = try meson(["compile", "-C", built(""), "-v"]).checked().stdout
    return output.split(separator: "\n").filter { $0.hasPrefix("[") }.map(String.init)
  }

  func meson(_ arguments: [String], environment: [String: String] = [:]) throws -> Shell.Result {
    try Shell.run(Tool.meson.required(), arguments, environment: environment, timeoutSeconds: 300)
  }

  /// The path of a file that the build makes.
  func built(_ name: String) -> String { "\(path)/\(Self.buildFolder)/\(name)" }

  func replace(_ text: String, with other: String, in file: String) throws {
    let whole = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
    try Data(whole.replacing(text, with: other).utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
  }
}
