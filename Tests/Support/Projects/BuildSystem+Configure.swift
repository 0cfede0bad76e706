import Foundation

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
}
