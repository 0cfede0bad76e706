import Foundation
import Testing

@testable import TestSupport

/// Tests specific to `make/bpfgen.mk` and `ninja/bpfgen.ninja`; other tests cover every build tool.
@Suite(
  "make/bpfgen.mk and ninja/bpfgen.ninja", .runsTools, .needs(.tool(.clang), .tool(.gcc)),
  .enabled(if: EmitTool.unmet == nil, "SKIPPED: \(EmitTool.unmet ?? "")"))
struct MakeRulesTests {
  private static let rules = "\(Toolchain.root)/make/bpfgen.mk"

  /// A program's own rules for its header's users, in a folder of outputs or in none.
  private static func program(_ folder: String) -> String {
    """
    app: \(folder)app.o \(folder)app.skel.o
    \t$(CC) $^ -lbpf -o $@
    \(folder)app.o: app.c \(folder)app.skel.h
    \t$(CC) -I. -I./\(folder) -c $< -o $@

    """
  }

  // MARK: make

  @Test("a bpftool project only changes its skeleton rule and its link line", .needs(.tool(.bpftool)))
  func fromBpftool() throws {
    let before = """
      OUTPUT := .output
      APPS = app
      all: $(APPS)
      $(OUTPUT):
      \tmkdir -p $@
      $(OUTPUT)/%.bpf.o: %.bpf.c | $(OUTPUT)
      \t$(CLANG) -g -O2 -target bpf -idirafter /usr/include/$(shell $(CC) -dumpmachine) -c $< -o $@
      $(OUTPUT)/%.skel.h: $(OUTPUT)/%.bpf.o | $(OUTPUT)
      \t\(try Tool.bpftool.required()) gen skeleton $< > $@
      $(patsubst %,$(OUTPUT)/%.o,$(APPS)): %.o: %.skel.h
      $(OUTPUT)/%.o: %.c | $(OUTPUT)
      \t$(CC) -I$(OUTPUT) -c $(filter %.c,$^) -o $@
      $(APPS): %: $(OUTPUT)/%.o
      \t$(CC) $^ -lbpf -o $@
      .DELETE_ON_ERROR:
      .SECONDARY:

      """
    let bpftool = "\t\(try Tool.bpftool.required()) gen skeleton $< > $@\n"
    let after = before.replacing(
      "$(OUTPUT)/%.skel.h: $(OUTPUT)/%.bpf.o | $(OUTPUT)\n\(bpftool)",
      with: "BPF_OUT := $(OUTPUT)\ninclude \(Self.rules)\n"
    ).replacing("%: $(OUTPUT)/%.o\n", with: "%: $(OUTPUT)/%.o $(OUTPUT)/%.skel.o\n")

    let project = try MakeProject(makefile: before)
    try project.make().checked()
    try project.write(steps: 6)
    #expect(try project.make().checked().stdout.contains("-c app.c"))

    _ = try project.scratch.write(after, to: "Makefile")
    try FileManager.default.removeItem(atPath: project.scratch.file(".output"))
    try project.make().checked()
    #expect(try project.isUpToDate())
    let header = try FileState(project.scratch.file(".output/app.skel.h"))
    try project.write(steps: 7)
    let words = try project.make().checked().stdout
    #expect(words.contains("-o app") && !words.contains("-c app.c"), "\(words)")
    #expect(try FileState(project.scratch.file(".output/app.skel.h")) == header)
    // `.SECONDARY:` lets make pass over a file that is missing.
    for name in ["app.skel.h", "app.skel.o"] {
      try FileManager.default.removeItem(atPath: project.scratch.file(".output/\(name)"))
      try project.make().checked()
      #expect(try project.isUpToDate(), "\(name)")
    }
  }

  @Test(
    "the rules serve in their sources' folder, before all else, under special targets and in a folder with an odd name",
    arguments: ["", "MAKEFLAGS += -rR\n.ONESHELL:\n.SECONDEXPANSION:\n.SECONDARY:\n"])
  func inTree(_ special: String) throws {
    let text = "\(special)CC = cc\ninclude \(Self.rules)\n\(Self.program(""))"
    let project = try MakeProject(makefile: text, folder: "a $x #1 folder/")
    // The default goal is the makefile's own.
    #expect(try project.make("-j8").checked().stdout.contains("-o app\n"))
    #expect(try project.isUpToDate())
    let header = try project.read("app.skel.h")
    for edit in [{ try project.append("#error edited\n", to: "app.skel.h") }, { try project.remove("app.skel.h") }] {
      try edit()
      #expect(try !project.isUpToDate())
      #expect(try project.make().checked().stdout.contains("-c app.c"))
      #expect(try project.read("app.skel.h") == header)
      #expect(try project.isUpToDate())
    }
    try project.append("int wrong\n", to: "app.bpf.c")
    for _ in 0..<2 { #expect(try !project.make().succeeded) }
    #expect(try project.read("app.skel.h") == header)
  }

  @Test("a header's own variables apply, whether make reaches the header or the payload first", arguments: [1, 8])
  func ownVariables(_ jobs: Int) throws {
    let project = try MakeProject(
      makefile: """
        BPF_OUT := out
        include \(Self.rules)
        all: out/app.skel.o out/app.skel.h out/sub/app.skel.h
        out/app.skel.h: BPFGEN_SKELETON_FLAGS = --name $(BPF_NAME)_own
        out/sub/app.skel.h: BPFGEN_SELF_CONTAINED = 1

        """)
    try FileManager.default.createDirectory(atPath: project.scratch.file("sub"), withIntermediateDirectories: true)
    _ = try project.scratch.write(MakeProject.bpf, to: "sub/app.bpf.c")
    try project.make("-j\(jobs)").checked()
    #expect(try project.read("out/app.skel.h").contains("struct app_own {"))
    #expect(try project.read("out/sub/app.skel.h").contains("struct app_bpf {"))
    #expect(access(project.scratch.file("out/app.skel.o"), F_OK) == 0)
    #expect(access(project.scratch.file("out/sub/app.skel.o"), F_OK) != 0)
    #expect(try project.isUpToDate())
  }

  @Test("a source of a link that is renamed, dropped or restored leaves no traces", arguments: ["out/", ""])
  func renamed(_ folder: String) throws {
    func makefile(_ sources: String...) -> String {
      let objects = sources.map { "\(folder)\($0).bpf.o" }.joined(separator: " ")
      return """
        BPF_OUT := \(folder.isEmpty ? "." : folder)
        all: \(folder)final.skel.h
        include \(Self.rules)
        $(call bpf_link,\(folder)final.bpf.o,\(objects))
        $(call bpf_graph,bpfgen.json,\(folder)graph.skel.h,\(objects))
        all: \(folder)graph.skel.h

        """
    }
    func graph(_ sources: String...) -> String {
      let objects = sources.map { "\"\($0)\": \"\(folder)\($0).bpf.o\"" }.joined(separator: ", ")
      return "{ \"bpfgen\": 1, \"objects\": { \(objects) },\n"
        + "  \"skeletons\": [ { \"of\": \"app\", \"header\": \"\(folder)graph.skel.h\" } ] }\n"
    }
    let project = try MakeProject(makefile: makefile("app", "more"))
    let more = "int more;\n"
    _ = try project.scratch.write(more, to: "more.bpf.c")
    _ = try project.scratch.write(graph("app", "more"), to: "bpfgen.json")
    func links(_ what: String) throws {
      let build = try project.make()
      #expect(build.succeeded && build.stdout.contains("bpfgen link"), "\(what)\n\(build.stdout)\(build.stderr)")
      #expect(try project.isUpToDate(), "\(what)")
    }
    try links("first")
    #expect(try project.read("\(folder)final.skel.h").contains("int more;"))

    try project.remove("more.bpf.c")
    _ = try project.scratch.write(more, to: "other.bpf.c")
    _ = try project.scratch.write(makefile("app", "other"), to: "Makefile")
    _ = try project.scratch.write(graph("app", "other"), to: "bpfgen.json")
    try links("renamed")
    _ = try project.scratch.write(makefile("app", "more"), to: "Makefile")
    _ = try project.scratch.write(graph("app", "more"), to: "bpfgen.json")
    try project.remove("other.bpf.c")
    _ = try project.scratch.write(more, to: "more.bpf.c")
    try links("and back")
    try project.remove("more.bpf.c")
    _ = try project.scratch.write(makefile("app"), to: "Makefile")
    _ = try project.scratch.write(graph("app"), to: "bpfgen.json")
    try links("dropped")
    #expect(try !project.read("\(folder)final.skel.h").contains("int more;"))
    for scenario in [Scenario.sourceRenamed, .objectAdded] { scenario.holds(in: .make) }
  }

  @Test("another compiler at the same path compiles again, even if its file is older")
  func compiler() throws {
    let project = try MakeProject(makefile: "BPF_OUT := out\nall: out/app.skel.h\ninclude \(Self.rules)\n")
    func install(_ text: String, _ date: String) throws -> String {
      try project.scratch.writeClang(text, dated: date, to: "clang")
    }
    let clang = try "CLANG=" + install("first", "2020-01-01")
    try project.make(clang).checked()
    #expect(try project.make(clang).checked().stdout.contains("Nothing to be done"))
    for (text, date) in [("second", "2019-01-01"), ("third", "now")] {
      _ = try install(text, date)
      #expect(try project.make("-q", clang).status == .exited(1))
      let words = try project.make(clang).checked().stdout
      #expect(words.contains("bpfgen compile") && !words.contains("bpfgen skeleton"), "\(text): \(words)")
      #expect(try project.make(clang).checked().stdout.contains("Nothing to be done"))
    }
  }

  @Test("two output folders given on the command line can be built side by side")
  func twoFolders() throws {
    let project = try MakeProject(
      makefile: """
        BPF_OUT = out
        all: $(BPF_OUT)/app
        include \(Self.rules)
        $(BPF_OUT)/app: $(BPF_OUT)/app.o $(BPF_OUT)/app.skel.o ; $(CC) $^ -lbpf -o $@
        $(BPF_OUT)/app.o: app.c $(BPF_OUT)/app.skel.h ; $(CC) -I$(BPF_OUT) -c $< -o $@

        """)
    let folders = ["BPF_OUT=one", "BPF_OUT=two"]
    for folder in folders { #expect(try project.make(folder).checked().stdout.contains("-c app.c")) }
    for folder in folders { #expect(try project.make("-q", folder).succeeded, "\(folder)") }
    try project.write(steps: 6)
    for folder in folders {
      let words = try project.make(folder).checked().stdout
      #expect(words.contains("bpfgen compile") && !words.contains("-c app.c"), "\(folder): \(words)")
      #expect(try project.make("-q", folder).succeeded, "\(folder)")
    }
    Scenario.twoFolders.holds(in: .make)
  }

  @Test("a step prints one line, with V=1 its command, and with -s nothing")
  func quiet() throws {
    let project = try MakeProject(
      makefile: "BPF_OUT := out\nall: out/app.skel.h out/app.subskel.h\ninclude \(Self.rules)\n"
        + "$(call bpf_link,out/final.bpf.o,out/app.bpf.o)\nall: out/final.bpf.o\n")
    let lines = [
      "  BPF      out/app.bpf.o", "  BPFLINK  out/final.bpf.o", "  SKEL     out/app.skel.h",
      "  SUBSKEL  out/app.subskel.h",
    ]
    func printed(_ more: String...) throws -> [Substring] {
      let words = try project.make("-B", more[0], more.count > 1 ? more[1] : "all").checked().stdout
      return words.split(separator: "\n").filter { !$0.hasPrefix("make") }
    }
    #expect(try printed("V=").sorted().map(String.init) == lines)
    #expect(try printed("V=", "-s") == [])
    let commands = try printed("V=1")
    #expect(commands.count { $0.contains("bpfgen") && $0.contains("--stamp") } == lines.count, "\(commands)")
    try project.append("int wrong\n", to: "app.bpf.c")
    let result = try project.make("V=")
    #expect(!result.succeeded && result.stderr.contains("out/app.bpf.o.stamp] Error 1"), "\(result.stderr)")
  }

  @Test("vmlinux.h is made before what includes it, and again when it is removed")
  func vmlinux() throws {
    let project = try MakeProject(
      makefile: """
        BPF_OUT := out
        BPF_CFLAGS = -g -O2 -Iout
        include \(Self.rules)
        $(call bpf_vmlinux_h,out/vmlinux.h,types.o)
        all: out/app.bpf.o

        """)
    let types = "struct known { int member; };\nstruct known known;\n"
    let object = try BPFCompiler.compile(types, named: "types", in: project.scratch)
    try FileManager.default.moveItem(atPath: object, toPath: project.scratch.file("types.o"))
    try project.remove("types.bpf.c")
    try project.append("#include \"vmlinux.h\"\nstruct known known;\n", to: "app.bpf.c")
    try project.make("-j8").checked()
    #expect(try project.isUpToDate())
    try project.remove("out/vmlinux.h")
    #expect(try project.make().checked().stdout.contains("vmlinux-h types.o"))
    #expect(try project.isUpToDate())
  }

  @Test("an output whose depfile would not be found is refused")
  func tooDeep() throws {
    let project = try MakeProject(makefile: "BPF_OUT := out\ninclude \(Self.rules)\n")
    try FileManager.default.createDirectory(atPath: project.scratch.file("a/b/c/d"), withIntermediateDirectories: true)
    _ = try project.scratch.write(MakeProject.bpf, to: "a/b/c/d/app.bpf.c")
    let result = try project.make("out/a/b/c/d/app.bpf.o")
    #expect(!result.succeeded && result.stderr.contains("more than three folders deep"), "\(result.stderr)")
  }

  @Test("graphs in one make use no more jobs than it has", arguments: [2, 3, 8])
  func jobs(_ jobs: Int) throws {
    let graphs = try (0..<2).map { _ in try ManyCopies(objects: 40) }
    let stamps = graphs.map { "-e \($0.scratch.path)/gen/o0.skel.h.stamp" }.joined(separator: " -a ")
    // Holds a job until the others are done.
    var text = "all: sleeper\ninclude \(Self.rules)\nsleeper: ; until [ \(stamps) ]; do sleep 0.05; done\n"
    for graph in graphs {
      let header = "\(graph.scratch.path)/gen/o0.skel.h"
      text += "$(call bpf_graph,\(graph.scratch.path)/bpfgen.json,\(header) \(header.dropLast())o)\nall: \(header)\n"
      text += "\(header): BPFGEN_BUILD_FLAGS = --trace \(graph.scratch.path)/trace.json\n"
    }
    let project = try MakeProject(makefile: text)
    try project.make("-j\(jobs)").checked()
    let workers = try graphs.map { graph in
      let trace = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: graph.scratch.file("trace.json"))))
      let events = (trace as? [String: Any])?["traceEvents"] as? [[String: Any]] ?? trace as? [[String: Any]] ?? []
      let tasks = events.filter { $0["ph"] as? String == "X" }
      #expect(tasks.count == graph.taskCount)
      return Set(tasks.compactMap { $0["tid"] as? Int }).count
    }
    // Each has one job of make's, and what more there is they share.
    if jobs == 2 { #expect(workers == [1, 1]) }
    #expect(workers.allSatisfy { $0 <= jobs - 1 }, "\(workers)")
    // An output that make does not know is watched too.
    let other = graphs[1].scratch.file("gen/o7.subskel.h")
    let wanted = try Data(contentsOf: URL(fileURLWithPath: other))
    try (wanted + Data("edited\n".utf8)).write(to: URL(fileURLWithPath: other))
    let result = try project.make("-j\(jobs)").checked()
    #expect(result.stdout.components(separatedBy: " build -f ").count == 2, "\(result.stdout)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == wanted)
  }

  // MARK: Ninja

  @Test("an edited or removed header or payload of Ninja's graph rule is made again, and so is what needs it")
  func ninjaGraph() throws {
    let project = try MakeProject(makefile: "")
    let rules = try String(contentsOfFile: "\(Toolchain.root)/ninja/bpfgen.ninja", encoding: .utf8)
    _ = try project.scratch.write(rules, to: "bpfgen.ninja")
    _ = try project.scratch.write(
      """
      { "bpfgen": 1, "objects": { "app": "app.bpf.o" }, "skeletons": [
        { "of": "app", "name": "app_bpf", "header": "gen/app.skel.h", "payload": "gen/app.skel.o" } ] }
      """, to: "bpfgen.json")
    _ = try project.scratch.write(
      """
      include bpfgen.ninja
      bpfgen = \(try Toolchain.bpfgen())
      bpf_clang = \(try Tool.clang.required())
      bpf_flags = $bpf_flags -idirafter /usr/include/$$(cc -dumpmachine)
      rule cc
        command = cc -Igen -MD -MF $out.d -c $in -o $out
        depfile = $out.d
        deps = gcc
      rule ld
        command = cc $in -lbpf -o $out
      build app.bpf.o: bpfgen_compile app.bpf.c
      build gen/stamp | gen/app.skel.h gen/app.skel.o: bpfgen_graph bpfgen.json | app.bpf.o
      build app.o: cc app.c || gen/app.skel.h
      build app: ld app.o gen/app.skel.o

      """, to: "build.ninja")
    func ninja() throws -> String {
      usleep(20_000)
      return try Shell.run(EmitTool.ninja.path!, ["-v", "-C", project.scratch.path]).checked().stdout
    }
    _ = try ninja()
    #expect(try ninja().contains("no work to do"))
    for name in ["gen/app.skel.h", "gen/app.skel.o"] {
      let wanted = try project.data(name)
      for edit in [{ try project.append("#error edited\n", to: name) }, { try project.remove(name) }] {
        try edit()
        let words = try ninja()
        #expect(words.contains(" build ") && words.contains("-c app.c") == name.hasSuffix(".h"), "\(words)")
        #expect(try project.data(name) == wanted)
        #expect(try ninja().contains("no work to do"))
      }
    }
  }
}

/// A folder with a BPF program, a C program on its skeleton, and a Makefile.
private struct MakeProject {
  let scratch: Scratch
  /// Below the scratch folder, with a slash at its end.
  let folder: String

  static let bpf = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    int calls;
    SEC("syscall") int count(void *ctx) { calls += 5; return 0; }
    char LICENSE[] SEC("license") = "GPL";

    """

  init(makefile: String, folder: String = "") throws {
    scratch = try Scratch()
    self.folder = folder
    let path = scratch.file(folder)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    _ = try scratch.write(makefile, to: folder + "Makefile")
    _ = try scratch.write(MakeProject.bpf, to: folder + "app.bpf.c")
    _ = try scratch.write(
      "#include \"app.skel.h\"\nint main(void) { return !app_bpf__open(); }\n", to: folder + "app.c")
  }

  func make(_ more: String...) throws -> Shell.Result {
    // A change in the clock's tick in which the last build ended would not be seen by its time.
    usleep(20_000)
    let tools = try ["BPFGEN=\(Toolchain.bpfgen())", "CLANG=\(Tool.clang.required())", "V=1"]
    return try Shell.run("/usr/bin/env", ["-u", "MAKEFLAGS", "make", "-C", scratch.file(folder)] + tools + more)
  }

  /// Whether make would run nothing, and runs nothing.
  func isUpToDate() throws -> Bool {
    guard try make("-q").succeeded else { return false }
    return try make().checked().stdout.contains(#/Nothing to be done|is up to date/#)
  }

  /// Changes code, and no layout.
  func write(steps: Int) throws {
    _ = try scratch.write(MakeProject.bpf.replacing("+= 5", with: "+= \(steps)"), to: folder + "app.bpf.c")
  }

  func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.file(folder + name))) }

  func read(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

  func append(_ text: String, to name: String) throws {
    // Later than what the last build made.
    usleep(20_000)
    try (try data(name) + Data(text.utf8)).write(to: URL(fileURLWithPath: scratch.file(folder + name)))
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: scratch.file(folder + name)) }
}
