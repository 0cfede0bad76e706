import Foundation
import Testing

/// Bazel in a workspace, with an output base of its own, as on a machine of its own; its server ends with its owner.
final class Bazel: Sendable {
  static let path = "/usr/bin/bazel"
  /// The folder of the workspace.
  let workspace: String
  private let scratch: Scratch
  private let outputs: String
  private let repositories: [String]
  /// Where sandboxes are put together, in memory: a compile's has a thousand headers.
  private let sandboxes: String

  /// One step of a build that Bazel did not take from what it had.
  struct Step: Sendable, Decodable {
    let mnemonic: String
    let runner: String
    let remoteCacheHit: Bool?
    let commandArgs: [String]
    let inputs: [File]
    let listedOutputs: [String]

    struct File: Sendable, Decodable {
      let path: String
    }

    var isHit: Bool { remoteCacheHit == true }

    /// As ``ToolProject/Build/ran`` has it; `nil` for what is the tool's own.
    var name: String? {
      let output = ((listedOutputs.last ?? "") as NSString).lastPathComponent
      switch mnemonic {
      case "BpfCompile": return "compile \(stem(listedOutputs[0]))"
      case "BpfLink": return "link \(stem(output))"
      case "BpfSkeleton": return "skeleton \(stem(output))"
      case "BpfSubskeleton": return "subskeleton \(stem(output))"
      case "CppCompile":
        let source = commandArgs.last { $0.hasSuffix(".c") || $0.hasSuffix(".cpp") } ?? ""
        return "\(source.hasSuffix(".c") ? "cc" : "c++") \(stem(source))"
      case "CppLink": return ["alpha", "beta"].contains(output) ? "ld \(output)" : nil
      default: return nil
      }
    }

    private func stem(_ path: String) -> String {
      let name = (path as NSString).lastPathComponent.prefix { $0 != "." }
      return ["_bpf", "_final", "_lib"].reduce(String(name)) { $0.hasSuffix($1) ? String($0.dropLast($1.count)) : $0 }
    }
  }

  /// - Parameters:
  ///   - workspace: a folder that has BUILD files; its WORKSPACE is written here.
  ///   - machine: a name for what is kept apart.
  ///   - program: the bpfgen that is used instead of the one in the PATH.
  ///   - compiler: of BPF programs; by default the clang of all tests.
  init(_ workspace: String, in scratch: Scratch, machine: String = "machine", program: String, compiler: String? = nil)
    throws
  {
    self.workspace = workspace
    self.scratch = scratch
    outputs = scratch.file(machine)
    var template = Array("/dev/shm/bpfgen-bazel.XXXXXX".utf8CString)
    sandboxes = mkdtemp(&template).map { String(cString: $0) } ?? ""
    let stubs = scratch.file("repositories")
    let clang = try compiler ?? Tool.clang.required()
    repositories =
      ["rules_cc", "rules_java"].map { "--override_repository=\($0)=\(stubs)/\($0)" }
      + ["--repo_env=BPFGEN=\(program)", "--repo_env=BPF_CLANG=\(clang)"]
    try Bazel.writeStubs(stubs)
    let text = """
      local_repository(name = "bpfgen", path = "\(Toolchain.root)/bazel")
      load("@bpfgen//:repositories.bzl", "bpfgen_repositories")
      bpfgen_repositories()

      """
    try text.write(toFile: "\(workspace)/WORKSPACE", atomically: true, encoding: .utf8)
  }

  deinit {
    _ = try? run(["shutdown"])
    if !sandboxes.isEmpty { try? FileManager.default.removeItem(atPath: sandboxes) }
  }

  /// Runs a Bazel command with these arguments only.
  ///
  /// - Parameter launcher: a command that runs it.
  func run(
    _ words: [String], environment: [String: String] = [:], under launcher: [String] = []
  ) throws -> Shell.Result {
    let startup = ["--host_jvm_args=-Xmx1g", "--max_idle_secs=60", "--nohome_rc", "--output_user_root=\(outputs)"]
    return try Shell.run(
      "/usr/bin/env", ["-C", workspace] + launcher + [Bazel.path] + startup + words, environment: environment,
      timeoutSeconds: 300)
  }

  /// Builds, and what ran for it.
  func build(
    _ words: [String] = ["//..."], jobs: Int = 2, environment: [String: String] = [:],
    interruptedAfterSeconds seconds: Double? = nil
  ) throws -> (result: Shell.Result, steps: [Step]) {
    let log = outputs + ".steps.json"
    try? FileManager.default.removeItem(atPath: log)
    let options = [
      "--nosandbox_debug", "--sandbox_base=\(sandboxes)", "--curses=no", "--color=no", "--jobs=\(jobs)",
      "--execution_log_json_file=\(log)",
    ]
    let launcher = seconds.map(Bazel.interrupting) ?? []
    let result = try run(["build"] + options + repositories + words, environment: environment, under: launcher)
    return (result, try Bazel.steps(log))
  }

  /// The command that runs another one and interrupts it, and all that it started, as Ctrl-C does.
  static func interrupting(afterSeconds seconds: Double) -> [String] {
    ["/usr/bin/timeout", "--signal=INT", "\(seconds)"]
  }

  /// The folder of outputs.
  var bin: String { URL(fileURLWithPath: "\(workspace)/bazel-bin").resolvingSymlinksInPath().path }

  /// The log contains one JSON object after the other, each beginning and ending with a brace on its own line.
  private static func steps(_ log: String) throws -> [Step] {
    guard let text = try? String(contentsOfFile: log, encoding: .utf8), !text.isEmpty else { return [] }
    let list = "[" + text.replacing("\n}{\n", with: "\n},{\n").replacing("\n}\n{\n", with: "\n},{\n") + "]"
    return try JSONDecoder().decode([Step].self, from: Data(list.utf8))
  }

  /// This Bazel wants two repositories from the network; what they name it has by itself.
  static func writeStubs(_ folder: String) throws {
    let rules = [
      ("rules_cc", "cc", ["binary", "import", "library", "test", "toolchain", "toolchain_suite"]),
      (
        "rules_java", "java",
        ["binary", "import", "library", "package_configuration", "plugin", "runtime", "test", "toolchain"]
      ),
    ]
    for (repository, language, names) in rules {
      let path = "\(folder)/\(repository)"
      try FileManager.default.createDirectory(atPath: "\(path)/\(language)", withIntermediateDirectories: true)
      let definitions = names.map { "\(language)_\($0) = native.\(language)_\($0)\n" }.joined()
      for (file, text) in [
        ("WORKSPACE", "workspace(name = \"\(repository)\")\n"), ("BUILD", ""), ("\(language)/BUILD", ""),
        ("\(language)/defs.bzl", definitions),
      ] { try text.write(toFile: "\(path)/\(file)", atomically: true, encoding: .utf8) }
    }
  }
}
