import BPF
import BTF
import Bytes
import ELF
import Emit
import Files
import Incr
import Testing

@testable import GenGraph
@testable import HandmadeObjects

/// What the tasks of a project write, and when they run.
@Suite("Tasks of a project")
struct ProjectRunnerTests {
  private static let skeleton = """
    "objects": {"main": "main.o"}, "skeletons": [{"of": "main", "header": "gen/main.h", "payload": "gen/main.skel.o"}]
    """
  private static let selfContained = """
    "objects": {"main": "main.o"}, "skeletons": [{"of": "main", "header": "gen/main.h"}]
    """

  /// What a header of an object is.
  private static func header(
    _ object: [UInt8], _ kind: HeaderOptions.Kind, name: String = "main", assertMembers: Bool = false,
    payload: [UInt8]? = nil
  ) throws -> Header {
    Header(
      try BPFObject(object, name: name, assertMembers: assertMembers).layout, options: HeaderOptions(kind: kind),
      payload: payload ?? object)
  }

  // MARK: Skeletons

  @Test("a split skeleton: what is written, and what runs after which change")
  func split() throws {
    let unit = HandmadeUnit()
    let project = try HandmadeProject(Self.skeleton, files: ["main.o": unit.bytes])
    let all = ["header gen/main.h", "inspect main", "payload gen/main.skel.o"]
    #expect(try project.build().ran == all)
    #expect(try project.read("gen/main.h") == Self.header(unit.bytes, .split).text().joined())
    #expect(try project.read("gen/main.skel.o") == Self.payload(of: unit.bytes))
    #expect(try project.build().ran == [])

    // Other code with the same layout: the header is not written.
    let code = HandmadeUnit(result: 1)
    try project.write(code.bytes, to: "main.o")
    #expect(try project.build().ran == ["inspect main", "payload gen/main.skel.o"])
    #expect(try project.read("gen/main.h") == Self.header(unit.bytes, .split).text().joined())
    #expect(try project.read("gen/main.skel.o") == Self.payload(of: code.bytes))

    let layout = HandmadeUnit(isLong: true)
    try project.write(layout.bytes, to: "main.o")
    #expect(try project.build().ran == all)
    #expect(try project.read("gen/main.h") == Self.header(layout.bytes, .split).text().joined())
    #expect(try project.read("gen/main.skel.o") == Self.payload(of: layout.bytes))
  }

  /// The payload of an object for this machine, as a skeleton of it has it.
  private static func payload(of object: [UInt8], bytes: [UInt8]? = nil) throws -> [UInt8] {
    let symbols = try #require(try header(object, .split).payloadSymbols)
    return PayloadObject(symbols: symbols, target: .host, payload: bytes ?? object).bytes().joined()
  }

  @Test("a self-contained skeleton changes with the bytes")
  func selfContained() throws {
    let (unit, other) = (HandmadeUnit(), HandmadeUnit(result: 1))
    let project = try HandmadeProject(Self.selfContained, files: ["main.o": unit.bytes])
    #expect(try project.build().ran == ["header gen/main.h", "inspect main"])
    #expect(try project.read("gen/main.h") == Self.header(unit.bytes, .selfContained).text().joined())
    try project.write(other.bytes, to: "main.o")
    #expect(try project.build().ran == ["header gen/main.h", "inspect main"])
    #expect(try project.read("gen/main.h") == Self.header(other.bytes, .selfContained).text().joined())
  }

  @Test("options: the struct's name, checked members, and stripped debug information")
  func options() throws {
    let object = Samples.small()
    let withDebug = HandmadeUnit(hasDebugInfo: true).bytes
    let project = try HandmadeProject(
      """
      "objects": {"small": "small.o", "debug": "debug.o"},
      "skeletons": [{"of": "small", "header": "a.h", "name": "other", "assert_members": true},
                    {"of": "small", "header": "b.h"}, {"of": "debug", "header": "c.h", "name": "main", "strip": true},
                    {"of": "debug", "header": "d.h", "name": "main", "payload": "d.o", "strip": true}]
      """, files: ["small.o": object, "debug.o": withDebug])
    #expect(try project.build().failures.isEmpty)
    let asserted = try Self.header(object, .selfContained, name: "other", assertMembers: true)
    #expect(!asserted.layout.userTypes.isEmpty)
    #expect(try project.read("a.h") == asserted.text().joined())
    #expect(try project.read("b.h") == Self.header(object, .selfContained, name: "small").text().joined())
    let stripped = try DebugStripper.strip(withDebug)
    #expect(stripped != withDebug)
    #expect(try project.read("c.h") == Self.header(withDebug, .selfContained, payload: stripped).text().joined())
    #expect(try project.read("d.o") == Self.payload(of: withDebug, bytes: stripped))
  }

  /// Objects that the option of that name would make another header of.
  static let optionNames: [(name: String, object: [UInt8])] = [
    ("assert", Samples.small()), ("strip", HandmadeUnit(hasDebugInfo: true).bytes),
  ]

  @Test("a header with the name of an option does not have that option", arguments: optionNames)
  func namedAsOption(_ name: String, _ object: [UInt8]) throws {
    let project = try HandmadeProject(
      """
      "objects": {"main": "main.o"}, "skeletons": [{"of": "main", "header": "a.h", "name": "\(name)"}]
      """, files: ["main.o": object])
    #expect(try project.build().failures.isEmpty)
    #expect(try project.read("a.h") == Self.header(object, .selfContained, name: name).text().joined())
  }

  @Test("a C payload names the object, and changes with its bytes")
  func payloadInC() throws {
    let unit = HandmadeUnit()
    let project = try HandmadeProject(
      "\"objects\": {\"main\": \"in/main.o\"}, \"skeletons\": [{\"of\": \"main\", \"header\": \"main.h\", \"payload\": \"main.c\"}]",
      files: ["in/main.o": unit.bytes])
    #expect(try project.build().failures.isEmpty)
    let symbols = try #require(try Self.header(unit.bytes, .split).payloadSymbols)
    let source = PayloadSource(symbols: symbols, payload: unit.bytes, fileName: "main.o").text().joined()
    #expect(try project.read("main.c") == source)
  }

  @Test("a payload is for the machine of another object, and changes with it")
  func like() throws {
    var like = ELFEditor(HandmadeUnit().bytes)
    like.set(ELFEditor.Header.machine, to: 183)
    let project = try HandmadeProject(
      Self.skeleton.replacing("main.skel.o\"", with: "main.skel.o\", \"like\": \"user.o\""),
      files: ["main.o": HandmadeUnit().bytes, "user.o": like.bytes])
    #expect(try project.build().failures.isEmpty)
    func machine() throws -> Int { ELFEditor(try project.read("gen/main.skel.o")).number(ELFEditor.Header.machine) }
    #expect(try machine() == 183)
    like.set(ELFEditor.Header.machine, to: 243)
    try project.write(like.bytes, to: "user.o")
    #expect(try project.build().ran == ["payload gen/main.skel.o"])
    #expect(try machine() == 243)
    // A BPF object contains nothing about the machine that programs run on.
    try project.write(HandmadeUnit().bytes, to: "user.o")
    guard
      case .task(.like(project.path("user.o"), .notObject)) = try project.build().failures["payload gen/main.skel.o"]
    else {
      Issue.record("a BPF object gave a machine")
      return
    }
  }

  // MARK: Libraries and finals

  private static let library = """
    "objects": {"main": "main.o", "net": "net.o"},
    "libraries": {"netlib": {"inputs": ["net"], "output": "gen/netlib.o"}},
    "finals": {"app": {"inputs": ["main", "netlib"], "output": "gen/app.o"}},
    "subskeletons": [{"of": "netlib", "header": "gen/netlib.h"}]
    """

  @Test("a library and a final: what is written, and what runs after which change")
  func linked() throws {
    let (main, net) = (HandmadeUnit(), HandmadeUnit(name: "net"))
    let project = try HandmadeProject(Self.library, files: ["main.o": main.bytes, "net.o": net.bytes])
    #expect(
      try project.build().ran == [
        "check netlib in app", "header gen/netlib.h", "inspect app", "inspect netlib", "link app", "link netlib",
      ])
    let linked = try project.read("gen/netlib.o")
    #expect(try project.read("gen/netlib.h") == Self.header(linked, .subskeleton, name: "netlib").text().joined())
    let names = try BPFObject(project.read("gen/app.o"), name: "app").layout.programs.map(\.name)
    #expect(names.sorted() == ["prog_main", "prog_net"])

    // The final's own code: what it agreed on with the library is the same.
    try project.write(HandmadeUnit(result: 1).bytes, to: "main.o")
    #expect(try project.build().ran == ["inspect app", "link app"])
    // The library's layout: users of both see it.
    try project.write(HandmadeUnit(name: "net", isLong: true).bytes, to: "net.o")
    #expect(
      try project.build().ran == [
        "check netlib in app", "header gen/netlib.h", "inspect app", "inspect netlib", "link app", "link netlib",
      ])
  }

  @Test("a final that replaces the library's weak program with another kind of program is refused")
  func contract() throws {
    let net = HandmadeUnit(name: "net", isProgramWeak: true)
    let project = try HandmadeProject(Self.library, files: ["main.o": HandmadeUnit().bytes, "net.o": net.bytes])
    #expect(try project.build().failures.isEmpty)
    let main = HandmadeUnit(section: "xdp", program: "prog_net")
    try project.write(main.bytes, to: "main.o")
    let build = try project.build()
    #expect(build.ran == ["inspect app", "link app"])
    guard
      case .task(.contract(project.path("gen/netlib.o"), project.path("gen/app.o"), let changes)) =
        build.failures["check netlib in app"]
    else {
      Issue.record("\(build.failures)")
      return
    }
    #expect(
      changes.map { "\($0.name) \($0.propertyName ?? "") \($0.old ?? "") \($0.new ?? "")" } == [
        "prog_net section raw_tp xdp"
      ])
    // What failed runs again, and nothing else does.
    #expect(try project.build().ran == [])
    #expect(try project.build().failures.count == 1)
    try project.write(HandmadeUnit().bytes, to: "main.o")
    #expect(try project.build().failures.isEmpty)
  }

  @Test("libraries and finals are compared as they are on disk, whatever wrote them")
  func contractsOnDisk() throws {
    let project = try HandmadeProject(
      Self.library,
      files: [
        "gen/netlib.o": HandmadeUnit(name: "net").bytes, "gen/app.o": HandmadeUnit(name: "net", isLong: true).bytes,
      ])
    let (pairs, unbuilt, failures) = try project.project.checkContracts()
    #expect(pairs == 1 && unbuilt.isEmpty)
    guard failures.count == 1, case .contract(_, _, let changes) = failures[0] else {
      Issue.record("\(failures)")
      return
    }
    #expect(changes.map { "\($0.name) \($0.kindName)" } == ["counter_net resized", "counter_net retyped"])
    try project.write(HandmadeUnit(name: "net", result: 1).bytes, to: "gen/app.o")
    #expect(try project.project.checkContracts().failures.isEmpty)
  }

  @Test("a link that fails names the object, and keeps the existing output")
  func failedLink() throws {
    let project = try HandmadeProject(
      Self.library, files: ["main.o": HandmadeUnit().bytes, "net.o": HandmadeUnit(name: "net").bytes])
    #expect(try project.build().failures.isEmpty)
    let before = try project.read("gen/app.o")
    // Both define `prog_net`.
    try project.write(HandmadeUnit(program: "prog_net").bytes, to: "main.o")
    let build = try project.build()
    guard
      case .task(
        .object(project.path("gen/netlib.o"), .link(.duplicateDefinition("prog_net", project.path("main.o"))))) =
        build.failures["link app"]
    else {
      Issue.record("\(build.failures)")
      return
    }
    #expect(build.failures.count == 1 && build.ran == [])
    #expect(try project.read("gen/app.o") == before)
  }

  // MARK: Minimal BTF

  @Test("minimal BTF changes with the kernel and with what objects need, not with their code")
  func minimalBTF() throws {
    let object = Samples.complete()
    let kernel = Samples.types().bytes
    let project = try HandmadeProject(
      "\"objects\": {\"main\": \"main.o\"}, \"min_core_btfs\": [{\"of\": [\"main\"], \"btfs\": [\"kernels/a\"], \"out_dir\": \"gen\"}]",
      files: ["main.o": object, "kernels/a": kernel])
    #expect(try project.build().ran == ["min-core-btf gen/a", "needs main"])
    #expect(try project.read("gen/a") == MinimalBTF.bytes(of: kernel, for: [CoreNeeds(object: object)]))
    #expect(try project.read("gen/a").count < kernel.count)

    var other = ELFEditor(object)
    other.byte(".data", at: 0, 9)
    try project.write(other.bytes, to: "main.o")
    #expect(try project.build().ran == ["needs main"])

    var types = Samples.types()
    _ = types.int("short", bytes: 2)
    try project.write(types.bytes, to: "kernels/a")
    #expect(try project.build().ran == ["min-core-btf gen/a"])

    try project.write([1, 2, 3], to: "kernels/a")
    guard case .task(.types(project.path("kernels/a"), _)) = try project.build().failures["min-core-btf gen/a"] else {
      Issue.record("three bytes are a kernel's BTF")
      return
    }
  }

  // MARK: Kernels

  @Test("a kernel is asked again when it changes or an object asks something else, and a check follows the code too")
  func kernelChecks() throws {
    let object = Samples.complete()
    let project = try HandmadeProject(
      """
      "objects": {"main": "main.o"}, "kernels": {"all": "kernels", "old": {"btf": "old.btf", "version": "4.19"}},
      "kernel_checks": [{"of": "main", "report": "gen/main.json", "report_only": true}, {"of": "main", "kernels": ["old"], "report": "gen/old.json", "report_only": true}]
      """,
      files: ["main.o": object, "kernels/6.1.btf": Samples.types().bytes, "old.btf": Samples.types().bytes])
    let first = try project.build()
    #expect(
      first.ran == [
        "check-kernels gen/main.json", "check-kernels gen/old.json", "kernel kernels/6.1.btf", "kernel old.btf",
        "kernel-needs main",
      ], "\(first.failures)")
    #expect(first.filesWritten == 2)
    let report = String(decoding: try project.read("gen/main.json"), as: UTF8.self)
    #expect(report.contains("\"6.1\"") && report.contains("\"old\""), "\(report)")
    #expect(try project.build().ran == [])

    var other = ELFEditor(object)
    other.byte(".data", at: 0, 9)
    try project.write(other.bytes, to: "main.o")
    #expect(
      try project.build().ran == ["check-kernels gen/main.json", "check-kernels gen/old.json", "kernel-needs main"])

    // Another kernel of the same answers ends there.
    var types = Samples.types()
    _ = types.int("short", bytes: 2)
    try project.write(types.bytes, to: "old.btf")
    #expect(try project.build().ran == ["kernel old.btf"])

    try project.write(types.bytes, to: "kernels/new/6.2.btf")
    #expect(try project.build().ran == ["check-kernels gen/main.json", "kernel kernels/new/6.2.btf"])
    try project.remove("kernels/new/6.2.btf")
    #expect(try project.build().ran == ["check-kernels gen/main.json"])

    try project.write([1, 2, 3], to: "old.btf")
    guard case .task(.types(project.path("old.btf"), _)) = try project.build().failures["kernel old.btf"] else {
      Issue.record("three bytes are a kernel's BTF")
      return
    }
  }

  @Test("one file with two versions is two kernels, and is read once")
  func twoVersions() throws {
    let project = try HandmadeProject(
      """
      "objects": {"main": "main.o"},
      "kernels": {"all": "kernels", "old": {"btf": "kernels/vendor.btf", "version": "4.19"},
                  "new": {"btf": "kernels/vendor.btf", "version": "6.18"}},
      "kernel_checks": [{"of": "main", "report": "gen/main.json", "report_only": true}]
      """, files: ["main.o": Samples.complete(), "kernels/vendor.btf": Samples.types().bytes])
    #expect(
      try project.build().ran == ["check-kernels gen/main.json", "kernel kernels/vendor.btf", "kernel-needs main"])
    let report = String(decoding: try project.read("gen/main.json"), as: UTF8.self)
    for name in ["vendor", "old", "new"] { #expect(report.contains("\"\(name)\""), "\(report)") }
  }

  @Test("kernels may be in the graph file's own folder")
  func ownFolder() throws {
    let project = try HandmadeProject(
      """
      "objects": {"main": "main.o"}, "kernels": {"all": "."},
      "kernel_checks": [{"of": "main", "report": "r.json", "report_only": true}]
      """, files: ["main.o": Samples.complete(), "5.4.btf": Samples.types().bytes])
    #expect(try project.build().ran == ["check-kernels r.json", "kernel 5.4.btf", "kernel-needs main"])
    // The report and the state are new in the folder.
    #expect(try project.build().ran == [])
  }

  @Test("a folder of kernels that is not there yet is read as soon as it is")
  func laterKernels() throws {
    let project = try HandmadeProject(
      """
      "objects": {"main": "main.o"}, "kernels": {"all": "kernels"}, "kernel_checks": [{"of": "main", "report": "r", "report_only": true}]
      """, files: ["main.o": Samples.complete()])
    guard case .missingSource(project.path("kernels")) = try project.build().failures["kernel kernels"] else {
      Issue.record("a kernel that is not there")
      return
    }
    try project.write(Samples.types().bytes, to: "kernels/5.10.btf")
    #expect(try project.build().ran == ["check-kernels r", "kernel kernels/5.10.btf"])
  }

  // MARK: Failures

  @Test("a file that is not an object is named, its header is kept, and the next object is processed")
  func badObject() throws {
    let unit = HandmadeUnit()
    let project = try HandmadeProject(Self.skeleton, files: ["main.o": unit.bytes])
    #expect(try project.build().failures.isEmpty)
    try project.write(Array("not an object".utf8), to: "main.o")
    let build = try project.build()
    guard case .task(.object(project.path("main.o"), .elf(.notELF))) = build.failures["inspect main"] else {
      Issue.record("\(build.failures)")
      return
    }
    #expect(build.failures.count == 1 && build.ran == [])
    #expect(try project.read("gen/main.h") == Self.header(unit.bytes, .split).text().joined())
    try project.write(HandmadeUnit(isLong: true).bytes, to: "main.o")
    #expect(try project.build().filesWritten == 2)
  }

  @Test("a missing object is named")
  func missingObject() throws {
    let project = try HandmadeProject(Self.skeleton, files: [:])
    let build = try project.build()
    guard case .missingSource(project.path("main.o")) = build.failures["inspect main"] else {
      Issue.record("\(build.failures)")
      return
    }
    #expect(build.ran == [] && !project.exists("gen"))
  }

  @Test("a user's file is not overwritten")
  func foreignFile() throws {
    let project = try HandmadeProject(Self.skeleton, files: ["main.o": HandmadeUnit().bytes, "gen/main.h": [1, 2, 3]])
    let build = try project.build()
    guard case .task(.file(.notOurs(project.path("gen/main.h")))) = build.failures["header gen/main.h"] else {
      Issue.record("\(build.failures)")
      return
    }
    #expect(try project.read("gen/main.h") == [1, 2, 3])
    #expect(build.ran == ["inspect main", "payload gen/main.skel.o"])
    try project.remove("gen/main.h")
    #expect(try project.build().ran == ["header gen/main.h"])
  }

  @Test("an object that changed since its inspection gives no header")
  func changedWhileRead() throws {
    let project = try HandmadeProject(Self.skeleton, files: ["main.o": HandmadeUnit(isLong: true).bytes])
    let graph = try project.project.graph
    let task = try #require(graph.tasks.first { graph.rule($0).name == "header" })
    // The layout id that the inspection found.
    let id = try Self.header(HandmadeUnit().bytes, .split).banner.layout
    let context = TaskContext(task: task, graph: graph, inputs: [id])
    #expect {
      try ProjectRunner(project.project).run(context)
    } throws: { error in
      guard case .file(.changedWhileRead(project.path("main.o"))) = error as? ProjectFailure else { return false }
      return true
    }
    #expect(!project.exists("gen/main.h"))
  }
}
