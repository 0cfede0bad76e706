import Foundation
import Incr

@testable import GenGraph
@testable import HandmadeObjects

/// A graph file in its own folder, with handmade objects.
final class HandmadeProject {
  let folder: String

  /// - Parameters:
  ///   - keys: of the graph file.
  ///   - files: by their paths.
  init(_ keys: String, files: [String: [UInt8]]) throws {
    folder = NSTemporaryDirectory() + "handmade-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(Array("{\"bpfgen\": 1, \(keys)}".utf8), to: "bpfgen.json")
    for (path, bytes) in files { try write(bytes, to: path) }
  }

  /// A library and a final of two objects, with a subskeleton, split and self-contained skeletons, payloads as objects and as C,
  /// and checks against kernels.
  static func ofManyRules() throws -> HandmadeProject {
    try HandmadeProject(
      """
      "objects": {"main": "main.o", "net": "net.o"},
      "libraries": {"netlib": {"inputs": ["net"], "output": "gen/netlib.o"}},
      "finals": {"app": {"inputs": ["main", "netlib"], "output": "gen/app.o"}},
      "subskeletons": [{"of": "netlib", "header": "gen/netlib.h"}],
      "skeletons": [{"of": "app", "header": "gen/app.h", "payload": "gen/app.skel.o", "scope": "one", "strip": true},
                    {"of": "main", "header": "gen/main.h", "payload": "gen/main.c", "assert_members": true},
                    {"of": "net", "header": "gen/net.h"}],
      "kernels": {"old": {"btf": "kernels/old.btf", "version": "5.4"}, "new": "kernels/new.btf"},
      "kernel_checks": [{"of": "app", "report": "gen/app.json", "report_only": true},
                        {"of": "main", "kernels": ["new"], "report": "gen/main.json", "report_only": true}]
      """,
      files: [
        "main.o": HandmadeUnit().bytes, "net.o": HandmadeUnit(name: "net").bytes,
        "kernels/old.btf": Samples.types().bytes, "kernels/new.btf": Samples.types().bytes,
      ])
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

  var project: Project { get throws { try Project(graphFile: path("bpfgen.json")) } }

  /// The result of a build.
  struct Build {
    /// The tasks that succeeded, sorted: `RULE NAME`, with paths as the graph file has them.
    var ran: [String] = []
    var failures: [String: BuildFailure<ProjectFailure>] = [:]
    var filesWritten = 0
    /// Whether the state was damaged, before the build began or in it.
    var foundDamage = false
  }

  /// Builds as much as possible.
  func build() throws -> Build {
    let build = try ProjectBuild(graphFile: path("bpfgen.json"), waiting: { _ in })
    let log = Log()
    log.build.foundDamage = build.wasDamaged
    var graph = build.graph
    func title(_ task: TaskID) -> String {
      "\(graph.rule(task).name) \(graph.name(task).replacingOccurrences(of: folder + "/", with: ""))"
    }
    var options = BuildOptions()
    options.maximumFailures = 0
    let summary = try build.run(
      targets: nil, options: options,
      restarted: {
        graph = $0
        log.build = Build(foundDamage: true)
      },
      onEvent: { event in
        switch event {
        case .finished(let task, _, _, _, _): log.build.ran.append(title(task))
        case .failed(let task, let failure): log.build.failures[title(task)] = failure
        case .started, .wouldRun: break
        }
      })
    log.build.ran.sort()
    log.build.filesWritten = summary.filesWritten
    return log.build
  }

  private final class Log {
    var build = Build()
  }
}

/// An object with one variable, `counter_NAME`, and one program, `prog_NAME`.
struct HandmadeUnit {
  var name = "main"
  /// Whether the variable is a `long` and not an `int`.
  var isLong = false
  /// The program's return value.
  var result: UInt8 = 0
  /// The section of the program, which defines what it attaches to.
  var section = "raw_tp"
  /// The program's name, where it is another.
  var program: String?
  var isProgramWeak = false
  /// Whether the object has a section of debug information.
  var hasDebugInfo = false

  var bytes: [UInt8] {
    var btf = BTFBuilder()
    let (int, long) = (btf.int(), btf.int("long", bytes: 8))
    let size: UInt32 = isLong ? 8 : 4
    btf.section(".bss", bytes: size, [(btf.variable("counter_\(name)", isLong ? long : int), 0, size)])
    let program = program ?? "prog_\(name)"
    btf.function(program)
    var object = ObjectBuilder()
    let bss = object.zeroSection(".bss", bytes: Int(size))
    object.symbol("counter_\(name)", type: 1, section: bss, at: 0, size: Int(size))
    var code = ObjectBuilder.code
    code[4] = result
    let text = object.section(section, code, flags: 6)
    object.symbol(program, type: 2, section: text, at: 0, size: code.count, binding: isProgramWeak ? 2 : 1)
    if hasDebugInfo { object.section(".debug_info", [1, 2, 3, 4, 5, 6, 7, 8]) }
    object.section(".BTF", btf.bytes)
    return object.bytes
  }
}
