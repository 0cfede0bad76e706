import Foundation
import Testing

@testable import TestSupport

/// The page of each build tool has a complete project: it builds and runs when it is pasted.
@Suite("Documented projects", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct DocumentedProjectTests {
  /// What Bazel does in the folder of a test: there is no network, and its server is not to stay.
  private static func writeBazelSettings(_ scratch: Scratch) throws -> [String: String] {
    let stubs = scratch.file("repositories")
    try Bazel.writeStubs(stubs)
    let settings = """
      startup --output_user_root=\(scratch.file("bazel")) --host_jvm_args=-Xmx1g --max_idle_secs=5
      build --nosandbox_debug --curses=no
      build --override_repository=rules_cc=\(stubs)/rules_cc --override_repository=rules_java=\(stubs)/rules_java

      """
    _ = try scratch.write(settings, to: ".bazelrc")
    return ["HOME": scratch.path]
  }

  @Test(
    "the first block of shell commands of a page builds and runs", .needs(.loading),
    arguments: Tier.sample(["cmake", "ninja", "make", "meson", "bazel"], quick: 2))
  func pasted(_ page: String) throws {
    var blocks = try [#require(Self.blocks(of: page).first)]
    // In the same workspace the library, the program with CMake, and with Bazel: another workspace has another server.
    if page == "bazel" {
      let packages = try Self.blocks(of: "packages")
      blocks += packages.prefix(2) + packages.filter { $0.contains("bazel") }
    }
    let output = try Self.paste(blocks.joined(separator: "\n"), of: page)
    #expect(output.matches(of: Self.answer).count == (page == "bazel" ? 3 : 1), "\(output.suffix(2000))")
    // The folder's name contains a space.
    let tools: [String: BuildSystem.Kind] = ["cmake": .cmakeNinja, "ninja": .ninja, "make": .make, "meson": .meson]
    if let tool = tools[page] { Scenario.blankBuild.holds(in: tool) }
    if page == "bazel" { Scenario.package.holds(in: .bazel) }
  }

  @Test("a library is installed, and programs of every build tool use it, as in docs/packages.md", .needs(.loading))
  func packages() throws {
    // Bazel's is pasted with its page.
    let blocks = try Self.blocks(of: "packages").filter { !$0.contains("bazel") }
    // The library, and a program with CMake and with make.
    let pasted = Tier.isFull ? blocks : Array(blocks.prefix(3))
    let output = try Self.paste(pasted.joined(separator: "\n"), of: "packages")
    #expect(output.matches(of: Self.answer).count == (Tier.isFull ? 5 : 2), "\(output.suffix(2000))")
    for tool in Tier.isFull ? [BuildSystem.Kind.cmakeNinja, .ninja, .make, .meson] : [] {
      Scenario.package.holds(in: tool)
    }
  }

  private static var answer: Regex<Substring> { /[1-9][0-9]* system calls in a second/ }

  /// Numbers differ between runs: counted calls, and the steps that Ninja expects.
  @Test("the guide's blocks of commands, one after the other, print what the page shows below them", .needs(.loading))
  func guide() throws {
    let text = try String(contentsOfFile: "\(Toolchain.root)/docs/getting-started.md", encoding: .utf8)
    let steps = text.matches(of: /(?s)\n```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?/)
    let script = "exec 2>&1\n" + steps.map { String($0.1) }.joined(separator: "printf '\\036'\n")
    let printed = try Self.paste(script, of: "getting-started").split(
      separator: "\u{1e}", omittingEmptySubsequences: false)
    try #require(printed.count == steps.count && steps.contains { $0.2 != nil })
    for (step, output) in zip(steps, printed) {
      #expect(output.replacing(/[0-9]+/, with: "0") == (step.2 ?? "").replacing(/[0-9]+/, with: "0"))
    }
  }

  @Test(
    "a snippet of the README is part of the project that the tool's page builds",
    arguments: ["cmake": "cmake", "ninja": "ninja", "make": "make", "meson": "meson", "python": "bazel"])
  func readme(_ language: String, _ page: String) throws {
    let text = try String(contentsOfFile: "\(Toolchain.root)/README.md", encoding: .utf8)
    let snippet = try #require(text.firstMatch(of: try Regex("(?s)```\(language)\n(.*?)```"))?[1].substring)
    let trimmed: (Substring) -> String = { $0.trimmingCharacters(in: .whitespaces) }
    let project = Set(try #require(Self.blocks(of: page).first).split(separator: "\n").map(trimmed))
    for line in snippet.split(separator: "\n") { #expect(project.contains(trimmed(line)), "\(line)") }
  }

  @Test(
    "the README's picture is drawn from builds in which only bpftool's header has C files compiled",
    .needs(.tool(.bpftool)))
  func picture() throws {
    let scratch = try Scratch()
    let file = scratch.file("picture.svg")
    try Shell.run(
      "\(Toolchain.root)/scripts/draw-build", [file],
      environment: ["BPFGEN": Toolchain.bpfgen(), "CLANG": Tool.clang.required()]
    ).checked()
    let drawn = try String(contentsOfFile: file, encoding: .utf8)
    let kept = try String(contentsOfFile: "\(Toolchain.root)/docs/incremental-build.svg", encoding: .utf8)
    for picture in [drawn, kept] {
      let panels = picture.components(separatedBy: "class=\"head\"").dropFirst()
      let compiled = panels.map { $0.components(separatedBy: "<rect class=\"c\"").count - 1 }
      #expect(compiled == [8, 0])
    }
  }

  /// The blocks of shell commands of a page.
  private static func blocks(of page: String) throws -> [String] {
    let text = try String(contentsOfFile: "\(Toolchain.root)/docs/\(page).md", encoding: .utf8)
    return text.matches(of: /(?s)\n```sh\n(.*?)```/).map { String($0.1) }
  }

  /// Runs commands in a new folder, with bpfgen installed; returns their output.
  private static func paste(_ block: String, of page: String) throws -> String {
    let scratch = try Scratch()
    let prefix = scratch.file("prefix")
    try Shell.run(
      "\(Toolchain.root)/scripts/install", [prefix], environment: ["BPFGEN": Toolchain.bpfgen()]
    ).checked()
    let script = try scratch.write(block, to: "pasted.sh")
    // Bazel refuses folders with a blank in their names, and make has no inputs there.
    let folder = scratch.file(["bazel", "packages"].contains(page) ? "new-folder" : "new folder")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let settings = page == "bazel" ? try Self.writeBazelSettings(scratch) : [:]
    defer {
      if page == "bazel" {
        _ = try? Shell.run("/usr/bin/env", ["-C", folder, Bazel.path, "shutdown"], environment: settings)
      }
    }
    // As a user has them in the PATH: our program, and a clang.
    let folders = ["\(prefix)/bin", (try Tool.clang.required() as NSString).deletingLastPathComponent]
    let path = (folders + [Toolchain.setting("PATH") ?? "/usr/bin:/bin"]).joined(separator: ":")
    return try Shell.run(
      "/usr/bin/env", ["-C", folder, "bash", "-euo", "pipefail", script],
      environment: ["PATH": path, "PREFIX": prefix].merging(settings) { $1 }, timeoutSeconds: 300
    ).checked().stdout
  }
}
