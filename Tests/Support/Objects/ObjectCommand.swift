/// The command lines that read objects or types.
enum ObjectCommand {
  /// All of them, with what they write.
  /// - Parameter former: another object, to link the first with or to compare it with.
  static func all(_ path: String, _ former: String, _ scratch: Scratch) -> [[String]] {
    let output = scratch.file("output")
    return [
      ["skeleton", path, "--name", "x", "-o", output],
      ["skeleton", path, "--name", "x", "--assert-members", "-o", output],
      ["subskeleton", path, "--name", "x", "-o", output], ["light-skeleton", path, "--name", "x", "-o", output],
      ["link", "-o", output, path], ["link", "-o", output, path, former], ["diff", former, path],
      ["fingerprint", path],
      ["vmlinux-h", path, "-o", output], ["vmlinux-h", path, "-o", output, "--for", former],
      ["min-core-btf", "--btf", path, "-o", output, former],
      ["check-kernels", "--btf", path, former], ["check-kernels", "--btf", former, path],
      ["btf", "dump", "file", path],
      ["btf", "dump", "file", path, "format", "c"], ["gen", "skeleton", path], ["gen", "object", output, path],
    ]
  }

  /// Commands that read objects through a graph file or a request, which have tests of their own.
  static let indirect: Set = ["build", "check", "worker"]
  /// Commands that read no object.
  static let others: Set = [
    "compile", "why", "query", "graph", "emit", "clean", "version", "man", "completion", "help",
  ]
}
