import Foundation
import Testing

/// The build tools that `bpfgen emit` writes for.
enum EmitTool: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case ninja, make

  var testDescription: String { rawValue }

  /// The tool's path; `nil` when it is not installed.
  var path: String? {
    ["/usr/bin", "/usr/local/bin", "/bin"].map { "\($0)/\(rawValue)" }.first { access($0, X_OK) == 0 }
  }

  static let unmet: String? = {
    let missing = allCases.filter { $0.path == nil }.map(\.rawValue)
    return missing.isEmpty ? nil : missing.joined(separator: ", ") + " not installed"
  }()

  /// What the emitted text is called.
  var fileName: String { self == .ninja ? "bpfgen.ninja" : "bpfgen.mk" }
}

/// A folder with a graph file, its objects, and a program's own build that includes what `bpfgen emit` wrote.
struct EmitProject {
  let tool: EmitTool
  let scratch: Scratch
  /// The program that the build runs.
  var program: String

  /// A graph with every kind of entry.
  static let graph = """
    { "bpfgen": 1,
      "objects":      { "main": "in/main.bpf.o", "net": "in/net.bpf.o", "util": "in/util.bpf.o" },
      "libraries":    { "netlib": { "inputs": ["net"], "output": "gen/netlib.bpf.o" },
                        "bundle": { "inputs": ["util", "netlib"], "output": "gen/deep/bundle.bpf.o" } },
      "finals":       { "app": { "inputs": ["main", "bundle"], "output": "gen/app.bpf.o" } },
      "skeletons":    [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o", "strip": true,
                          "assert_members": true, "like": "in/host.o" },
                        { "of": "app", "header": "gen/app_c.skel.h", "payload": "payload/app_c.skel.c", "name": "app_c" },
                        { "of": "main", "header": "gen/main.skel.h" },
                        { "of": "main", "header": "gen/small.skel.h", "name": "small", "strip": true,
                          "assert_members": true },
                        { "of": "d:drv", "header": "gen/drv.skel.h", "payload": "gen/drv.skel.o" } ],
      "subskeletons": [ { "of": "netlib", "header": "gen/netlib.subskel.h" },
                        { "of": "bundle", "header": "gen/bundle.subskel.h", "name": "whole" } ],
      "light_skeletons": [ { "of": "main", "header": "gen/main.lskel.h", "payload": "gen/main.lskel.o", "scope": "light",
                             "like": "in/host.o" },
                           { "of": "main", "header": "gen/whole.lskel.h", "name": "whole" } ],
      "min_core_btfs": [ { "of": ["app", "main"], "btfs": ["in/kernel.btf"], "out_dir": "gen/btf" } ],
      "kernels":       { "vendor": { "btf": "in/kernel.btf", "version": "5.10" } },
      "kernel_checks": [ { "of": "app", "report": "gen/app.kernels.json" }, { "of": "main" } ],
      "include":      [ { "file": "drivers/bpfgen.json", "as": "d" } ] }
    """

  static let driversGraph = """
    { "bpfgen": 1,
      "objects":   { "drv": "in/drv.bpf.o" },
      "finals":    { "driver": { "inputs": ["drv"], "output": "gen/driver.bpf.o" } },
      "skeletons": [ { "of": "driver", "header": "gen/driver.skel.h", "payload": "gen/driver.skel.o" } ] }
    """

  /// The paths of the objects and the BTF, and each one's first source.
  private static let sources = [
    "in/main.bpf.o": "main", "in/net.bpf.o": "net", "in/util.bpf.o": "util", "drivers/in/drv.bpf.o": "drv",
    // Any file with BTF serves.
    "in/kernel.btf": "util",
  ]

  /// Makes the folder; nothing is emitted yet.
  init(_ tool: EmitTool) throws {
    self.tool = tool
    scratch = try Scratch()
    program = try Toolchain.bpfgen()
    for folder in ["in", "drivers/in"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    for (object, source) in EmitProject.sources { try put(source, at: object) }
    try EmitObjects.host.get().write(to: URL(fileURLWithPath: scratch.file("in/host.o")))
    _ = try scratch.write(EmitProject.graph, to: "bpfgen.json")
    _ = try scratch.write(EmitProject.driversGraph, to: "drivers/bpfgen.json")
    _ = try scratch.write("int main(void) {}\n", to: "use.c")
    _ = try scratch.write(tool == .ninja ? EmitProject.ninjaFile : EmitProject.makefile, to: mainFile)
  }

  private var mainFile: String { tool == .ninja ? "build.ninja" : "Makefile" }

  /// A program that includes one header and links its payload; each command leaves a line in `log`.
  private static let ninjaFile = """
    include bpfgen.ninja
    build build.ninja: phony bpfgen.ninja
    bpfgen = ./program
    rule compile
      command = echo compiled >> log && touch $out
    rule link
      command = echo linked >> log && touch $out
    build use.o: compile use.c | gen/app.skel.h
    build app: link use.o gen/app.skel.o
    default app bpfgen-all

    """

  private static let makefile = """
    BPFGEN = ./program
    include bpfgen.mk
    everything: app bpfgen-all
    use.o: use.c gen/app.skel.h
    \techo compiled >> log && touch $@
    app: use.o gen/app.skel.o
    \techo linked >> log && touch $@

    """

  // MARK: Edits

  /// Replaces an object with another compiled one, with a later time than everything else.
  func put(_ source: String, at object: String) throws {
    let bytes = try #require(try EmitObjects.all.get()[source])
    try bytes.write(to: URL(fileURLWithPath: scratch.file(object)))
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: scratch.file(path)) }

  // MARK: Runs

  /// Runs `bpfgen emit` in the folder.
  func emit(_ more: [String]) throws -> Shell.Result {
    let script = "cd \"$1\" && shift && exec \"$@\""
    return try Shell.run(
      "/bin/sh", ["-c", script, "sh", scratch.path, Toolchain.bpfgen(), "emit", tool.rawValue] + more)
  }

  /// The first emit, and the program at the path that the build uses.
  func prepare() throws {
    try use(program)
    try emit(["-o", tool.fileName]).checked()
  }

  /// Installs a program at the path that the build uses.
  func use(_ program: String) throws {
    try? remove("program")
    try FileManager.default.createSymbolicLink(atPath: scratch.file("program"), withDestinationPath: program)
  }

  func build(_ more: String...) throws -> Shell.Result {
    // A change in the clock's tick in which the last build ended would not be seen by its time.
    usleep(20_000)
    return try Shell.run(try #require(tool.path), ["-C", scratch.path] + more)
  }

  /// Whether a build would run nothing.
  func isUpToDate() throws -> Bool {
    switch tool {
    case .ninja: try Shell.run(tool.path!, ["-C", scratch.path, "-n"]).checked().stdout.contains("no work to do")
    case .make: try Shell.run(tool.path!, ["-C", scratch.path, "-q"]).status == .exited(0)
    }
  }

  // MARK: Outcomes

  /// What the program's own commands did since the last call.
  func log() -> [String] {
    let text = (try? String(contentsOfFile: scratch.file("log"), encoding: .utf8)) ?? ""
    try? remove("log")
    return text.split(separator: "\n").map(String.init)
  }

  /// All files in the output folders, by path.
  static func outputs(below folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      guard ["gen/", "payload/", "drivers/gen/"].contains(where: name.hasPrefix) else { continue }
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
      if !isFolder.boolValue { found[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) }
    }
    return found
  }

  /// The outputs without the tool's own files.
  func outputs() throws -> [String: Data] {
    try EmitProject.outputs(below: scratch.path).filter { !$0.key.hasSuffix(".stamp") }
  }

  /// What `bpfgen build` makes of the same files.
  func reference() throws -> [String: Data] {
    let other = try Scratch()
    for name in ["in", "drivers/in", "bpfgen.json", "drivers/bpfgen.json"] {
      let folder = (other.file(name) as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: scratch.file(name), toPath: other.file(name))
    }
    try Shell.run(Toolchain.bpfgen(), ["build", "-q", "-C", other.path]).checked()
    return try EmitProject.outputs(below: other.path)
  }

  func state(_ path: String) throws -> FileState { try FileState(scratch.file(path)) }

  func states() throws -> [String: FileState] {
    try Dictionary(uniqueKeysWithValues: outputs().keys.map { ($0, try state($0)) })
  }
}

/// The objects of all projects, compiled once: an object names the folder in which it was compiled.
enum EmitObjects {
  /// By the name of the source.
  static let all: Result<[String: Data], any Error> = Result {
    let scratch = try Scratch()
    var objects: [String: Data] = [:]
    for (name, body) in bodies {
      let object = try BPFCompiler.compile(prelude + body, named: name, in: scratch)
      objects[name] = try Data(contentsOf: URL(fileURLWithPath: object))
    }
    return objects
  }

  /// An object of the program's compiler.
  static let host: Result<Data, any Error> = Result {
    let scratch = try Scratch()
    let source = try scratch.write("int x;\n", to: "host.c")
    try Shell.run(Tool.clang.required(), ["-c", source, "-o", scratch.file("host.o")]).checked()
    return try Data(contentsOf: URL(fileURLWithPath: scratch.file("host.o")))
  }

  private static let prelude = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"

  private static func main(_ code: String, _ variables: String = "") -> String {
    """
    struct limits { int low; int high; };
    struct limits limits = { 1, 2 };
    int counter = 1;
    \(variables)
    SEC("raw_tracepoint") int prog(void *ctx) { return \(code); }
    char LICENSE[] SEC("license") = "GPL";
    """
  }

  private static let bodies = [
    "main": main("counter"),
    "main with other code": main("counter + limits.high"),
    "main with a variable more": main("counter", "long more = 3;"),
    "net": "int packets = 1;\n",
    "net with a variable more": "int packets = 1;\nlong bytes = 2;\n",
    "util": "int helper_calls = 1;\n",
    "drv": "int irqs = 1;\nSEC(\"raw_tracepoint\") int drv_prog(void *ctx) { return irqs; }\n",
  ]
}
