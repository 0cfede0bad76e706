import Foundation
import Testing

@testable import HandmadeObjects
@testable import TestSupport

/// What `bpfgen help COMMAND` shows under "Examples" is typed as it is shown, in a folder that has the files it names.
@Suite("Examples of the help", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.man)))
struct HelpExampleTests {
  private static let examples = Result {
    try CommandHelp.all.get().flatMap { command in command.examples.map { "\(command.name): \($0)" } }
  }

  /// The folder that each example gets a copy of.
  private static let template = Result {
    let scratch = try Scratch()
    try compile(in: scratch)
    try writeTypes(in: scratch)
    try writeGraph(in: scratch)
    _ = try scratch.write("skeleton\napp.bpf.o\n-o\napp.skel.h\n", to: "app.params")
    _ = try scratch.write("", to: "requests")
    let check = try [
      "-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "--btf", "kernels", "--format", "json", "app.bpf.o",
    ]
    _ = try scratch.write(Shell.run("/usr/bin/env", check).checked().stdout, to: "known.json")
    for folder in [".zfunc", ".config/fish/completions", "share/man/man1"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    return scratch
  }

  private static func compile(in scratch: Scratch) throws {
    let head = "#define SEC(name) __attribute__((section(name), used))\n"
    let program = { (name: String) in "SEC(\"raw_tp/sys_enter\") int \(name)(void *ctx) { return 0; }\n" }
    let sources = [
      "app": "int calls;\n" + program("app_prog"), "net": "int packets;\n" + program("net_prog"),
      "lib": "int lib_mode = 1;\n", "main": "int own = 1;\n" + program("main_prog"),
      "old": "int calls;\n", "new": "int calls;\nlong bytes;\n",
    ]
    for (name, source) in sources { _ = try BPFCompiler.compile(head + source, named: name, in: scratch) }
    try Shell.run(
      Tool.gcc.required(),
      ["-c", scratch.write("int main(void) { return 0; }\n", to: "main.c"), "-o", scratch.file("main.o")]
    ).checked()
    for folder in ["build", "gen", "drivers", "kernels", "btfhub/ubuntu"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    for copy in [("app", "build/app"), ("net", "build/net"), ("app", "released"), ("app", "drivers/driver")] {
      try FileManager.default.copyItem(
        atPath: scratch.file("\(copy.0).bpf.o"), toPath: scratch.file("\(copy.1).bpf.o"))
    }
  }

  /// BTF of kernels, and of a module that extends one.
  private static func writeTypes(in scratch: Scratch) throws {
    var kernel = BTFBuilder()
    _ = kernel.int()
    for path in ["vmlinux.btf", "5.4.0-91.btf", "kernels/5.4.btf", "kernels/5.10.btf", "btfhub/ubuntu/5.4.btf"] {
      try Data(kernel.bytes).write(to: URL(fileURLWithPath: scratch.file(path)))
    }
    let words: [UInt32] = [0x0001_eb9f, 24, 0, 16, 16, 11, UInt32(kernel.strings.count), 1 << 24, 4, 32]
    let module = words.flatMap(littleEndian) + Array("module_int\0".utf8)
    try Data(module).write(to: URL(fileURLWithPath: scratch.file("nf_nat.btf")))
  }

  private static func writeGraph(in scratch: Scratch) throws {
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "main": "build/app.bpf.o", "net": "build/net.bpf.o" },
        "finals": { "app": { "inputs": ["main", "net"], "output": "gen/app.bpf.o" } },
        "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o" } ] }
      """, to: "bpfgen.json")
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "driver": "driver.bpf.o" },
        "skeletons": [ { "of": "driver", "header": "driver.skel.h" } ] }
      """, to: "drivers/bpfgen.json")
  }

  @Test("works as it is printed", arguments: try! examples.get())
  func typed(_ example: String) throws {
    let parts = example.split(separator: " ", maxSplits: 1).map(String.init)
    let scratch = try Scratch()
    try Shell.run("/bin/cp", ["-a", Self.template.get().path + "/.", scratch.path]).checked()
    let bin = scratch.file("bin")
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(bin)/bpfgen", withDestinationPath: Toolchain.bpfgen())
    let folders = [bin, (try Tool.clang.required() as NSString).deletingLastPathComponent]
    let path = (folders + [Toolchain.setting("PATH") ?? "/usr/bin:/bin"]).joined(separator: ":")
    let result = try Shell.run(
      "/usr/bin/env", ["-C", scratch.path, "bash", "-o", "pipefail", "-c", parts[1]],
      environment: ["PATH": path, "HOME": scratch.path])
    // Without a file it reads the running kernel's types, and not every kernel has them.
    if parts[1] == "bpfgen vmlinux-h -o vmlinux.h", !FileManager.default.fileExists(atPath: "/sys/kernel/btf/vmlinux") {
      #expect(result.stderr.contains("/sys/kernel/btf/vmlinux: error: cannot open"))
      return
    }
    #expect(result.succeeded && result.stderr == "", "\(result)")
  }

  @Test("every command has one")
  func every() throws {
    for command in try CommandHelp.all.get() { #expect(!command.examples.isEmpty, "\(command)") }
  }
}
