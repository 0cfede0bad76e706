import Foundation
import Testing

/// A project of a few files in a folder of its own, with the build files of one or more tools. All outputs are in `build`.
///
/// A Makefile includes `$(BPFGEN_MK)`, a build.ninja includes tools.ninja, and a meson.build has the subproject `bpfgen`.
struct SmallProject {
  let system: BuildSystem
  let scratch: Scratch
  /// Compiles BPF programs.
  var compiler: String
  var environment: [String: String] = [:]

  init(_ system: BuildSystem, files: [String: String]) throws {
    self.system = system
    scratch = try Scratch()
    compiler = try Tool.clang.required()
    for (name, text) in files {
      let folder = (scratch.file(name) as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      _ = try scratch.write(text, to: name)
    }
    guard system.kind == .meson else { return }
    try FileManager.default.createDirectory(atPath: scratch.file("subprojects"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("subprojects/bpfgen"), withDestinationPath: "\(Toolchain.root)/meson")
  }

  /// Does what comes before the first build.
  ///
  /// - Parameter options: CMake's, or those of `meson setup`.
  func configure(_ options: [String] = []) throws {
    let bpfgen = try Toolchain.bpfgen()
    switch system.kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake:
      let programs = ["-DBPFGEN_EXECUTABLE=\(bpfgen)", "-DBPFGEN_CLANG=\(compiler)"]
      let folders = ["-S", scratch.path, "-B", made(""), "-DBpfgen_DIR=\(Toolchain.root)/cmake"]
      try Shell.run(
        system.cmake, ["-G", system.kind.generator] + folders + programs + options, environment: environment
      ).checked()
    case .meson:
      let programs = ["-Dbpfgen:program=\(bpfgen)", "-Dbpfgen:clang=\(compiler)"]
      try Shell.run(
        system.meson, ["setup"] + programs + options + [made(""), scratch.path], environment: environment
      ).checked()
    case .ninja:
      let text = "include \(Toolchain.root)/ninja/bpfgen.ninja\nbpfgen = \(bpfgen)\nbpf_clang = \(compiler)\n"
      _ = try scratch.write(text, to: "tools.ninja")
    case .make: break
    case .bazel: preconditionFailure("Bazel has a class of its own")
    }
  }

  /// Builds everything, and prints the commands.
  ///
  /// - Parameter variables: make's, as `NAME=VALUE`.
  func build(_ variables: [String] = []) throws -> Shell.Result {
    // A change in the clock's tick in which the last build ended would not be seen by its time.
    usleep(20_000)
    let command: [String]
    switch system.kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake: command = [system.cmake, "--build", made(""), "-v"]
    case .meson: command = [system.ninja, "-C", made(""), "-v"]
    case .ninja: command = [system.ninja, "-C", scratch.path, "-v"]
    case .make:
      let rules = "BPFGEN_MK=\(Toolchain.root)/make/bpfgen.mk"
      command = try [
        system.make, "-C", scratch.path, "V=1", rules, "BPFGEN=\(Toolchain.bpfgen())", "CLANG=\(compiler)",
      ]
    case .bazel: preconditionFailure("Bazel has a class of its own")
    }
    return try Shell.run(
      "/usr/bin/env", ["-u", "MAKEFLAGS"] + command + variables, environment: environment)
  }

  /// A file below the folder of outputs.
  func made(_ path: String) -> String { scratch.file("build/\(path)") }
}
