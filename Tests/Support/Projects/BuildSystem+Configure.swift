import Foundation
import Testing

extension BuildSystem {
  /// Prepares the project in a scratch folder for its first build: runs CMake or Meson, or writes the rules and
  /// `tools.ninja` for Ninja. make and Bazel need nothing.
  func configure(_ scratch: Scratch, build: String, program: String) throws {
    let clang = try Tool.clang.required()
    switch kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake:
      try Shell.run(
        cmake,
        [
          "-G", kind.generator, "-S", scratch.path, "-B", build, "-DBpfgen_DIR=\(Toolchain.root)/cmake",
          "-DBPFGEN_EXECUTABLE=\(program)", "-DBPFGEN_CLANG=\(clang)",
        ]
      ).checked()
    case .ninja:
      try FileManager.default.copyItem(
        atPath: "\(Toolchain.root)/ninja/bpfgen.ninja", toPath: scratch.file("bpfgen.ninja"))
      let machine = try Shell.run("/usr/bin/env", ["gcc", "-dumpmachine"]).checked().stdout
        .trimmingCharacters(in: .newlines)
      _ = try scratch.write(
        "bpfgen = \(program)\nbpf_clang = \(clang)\nbpf_flags = $bpf_flags -idirafter /usr/include/\(machine)\n",
        to: "tools.ninja")
    case .meson:
      try FileManager.default.createDirectory(
        atPath: scratch.file("subprojects"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: scratch.file("subprojects/bpfgen"), withDestinationPath: "\(Toolchain.root)/meson")
      let options = ["-Dbpfgen:program=\(program)", "-Dbpfgen:clang=\(clang)"]
      try Shell.run(meson, ["setup"] + options + [build, scratch.path]).checked()
    case .make, .bazel: break
    }
  }

  /// Builds a project that ``configure(_:build:program:)`` prepared, and prints the commands that it runs. Bazel's is built by
  /// ``Bazel``.
  func build(_ scratch: Scratch, in folder: String, program: String) throws -> Shell.Result {
    switch kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake: try Shell.run(cmake, ["--build", folder, "-v"])
    case .ninja: try Shell.run(ninja, ["-C", scratch.path, "-v"])
    case .make:
      try Shell.run(make, ["-C", scratch.path, "V=1", "BPFGEN=\(program)", "CLANG=\(Tool.clang.required())"])
    case .meson: try Shell.run(ninja, ["-C", folder, "-v"])
    case .bazel: preconditionFailure("Bazel's projects are built by Bazel.build")
    }
  }
}

extension Scratch {
  /// Replaces a text of a file, which must be there, and gives the file a newer time than a build that has just ended.
  func edit(_ file: String, _ old: String, _ new: String) throws {
    usleep(20_000)
    let text = try String(contentsOfFile: self.file(file), encoding: .utf8)
    try #require(text.contains(old))
    _ = try write(text.replacing(old, with: new), to: file)
  }
}
