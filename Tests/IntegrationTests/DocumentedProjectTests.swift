import Foundation
import Testing

/// The page of each build tool has a complete project: what a reader pastes builds and runs.
@Suite("Documented projects", .needs(.tool(.clang), .tool(.gcc)))
struct DocumentedProjectTests {
  @Test(
    "the first block of shell commands of a page builds and runs as it stands",
    arguments: ["cmake", "make", "meson", "ninja"])
  func pasted(_ page: String) throws {
    let text = try String(contentsOfFile: "\(Toolchain.root)/docs/\(page).md", encoding: .utf8)
    let block = try #require(text.firstMatch(of: /(?s)\n```sh\n(.*?)```/)).1
    let scratch = try Scratch()
    let prefix = scratch.file("prefix")
    try Shell.run(
      "\(Toolchain.root)/scripts/install", [prefix], environment: ["BPFGEN": Toolchain.bpfgen()]
    ).checked()
    let script = try scratch.write(String(block), to: "pasted.sh")
    try FileManager.default.createDirectory(atPath: scratch.file("new folder"), withIntermediateDirectories: true)
    // As a user has them in the PATH: our program, and a clang.
    let folders = ["\(prefix)/bin", (try Tool.clang.required() as NSString).deletingLastPathComponent]
    let path = (folders + [Toolchain.setting("PATH") ?? "/usr/bin:/bin"]).joined(separator: ":")
    let run = try Shell.run(
      "/usr/bin/env", ["-C", scratch.file("new folder"), "bash", "-euo", "pipefail", script],
      environment: ["PATH": path, "PREFIX": prefix], timeoutSeconds: 300
    ).checked()
    #expect(run.stdout.contains(/[1-9][0-9]* system calls in a second/), "\(run.stdout.suffix(2000))")
  }
}
