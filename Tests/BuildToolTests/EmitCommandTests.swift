import Foundation
import Testing

@testable import TestSupport

/// `bpfgen emit`: a user's own Ninja file or makefile includes the text, and the tool runs the steps.
@Suite(
  "bpfgen emit", .runsTools, .needs(.tool(.clang)),
  .enabled(if: EmitTool.unmet == nil, "SKIPPED: \(EmitTool.unmet ?? "")"))
struct EmitCommandTests {
  private static func built(_ tool: EmitTool) throws -> EmitProject {
    let project = try EmitProject(tool)
    try project.prepare()
    try project.build().checked()
    #expect(project.log() == ["compiled", "linked"])
    return project
  }

  @Test("the outputs are those of bpfgen build, and nothing else", arguments: EmitTool.allCases)
  func sameBytes(_ tool: EmitTool) throws {
    let project = try EmitProject(tool)
    try project.prepare()
    try project.build("-j8").checked()
    let (made, wanted) = (try project.outputs(), try project.reference())
    #expect(made.keys.sorted() == wanted.keys.sorted())
    #expect(wanted.count == 21)
    for (path, bytes) in wanted { #expect(made[path] == bytes, "\(path)") }
  }

  @Test("a second run does nothing", arguments: EmitTool.allCases)
  func nothingToDo(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    #expect(try project.isUpToDate())
    let before = try project.states()
    try project.build().checked()
    #expect(try project.states() == before)
    #expect(project.log() == [])
  }

  @Test(
    "a code-only change does not rewrite the header, and nothing that includes it runs", arguments: EmitTool.allCases)
  func codeChanged(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    let (header, payload) = (try project.state("gen/app.skel.h"), try project.state("gen/app.skel.o"))
    let subskeleton = try project.state("gen/bundle.subskel.h")
    try project.put("main with other code", at: "in/main.bpf.o")
    #expect(try !project.isUpToDate())
    try project.build("-j8").checked()
    #expect(project.log() == ["linked"], "the payload is another, the header is not")
    #expect(try project.state("gen/app.skel.h") == header)
    #expect(try project.state("gen/bundle.subskel.h") == subskeleton)
    #expect(try project.state("gen/app.skel.o") != payload)
    #expect(try project.outputs() == project.reference())
    #expect(try project.isUpToDate())
  }

  @Test("a change of the layout reaches the header, even through libraries", arguments: EmitTool.allCases)
  func layoutChanged(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    for (source, object) in [
      ("main with a variable more", "in/main.bpf.o"), ("net with a variable more", "in/net.bpf.o"),
    ] {
      let other = try project.state("drivers/gen/driver.skel.h")
      try project.put(source, at: object)
      try project.build("-j8").checked()
      #expect(project.log() == ["compiled", "linked"], "\(source)")
      #expect(try project.outputs() == project.reference(), "\(source)")
      #expect(try project.state("drivers/gen/driver.skel.h") == other)
      #expect(try project.isUpToDate())
    }
  }

  @Test("each output that is removed is made again", arguments: EmitTool.allCases)
  func removed(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    let wanted = try project.outputs()
    for path in wanted.keys.sorted() {
      try project.remove(path)
      #expect(try !project.isUpToDate(), "\(path)")
      try project.build().checked()
      #expect(try project.outputs() == wanted, "\(path)")
      #expect(try project.isUpToDate(), "\(path)")
    }
  }

  @Test("a damaged object fails the build with its message, and outputs are kept", arguments: EmitTool.allCases)
  func broken(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    let before = try project.states()
    _ = try project.scratch.write("no object", to: "in/main.bpf.o")
    for _ in 0..<2 {
      let result = try project.build()
      #expect(!result.succeeded)
      #expect((result.stdout + result.stderr).contains("in/main.bpf.o: error: not an ELF file"), "\(result.stderr)")
      #expect(try project.states() == before)
    }
    try project.put("main with a variable more", at: "in/main.bpf.o")
    try project.build().checked()
    #expect(try project.outputs() == project.reference())
  }

  @Test(
    "a final that disagrees with its library is not linked, and nothing that needs it is made",
    arguments: EmitTool.allCases)
  func disagreement(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    // A linker that omits the final's library.
    let program = try project.scratch.writeScript(
      """
      case "$*" in *--depfile*) depfile='--depfile gen/app.bpf.o.d' ;; esac
      case "$*" in "link "*" -o gen/app.bpf.o "*)
        set -- link --check gen/netlib.bpf.o -o gen/app.bpf.o $depfile -- in/main.bpf.o ;;
      esac
      exec '\(project.program)' "$@"
      """, to: "other linker")
    try project.use(program)
    try project.remove("gen/app.bpf.o")
    for target in ["bpfgen-all", "gen/app.skel.h", "app"] {
      let result = try project.build(target)
      #expect(!result.succeeded, "\(target)")
      #expect((result.stdout + result.stderr).contains("the variable 'packets' of its library"), "\(target)")
    }
    try project.use(project.program)
    try project.build().checked()
    #expect(try project.outputs() == project.reference())
  }

  @Test("a changed graph file changes the steps, and an equal one does not", arguments: EmitTool.allCases)
  func graphChanged(_ tool: EmitTool) throws {
    let project = try Self.built(tool)
    let header = try project.state("gen/app.skel.h")
    _ = try project.scratch.write(EmitProject.graph + "\n", to: "bpfgen.json")
    try project.build().checked()
    #expect(try project.state("gen/app.skel.h") == header)
    #expect(project.log() == [])
    #expect(try project.isUpToDate())

    let renamed = EmitProject.graph.replacing("\"name\": \"whole\"", with: "\"name\": \"part\"")
    _ = try project.scratch.write(renamed, to: "bpfgen.json")
    let drivers = EmitProject.driversGraph.replacing("driver.skel.o\"", with: "driver.skel.o\", \"strip\": true")
    _ = try project.scratch.write(drivers, to: "drivers/bpfgen.json")
    let wanted = try project.reference()
    try project.build().checked()
    #expect(try project.outputs() == wanted)
    #expect(project.log() == [])
    #expect(try project.isUpToDate())
  }

  @Test("another bpfgen runs each step again, and writes nothing that is the same", arguments: EmitTool.allCases)
  func programChanged(_ tool: EmitTool) throws {
    var project = try EmitProject(tool)
    let copy = project.scratch.file("copy of bpfgen")
    // By another process: a program that this one has open for writing is busy while its other threads start programs.
    try Shell.run("/usr/bin/env", ["cp", project.program, copy]).checked()
    project.program = copy
    try project.prepare()
    // Ninja before 1.12 runs a step with an unchanged output a second time when a depfile brought in something newer.
    for _ in 0..<2 { try project.build().checked() }
    #expect(try project.isUpToDate())
    let before = try project.states()
    usleep(20_000)
    try Shell.run("/usr/bin/env", ["touch", copy]).checked()
    #expect(try !project.isUpToDate())
    let result = try project.build().checked()
    #expect(result.stdout.contains("gen/netlib.subskel.h") && result.stdout.contains("drivers/gen/driver.skel.h"))
    #expect(try project.states() == before)
    #expect(try project.isUpToDate())
  }

  @Test("the text is also a complete build, even for a graph file in another folder", arguments: EmitTool.allCases)
  func alone(_ tool: EmitTool) throws {
    let project = try EmitProject(tool)
    let text = try project.emit(["-f", "drivers/bpfgen.json"]).checked().stdout
    _ = try project.scratch.write(text, to: "alone")
    let arguments = ["-C", project.scratch.path, "-f", "alone"] + (tool == .ninja ? ["-v"] : [])
    let tools = project.scratch.file("bin")
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(tools)/bpfgen", withDestinationPath: project.program)
    let path = "\(tools):\(Toolchain.setting("PATH") ?? "/usr/bin:/bin")"
    func run() throws -> String {
      try Shell.run(tool.path!, arguments, environment: ["PATH": path, "BPFGEN": "bpfgen"]).checked().stdout
    }
    #expect(try run().contains("bpfgen skeleton --name driver"))
    #expect(try project.outputs().keys.allSatisfy { $0.hasPrefix("drivers/gen/") })
    #expect(try run().contains(tool == .ninja ? "no work to do" : "Nothing to be done"))
    let wanted = try project.reference()
    for (path, bytes) in try project.outputs() { #expect(wanted[path] == bytes, "\(path)") }
  }

  @Test("special targets of the including makefile change nothing")
  func specialTargets() throws {
    let project = try EmitProject(.make)
    let makefile = try String(contentsOfFile: project.scratch.file("Makefile"), encoding: .utf8)
    let special = ".ONESHELL:\n.SECONDEXPANSION:\nMAKEFLAGS += -rR\n"
    _ = try project.scratch.write(special + makefile, to: "Makefile")
    try project.prepare()
    try project.build().checked()
    #expect(project.log() == ["compiled", "linked"])
    let before = try project.states()
    _ = try project.scratch.write("no object", to: "in/main.bpf.o")
    for _ in 0..<2 { #expect(try !project.build().succeeded) }
    #expect(try project.states() == before)
    try project.put("main with other code", at: "in/main.bpf.o")
    try project.build().checked()
    #expect(project.log() == ["linked"])
    #expect(try project.outputs() == project.reference())
    #expect(try project.isUpToDate())
  }

  @Test("clean removes what was made, and nothing else")
  func clean() throws {
    let project = try Self.built(.make)
    _ = try project.scratch.write("mine", to: "gen/mine")
    let state = project.scratch.file(".bpfgen/bpfgen.json.kernels.state")
    #expect(access(state, F_OK) == 0)
    try project.build("bpfgen-clean").checked()
    #expect(try project.outputs().keys.sorted() == ["gen/mine"])
    #expect(access(state, F_OK) != 0)
  }

  @Test("the text is written only when it differs", arguments: EmitTool.allCases)
  func kept(_ tool: EmitTool) throws {
    let project = try EmitProject(tool)
    try project.prepare()
    let before = try project.state(tool.fileName)
    try project.prepare()
    #expect(try project.state(tool.fileName) == before)
  }

  @Test("an invalid command line or graph is an error with the reason", arguments: EmitTool.allCases)
  func refused(_ tool: EmitTool) throws {
    let project = try EmitProject(tool)
    func graph(_ skeleton: String) -> String {
      "{ \"bpfgen\": 1, \"objects\": { \"a\": \"in/main.bpf.o\" }, \"skeletons\": [ { \"of\": \"a\", \(skeleton) } ] }"
    }
    for (skeleton, message) in [
      ("\"header\": \"bpfgen-all\"", "the build tool's file needs the name 'bpfgen-all'"),
      ("\"header\": \"-\"", "'-' cannot be written in a file for \(tool.rawValue)"),
    ] {
      _ = try project.scratch.write(graph(skeleton), to: "wrong.json")
      let result = try project.emit(["-f", "wrong.json"])
      #expect(result.status == .exited(2) && result.stdout == "" && result.stderr.contains(message), "\(result.stderr)")
      #expect(result.stderr.hasPrefix("wrong.json: error: ") && result.stderr.contains("\n    hint "))
    }
    let onItself = try project.emit(["-o", "bpfgen.json"])
    #expect(onItself.status == .exited(2) && onItself.stderr.contains("'bpfgen.json' is both an input and an output"))
    let help = try project.emit(["--help"]).checked().stdout
    #expect(help.contains("Examples:\n  bpfgen emit "))
    #expect(help.split(separator: "\n").allSatisfy { $0.utf8.count <= 100 })
    let unknown = try Shell.run(Toolchain.bpfgen(), ["emit", "cmake"])
    #expect(unknown.status == .exited(2) && unknown.stderr.contains("one of ninja, make"))
  }
}
