import Foundation

/// Compiles BPF C to objects, as users do.
enum BPFCompiler {
  /// Compiles a source text to `NAME.bpf.o` in a folder; the object's path.
  /// - Parameters:
  ///   - includes: more folders for `#include`.
  ///   - flags: more flags.
  /// - Throws: ``Shell/Failure`` with clang's message.
  static func compile(
    _ source: String, named name: String, in scratch: Scratch, includes: [String] = [], target: String = "bpf",
    flags: [String] = []
  ) throws -> String {
    try compile(
      file: scratch.write(source, to: "\(name).bpf.c"), named: name, in: scratch, includes: includes, target: target,
      flags: flags)
  }

  /// Compiles a source file to `NAME.bpf.o` in a folder; the object's path.
  static func compile(
    file: String, named name: String, in scratch: Scratch, includes: [String] = [], target: String = "bpf",
    flags more: [String] = []
  ) throws -> String {
    let object = scratch.file("\(name).bpf.o")
    let flags = Tool.clang.bpfFlags(target: target) + ["-Wall", "-Werror"] + more
    // The BPF target has no folder of its own for <asm/types.h>, which <linux/types.h> wants.
    let host = ["-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include/aarch64-linux-gnu"]
    let folders = includes.flatMap { ["-I", $0] }
    try Shell.run(Tool.clang.required(), flags + folders + host + ["-c", file, "-o", object]).checked()
    return object
  }
}
