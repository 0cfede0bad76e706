import Foundation
import Testing

@testable import TestSupport

/// Two programs with the same name and layout in two static libraries of one program: each library uses its own bytes.
@Suite(
  "Scopes", .runsTools, .needs(.tool(.clang), .tool(.gcc)),
  .needs(.loading))
struct ScopeTests {
  // MARK: By hand

  struct Pair: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var scopes: [String?]
    var answers: String
    var payload = ".o"
  }

  static let pairs = [
    Pair(testDescription: "two scopes", scopes: ["one", "two"], answers: "1 2\n"),
    Pair(testDescription: "one has a scope", scopes: [nil, "two"], answers: "1 2\n"),
    // The linker takes the first archive's bytes for both, as described in docs/headers.md.
    Pair(testDescription: "no scope", scopes: [nil, nil], answers: "1 1\n"),
    Pair(testDescription: "payloads in C", scopes: ["one", "two"], answers: "1 2\n", payload: ".c"),
    Pair(testDescription: "scopes that read the same in a symbol", scopes: ["a::b", "a//b"], answers: "1 2\n"),
    Pair(testDescription: "UTF-8, equal to Swift", scopes: ["\u{e9}", "e\u{301}"], answers: "1 2\n"),
    Pair(
      testDescription: "longer than a symbol shows",
      scopes: ["1", "2"].map { String(repeating: "x", count: 9000) + $0 },
      answers: "1 2\n"),
    Pair(testDescription: "quotes and blanks", scopes: ["it's \"a\" \\ $x `y` #1 %n */", "it's"], answers: "1 2\n"),
  ]

  @Test("each library has the bytes of its scope", arguments: Tier.sample(pairs, quick: 2))
  func byHand(_ pair: Pair) throws {
    let scratch = try Scratch()
    try ScopedPair.write(to: scratch.path)
    var archives: [String] = []
    for (index, name) in ["one", "two"].enumerated() {
      let object = try BPFCompiler.compile(
        "#define VALUE \(index + 1)\n" + ScopedPair.files["pair.bpf.c"]!, named: name, in: scratch)
      let header = scratch.file("\(name).skel.h")
      let payload = scratch.file("\(name)_payload\(pair.payload)")
      let scope = pair.scopes[index].map { ["--scope", $0] } ?? []
      try Shell.run(
        Toolchain.bpfgen(), ["skeleton", object, "-o", header, "--payload", payload, "--name", "pair"] + scope
      ).checked()
      let library = scratch.file("\(name).o")
      let defines = ["-DFUNCTION=\(name)", "-DHEADER=\"\(header)\""]
      let warnings = ["-Wall", "-Wextra", "-Werror"]
      try Shell.run(
        Tool.gcc.required(), warnings + defines + ["-c", scratch.file("library.c"), "-o", library]
      ).checked()
      var member = payload
      if pair.payload == ".c" {
        member = scratch.file("\(name)_payload.o")
        try Shell.run(
          Tool.gcc.required(), ["-Wa,-I,\(scratch.path)", "-c", payload, "-o", member]
        ).checked()
      }
      archives.append(scratch.file("lib\(name).a"))
      try Shell.run("/usr/bin/env", ["ar", "rcs", archives[index], library, member]).checked()
    }
    let program = scratch.file("app")
    let link = ["-Wl,--fatal-warnings", "-o", program, scratch.file("app.c")]
    try Shell.run(Tool.gcc.required(), link + archives + ["-lbpf"]).checked()
    #expect(try ScopedPair.answers(program) == pair.answers)
    for name in try ScopedPair.payloads(program) { #expect(name.utf8.count < 160, "\(name)") }
  }

  @Test("a light skeleton's payload and header have the scope in their names")
  func light() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(
      "#define VALUE 1\n" + ScopedPair.files["pair.bpf.c"]!, named: "pair", in: scratch)
    var names: Set<String> = []
    for scope in ["one", "two"] {
      let (header, payload) = (scratch.file("\(scope).lskel.h"), scratch.file("\(scope).lskel.o"))
      try Shell.run(
        Toolchain.bpfgen(), ["light-skeleton", object, "-o", header, "--payload", payload, "--scope", scope]
      ).checked()
      let text = try String(contentsOfFile: header, encoding: .utf8)
      for name in try ScopedPair.payloads(payload) {
        #expect(name.hasSuffix("_scope_\(scope)") && text.contains("__asm__(\"\(name)\")"))
        names.insert(name)
      }
    }
    #expect(names.count == 2)
  }

  static let refused: [([String], String)] = [
    (["--scope", "x"], "'--scope' needs '--payload'"),
    (["--payload", "x.o", "--scope", ""], "the value of '--scope' is empty"),
    (["--payload", "x.o", "--scope", "a\nb"], "is not a scope"),
    (["--payload", "x.o", "--scope", "a\tb"], "is not a scope"),
    (["--payload", "x.o", "--scope", "\u{fffd}"], "is not a scope"),
  ]

  @Test("an invalid scope is refused", arguments: refused)
  func notScope(_ options: [String], _ message: String) throws {
    for command in ["skeleton", "light-skeleton"] {
      let result = try Shell.run(Toolchain.bpfgen(), [command, "no.bpf.o", "-o", "x.h"] + options)
      #expect(result.status == .exited(2) && result.stderr.contains(message), "\(result.stderr)")
    }
  }

  // MARK: Graph files

  @Test("scopes in a graph file have the same effect as the option, and the steps for Ninja, make and Bazel have them")
  func graphFile() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(
      "#define VALUE 1\n" + ScopedPair.files["pair.bpf.c"]!, named: "pair", in: scratch)
    let scope = "it's \"a\" \\ $x `y` #1 %n assert"
    let escaped = scope.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "pair": "pair.bpf.o" },
        "skeletons": [ { "of": "pair", "header": "gen/a.skel.h", "payload": "gen/a.skel.o", "scope": "\(escaped)" },
                       { "of": "pair", "header": "gen/b.skel.h", "payload": "gen/b.skel.o", "name": "scope" } ] }

      """, to: "bpfgen.json")
    let bpfgen = try Toolchain.bpfgen()
    func made() throws -> [Data] {
      try ["a.skel.h", "a.skel.o", "b.skel.h", "b.skel.o"].map {
        try Data(contentsOf: URL(fileURLWithPath: scratch.file("gen/\($0)")))
      }
    }
    func inFolder(_ arguments: [String]) throws {
      try Shell.run("/usr/bin/env", ["-C", scratch.path] + arguments).checked()
    }
    try inFolder([bpfgen, "build"])
    let wanted = try made()
    for (letter, name, options) in [("a", "pair", ["--scope", scope]), ("b", "scope", [])] {
      let output = ["-o", scratch.file("gen/\(letter).skel.h"), "--payload", scratch.file("gen/\(letter).skel.o")]
      try FileManager.default.removeItem(atPath: scratch.file("gen/\(letter).skel.h"))
      try inFolder([bpfgen, "skeleton", object, "--name", name] + output + options)
    }
    #expect(try made() == wanted)
    for arguments in [["make", "-f", "steps.make", "BPFGEN=\(bpfgen)", "bpfgen-all"], ["ninja"]] {
      try FileManager.default.removeItem(atPath: scratch.file("gen"))
      try inFolder([bpfgen, "emit", arguments[0], "-o", "steps.\(arguments[0])"])
      if arguments[0] == "ninja" {
        let text = try String(contentsOfFile: scratch.file("steps.ninja"), encoding: .utf8)
        _ = try scratch.write(
          text.replacing("\nbpfgen = bpfgen\n", with: "\nbpfgen = \(bpfgen)\n").replacing(
            "  generator = 1\n", with: ""),
          to: "outer")
        try inFolder(["ninja", "-f", "outer", "bpfgen-all"])
      } else {
        try inFolder(arguments)
      }
      #expect(try made() == wanted, "\(arguments[0])")
    }
    let targets = try Shell.run(bpfgen, ["emit", "bazel", "-C", scratch.path]).checked().stdout
    #expect(targets.contains("    scope = \"\(escaped)\",\n"))
    #expect(targets.matches(of: #/scope = /#).count == 1)

    // A scope that changes is another layout id.
    let graph = try String(contentsOfFile: scratch.file("bpfgen.json"), encoding: .utf8)
    let umlaut = try scratch.write(graph.replacing("%n assert", with: "\u{e9}"), to: "umlaut.json")
    let refused = try Shell.run(bpfgen, ["emit", "bazel", "-f", umlaut])
    #expect(refused.status == .exited(2) && refused.stderr.contains("letters that are not ASCII"), "\(refused.stderr)")
    _ = try scratch.write(graph.replacing("%n assert", with: "%n"), to: "bpfgen.json")
    try inFolder([bpfgen, "build"])
    let after = try made()
    #expect(zip(after, wanted).map { $0 == $1 } == [false, false, true, true])
  }
}

// MARK: - Build tools

extension ScopeTests {
  @Test("CMake: targets", arguments: BuildSystem.available.filter { $0.kind.isCMake && $0.edition == .system })
  func cmake(_ system: BuildSystem) throws {
    let lists = """
      foreach(value IN ITEMS 1 2 3)
        list(GET names ${value} name)
        set(scope "")
        if(value EQUAL 3)
          set(scope SCOPE "a b::c+\\"d\\" \u{e9}")
        endif()
        bpf_add_object(${name}_bpf SOURCES pair.bpf.c DEFINITIONS VALUE=${value})
        bpf_add_skeleton(${name}_skel ${name}_bpf NAME pair HEADER pair.skel.h ${scope})
        add_library(${name} STATIC library.c)
        target_compile_definitions(${name} PRIVATE FUNCTION=${name} HEADER="pair.skel.h")
        target_link_libraries(${name} PUBLIC ${name}_skel)
      endforeach()
      add_executable(app app.c)
      target_link_libraries(app PRIVATE one two)
      """
    let project = try CMakeProject(
      system, lists: "set(names zero one two three)\n" + lists, files: ScopedPair.files)
    try project.configure().checked()
    try project.build().checked()
    let program = project.made(system.kind == .cmakeNinjaMulti ? "Debug/app" : "app")
    #expect(try ScopedPair.answers(program) == "1 2\n")
    let scopes = try ScopedPair.payloads(program).map { $0.suffix(15) }
    #expect(Set(scopes) == ["_scope_one_skel", "_scope_two_skel"])
    let odd = try ScopedPair.payloads(project.made("bpf/three_skel/pair.skel.o"))
    #expect(odd.count == 1 && odd.first?.hasSuffix("_scope_a_b__c__d____") == true, "\(odd)")

    // No flag asks for it: a target that does must not lose it to the payload.
    #if arch(x86_64)
      #expect(try ELFText.properties(project.made("bpf/one_skel/pair.skel.o")) == ["x86 feature: IBT, SHSTK"])
    #endif

    // The project's graph file has the same scopes: it leaves all as it is.
    let outputs = ["one", "two", "three"].flatMap { name in
      ["h", "o"].map { project.made("bpf/\(name)_skel/pair.skel.\($0)") }
    }
    let before = try outputs.map(FileState.init)
    try Shell.run(Toolchain.bpfgen(), ["build", "-f", project.made("bpfgen.json")]).checked()
    #expect(try outputs.map(FileState.init) == before)
  }

  @Test("CMake: SCOPE names a payload")
  func cmakeSelfContained() throws {
    let lists = """
      bpf_add_object(one_bpf SOURCES pair.bpf.c DEFINITIONS VALUE=1)
      bpf_add_skeleton(one_skel one_bpf SELF_CONTAINED SCOPE x)
      """
    let project = try CMakeProject(
      BuildSystem(kind: .cmakeNinja, edition: .system), lists: lists, files: ScopedPair.files)
    let result = try project.configure()
    #expect(!result.succeeded && result.stderr.contains("SCOPE names a payload"), "\(result.stderr)")
  }

  @Test("make: paths below BPF_OUT, wherever that is", arguments: [false, true])
  func make(_ isAbsolute: Bool) throws {
    let scratch = try Scratch()
    try ScopedPair.write(to: scratch.path)
    let out = isAbsolute ? scratch.file("out") : "out"
    _ = try scratch.write(
      """
      BPF_OUT := \(out)
      BPFGEN_SKELETON_FLAGS = --name pair
      include \(Toolchain.root)/make/bpfgen.mk
      app: app.c $(foreach name,one two,$(BPF_OUT)/lib$(name).a) $(BPF_OUT)/three.skel.h $(BPF_OUT)/four.skel.h
      \t$(CC) app.c $(BPF_OUT)/libone.a $(BPF_OUT)/libtwo.a -lbpf -o $@
      $(BPF_OUT)/lib%.a: library.c $(BPF_OUT)/%.skel.h $(BPF_OUT)/%.skel.o
      \t$(CC) -DFUNCTION=$* -DHEADER='"$(BPF_OUT)/$*.skel.h"' -I. -c $< -o $(BPF_OUT)/$*.o
      \t$(AR) rcs $@ $(BPF_OUT)/$*.o $(BPF_OUT)/$*.skel.o
      $(foreach pair,one=1 two=2 three=3 four=4,$(eval name = $(firstword $(subst =, ,$(pair))))$(eval \\
        $(BPF_OUT)/$(name).bpf.o: BPF_CFLAGS += -DVALUE=$(lastword $(subst =, ,$(pair))))$(call \\
        bpf_compile,$(BPF_OUT)/$(name).bpf.o,pair.bpf.c))
      $(BPF_OUT)/three.skel.h: BPFGEN_SCOPE = a::b
      $(BPF_OUT)/four.skel.h: BPFGEN_SCOPE =

      """, to: "Makefile")
    try Shell.run(
      "/usr/bin/env",
      ["-u", "MAKEFLAGS", "make", "-C", scratch.path, "BPFGEN=\(Toolchain.bpfgen())", "CLANG=\(Tool.clang.required())"]
    ).checked()
    #expect(try ScopedPair.answers(scratch.file("app")) == "1 2\n")
    let scopes = try ScopedPair.payloads(scratch.file("app")).map { $0.suffix(17) }
    #expect(Set(scopes) == ["_scope_one_skel_h", "_scope_two_skel_h"])
    #expect(try ScopedPair.payloads(scratch.file("out/three.skel.o")).first?.hasSuffix("_scope_a__b") == true)
    #expect(try ScopedPair.payloads(scratch.file("out/four.skel.o")).first?.contains("_scope_") == false)
    // Another folder of outputs changes no header.
    let text = try String(contentsOfFile: scratch.file("out/one.skel.h"), encoding: .utf8)
    #expect(!text.contains(scratch.path))
  }
}
