import Foundation

/// A CMake project of a few lines in a folder of its own.
struct CMakeProject {
  let scratch: Scratch
  let system: BuildSystem
  /// What CMakeLists.txt had at first.
  let lists: String
  var out: String { scratch.file("build") }

  /// A BPF program whose variables are `NAME_in` and `NAME_out`.
  static func bpf(_ name: String, code: String = "0", more: String = "") -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    \(more)
    int \(name)_in, \(name)_out;
    SEC("syscall") int \(name)_run(void *ctx) { \(name)_out = \(name)_in + \(code); return 0; }
    char LICENSE[] SEC("license") = "GPL";

    """
  }

  /// A function that opens a skeleton and gives its object's size; nothing is loaded.
  static func use(_ name: String, function: String, isMain: Bool = false) -> String {
    let rest = "size_t size; \(name)__elf_bytes(&size); return size > 0 ? 0 : 1;"
    return "#include \"\(name).skel.h\"\nint \(function)(void);\nint \(function)(void) { \(rest) }\n"
      + (isMain ? "int main(void) { return \(function)(); }\n" : "")
  }

  /// - Parameter lists: the lines of CMakeLists.txt after `project`.
  init(_ system: BuildSystem, lists: String, languages: String = "C", package: Bool = true, files: [String: String])
    throws
  {
    self.system = system
    scratch = try Scratch()
    let find = package ? "find_package(Bpfgen REQUIRED)\n" : ""
    let text = "cmake_minimum_required(VERSION 3.20)\nproject(example \(languages))\n" + find + lists + "\n"
    self.lists = text
    for (name, content) in files.merging(["CMakeLists.txt": text], uniquingKeysWith: { $1 }) { try put(content, name) }
  }

  func put(_ text: String, _ name: String) throws {
    let folder = (scratch.file(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = try scratch.write(text, to: name)
  }

  func configure(_ more: [String] = [], package: Bool = true, environment: [String: String] = [:]) throws
    -> Shell.Result
  {
    let tool = system.kind == .cmakeMake ? system.make : system.ninja
    let ours =
      try package
      ? ["-DBpfgen_DIR=\(Toolchain.root)/cmake", "-DBPFGEN_EXECUTABLE=\(Toolchain.bpfgen())"] : []
    let clang = try ["-DBPFGEN_CLANG=\(Tool.clang.required())", "-DCMAKE_MAKE_PROGRAM=\(tool)"]
    return try Shell.run(
      system.cmake, ["-G", system.kind.generator, "-S", scratch.path, "-B", out] + clang + ours + more,
      environment: environment)
  }

  func build(_ target: String? = nil) throws -> Shell.Result {
    usleep(20_000)
    return try Shell.run(system.cmake, ["--build", out, "-v"] + (target.map { ["--target", $0] } ?? []))
  }

  /// A file below the build folder.
  func made(_ path: String) -> String { "\(out)/\(path)" }
}
