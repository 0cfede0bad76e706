import Foundation
import Testing

@testable import TestSupport

/// One project in every build system: each kind of change runs what it must, and nothing else.
@Suite("Build tools", .runsTools, .needs(.tool(.clang), .loading))
struct BuildToolTests {
  @Test(
    "all build systems are tried",
    .enabled(if: BuildSystem.unmet == nil, "SKIPPED: \(BuildSystem.unmet ?? "") (Tests/tools/install)"))
  func complete() { #expect(BuildSystem.available == BuildSystem.all) }

  /// Builds, and expects exactly these commands; headers and objects must then be those of the commands.
  private static func expect(
    _ project: ToolProject, _ wanted: Set<String>, headers: Set<String> = [], _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let build = try project.build()
    #expect(build.result.succeeded, "\(what)\n\(build.words)", sourceLocation: sourceLocation)
    #expect(
      build.ran == wanted, "\(what)\n\(build.words)", sourceLocation: sourceLocation)
    #expect(build.headers == headers, "\(what)", sourceLocation: sourceLocation)
    let compiled = wanted.filter { $0.hasPrefix("cc ") || $0.hasPrefix("c++ ") }
    #expect(build.objects.count == compiled.count, "\(what): \(build.objects)", sourceLocation: sourceLocation)
    let again = try project.build()
    #expect(again.ran == [], "after: \(what)\n\(again.words)", sourceLocation: sourceLocation)
  }

  @Test("nothing changed: nothing runs, in the first call and in later ones", arguments: BuildSystem.available)
  func nothing(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    for _ in 0..<3 {
      let build = try project.build()
      #expect(build.ran == [] && build.headers == [] && build.objects == [], "\(build.words)")
      switch system.kind {
      case .cmakeNinja, .cmakeNinjaMulti, .ninja, .meson: #expect(build.words.contains("no work to do"))
      case .make: #expect(build.words.contains("Nothing to be done"), "\(build.words)")
      case .bazel: #expect(build.words.contains("1 process: 1 internal"), "\(build.words)")
      case .cmakeMake: #expect(!build.words.contains("Generating") && !build.words.contains("Compiling"))
      }
    }
    Scenario.unchanged.holds(in: system.kind)
  }

  @Test("a change runs what it must, and nothing else", arguments: BuildSystem.available)
  func changes(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    try project.touch("\(project.source)/bpf/alpha.bpf.c")
    // Bazel compares content.
    try Self.expect(project, system.kind == .bazel ? [] : ["compile alpha"], "a BPF source was touched")

    try project.edit("bpf/alpha.bpf.c", "offset = 1000", "offset = 2000")
    let code: Set = ["compile alpha", "link alpha", "skeleton alpha", "ld alpha"]
    try Self.expect(project, code, "code in a BPF source")
    #expect(try project.answers() == ["alpha 2042, 1 passed", "beta 70, 1 passed"])

    try project.edit("bpf/factors.h", "BETA_FACTOR 5", "BETA_FACTOR 6")
    let factor: Set = ["compile alpha", "compile beta", "link beta", "skeleton beta", "ld beta"]
    try Self.expect(project, factor, "a header of BPF sources")
    #expect(try project.answers() == ["alpha 2042, 1 passed", "beta 84, 1 passed"])

    try project.edit("odd #1 $x/limit.bpf.c", "limit_passed >= 100", "limit_passed >= 200")
    let library: Set = [
      "compile limit", "link limit", "subskeleton limit", "link alpha", "link beta", "skeleton alpha", "skeleton beta",
      "ld alpha", "ld beta",
    ]
    try Self.expect(project, library, "code of the library")

    try project.edit("bpf/beta.bpf.c", "__u32 beta_in;", "__u32 beta_in, beta_more;")
    let layout: Set = [
      "compile beta", "link beta", "skeleton beta", "c++ beta", "c++ beta_report", "ld beta",
    ]
    try Self.expect(project, layout, headers: ["beta.skel.h"], "a program's layout")

    try project.edit("odd #1 $x/limit.bpf.c", "__u64 limit_passed;", "__u64 limit_passed, limit_more;")
    let everyone = library.union(["cc limit", "cc alpha", "cc alpha_report", "c++ beta", "c++ beta_report"])
    try Self.expect(
      project, everyone, headers: ["alpha.skel.h", "beta.skel.h", "limit.subskel.h"], "the library's layout")
    #expect(try project.answers() == ["alpha 2042, 1 passed", "beta 84, 1 passed"])
    try Self.sameAsFresh(project)
    // The library is in such a folder.
    for scenario in [Scenario.touched, .code, .layout, .headerEdited, .blankSource] { scenario.holds(in: system.kind) }
  }

  @Test("a branch that is switched, and switched back, has the first outputs again", arguments: systems)
  func branch(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let headers = try project.headers()
    let other = [
      ("bpf/alpha.bpf.c", "offset = 1000", "offset = 2000"), ("bpf/factors.h", "BETA_FACTOR 5", "BETA_FACTOR 6"),
      ("bpf/beta.bpf.c", "__u32 beta_in;", "__u32 beta_in, beta_more;"),
      ("odd #1 $x/limit.bpf.c", "__u64 limit_passed;", "__u64 limit_passed, limit_more;"),
    ]
    for (file, mine, theirs) in other { try project.edit(file, mine, theirs) }
    try project.build().result.checked()
    #expect(try project.headers() != headers)
    #expect(try project.answers() == ["alpha 2042, 1 passed", "beta 84, 1 passed"])
    for (file, mine, theirs) in other { try project.edit(file, theirs, mine) }
    try project.build().result.checked()
    #expect(try project.headers() == headers)
    #expect(try project.answers() == ToolProject.firstAnswers)
    #expect(try project.build().ran == [])
    Scenario.branch.holds(in: system.kind)
  }

  @Test("a header that BPF programs no longer include and that is removed is forgotten", arguments: systems)
  func droppedHeader(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let include = "#include \"factors.h\""
    try project.edit("bpf/alpha.bpf.c", include, "#define ALPHA_FACTOR 3")
    try project.edit("bpf/beta.bpf.c", include, "#define BETA_FACTOR 5")
    try FileManager.default.removeItem(atPath: "\(project.source)/bpf/factors.h")
    let build = try project.build()
    #expect(build.result.succeeded && build.ran.isSuperset(of: ["compile alpha", "compile beta"]), "\(build.words)")
    #expect(build.headers == [] && build.objects == [])
    #expect(try project.build().ran == [])
    #expect(try project.answers() == ToolProject.firstAnswers)
    Scenario.headerRemoved.holds(in: system.kind)
  }

  /// The existing outputs must be those of a first build from the same sources.
  private static func sameAsFresh(_ project: ToolProject) throws {
    let incremental = try project.headers()
    try project.clean()
    try project.build().result.checked()
    #expect(try project.headers() == incremental)
  }

  @Test("an edited or removed output is made again", arguments: BuildSystem.available)
  func damaged(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let headers = try project.headers()
    let undone: [(String, (String) throws -> Void)] = [
      (
        "edited",
        { header in
          let edited = try Data(contentsOf: URL(fileURLWithPath: header)) + Data("#error edited\n".utf8)
          try edited.write(to: URL(fileURLWithPath: header))
        }
      ),
      ("removed", { try FileManager.default.removeItem(atPath: $0) }),
    ]
    for (what, undo) in undone {
      for name in ["alpha.skel.h", "limit.subskel.h"] {
        try undo(try project.output(name))
        let build = try project.build()
        try build.result.checked()
        #expect(!build.ran.contains { $0.hasPrefix("compile") || $0.hasPrefix("link") }, "\(name) \(what)")
        #expect(try project.headers() == headers, "\(name) \(what)")
        #expect(try project.build().ran == [], "\(name) \(what)")
      }
    }
    let payload = try project.output("alpha.skel.o")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: payload))
    try FileManager.default.removeItem(atPath: payload)
    // Bazel only relinks if bytes changed.
    let remade: Set = system.kind == .bazel ? ["skeleton alpha"] : ["skeleton alpha", "ld alpha"]
    try Self.expect(project, remade, "a payload was removed")
    #expect(try Data(contentsOf: URL(fileURLWithPath: payload)) == bytes)
    #expect(try project.answers() == ToolProject.firstAnswers)

    let object = try project.output(system.kind == .bazel ? "alpha_bpf.bpf.o" : "alpha.bpf.o")
    for file in system.kind.seesEditedPayloads ? [payload, object] : [object] {
      let wanted = try Data(contentsOf: URL(fileURLWithPath: file))
      try project.append("edited", to: file)
      let build = try project.build()
      #expect(build.result.succeeded && build.headers == [] && build.objects == [], "\(file)\n\(build.words)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == wanted, "\(file)")
      #expect(try project.build().ran == [], "\(file)")
    }
    Scenario.output.holds(in: system.kind)
  }

  @Test(
    "an option that the build files change runs what it is about",
    arguments: BuildSystem.available.filter(\.kind.isCMake))
  func options(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let plain = "bpf_add_object(alpha_bpf SOURCES bpf/alpha.bpf.c"
    try project.edit("CMakeLists.txt", plain, plain + " DEFINITIONS MORE=1")
    let compiled = try project.build()
    #expect(compiled.result.succeeded && compiled.ran.isSuperset(of: ["compile alpha"]), "\(compiled.words)")
    #expect(!compiled.ran.contains("compile beta") && compiled.objects == [])
    try project.edit("CMakeLists.txt", "NAME alpha HEADER", "SELF_CONTAINED NAME alpha HEADER")
    try Self.expect(
      project, ["skeleton alpha", "cc alpha", "cc alpha_report", "ld alpha"], headers: ["alpha.skel.h"],
      "SELF_CONTAINED")
    #expect(try project.answers() == ToolProject.firstAnswers)
    Scenario.option.holds(in: system.kind)
  }

  @Test(
    "another bpfgen checks every header again, and keeps equal ones",
    arguments: BuildSystem.available)
  func replaced(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    usleep(20_000)
    try project.replaceProgram()
    let build = try project.build()
    try build.result.checked()
    let checks: Set = ["skeleton alpha", "skeleton beta", "subskeleton limit"]
    #expect(system.kind == .bazel ? build.ran == [] : build.ran.isSuperset(of: checks), "\(build.words)")
    #expect(build.headers == [] && build.objects == [])
    // Ninja before 1.12 runs a step with an unchanged output a second time when a depfile brought in something newer.
    _ = try project.build()
    #expect(try project.build().ran == [])
    #expect(try project.answers() == ToolProject.firstAnswers)
    Scenario.bpfgenUpgraded.holds(in: system.kind)
  }

  @Test("a newer compiler at the same path compiles again", arguments: BuildSystem.available)
  func compiler(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    try project.replaceCompiler()
    let build = try project.build()
    let compiles: Set = ["compile alpha", "compile beta", "compile limit"]
    #expect(build.result.succeeded && build.ran == compiles, "\(build.words)")
    #expect(build.headers == [] && build.objects == [])
    #expect(try project.build().ran == [])
    Scenario.compilerUpgraded.holds(in: system.kind)
  }

  @Test(
    "a BPF source that does not compile is one error, and nothing is stale afterwards", arguments: BuildSystem.available
  )
  func broken(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    try project.edit("bpf/alpha.bpf.c", "offset = 1000", "offset = 2000 +")
    for _ in 0..<2 {
      let build = try project.build()
      #expect(!build.result.succeeded)
      let errors = build.words.components(separatedBy: "alpha.bpf.c:").filter { $0.contains(": error:") }
      #expect(errors.count == 1, "\(build.words)")
    }
    try project.edit("bpf/alpha.bpf.c", "offset = 2000 +", "offset = 3000")
    try Self.expect(project, ["compile alpha", "link alpha", "skeleton alpha", "ld alpha"], "mended")
    #expect(try project.answers() == ["alpha 3042, 1 passed", "beta 70, 1 passed"])
    Scenario.broken.holds(in: system.kind)
  }

  @Test("a final that disagrees with its library fails the build", arguments: BuildSystem.available)
  func disagreement(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let own = "enum limit_mode { LIMIT_ON, LIMIT_OFF };\nenum limit_mode limit_mode = LIMIT_OFF;\n__u32 alpha_in;"
    try project.edit("bpf/alpha.bpf.c", "__u32 alpha_in;", own)
    let build = try project.build()
    #expect(!build.result.succeeded && !build.ran.contains("ld alpha"))
    #expect(build.words.contains("its variable 'limit_mode' differs from that of its library"), "\(build.words)")
    try project.edit("bpf/alpha.bpf.c", own, "__u32 alpha_in;")
    try project.build().result.checked()
    #expect(try project.answers() == ToolProject.firstAnswers)
  }

  @Test("a first build is correct with one job and with sixteen", arguments: BuildSystem.available)
  func fromClean(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let headers = try project.headers()
    for round in 0..<(system.kind == .bazel ? 2 : system.edition == .system ? 4 : 2) {
      try project.clean()
      let build = try project.build(jobs: round % 2 == 0 ? 16 : 1)
      #expect(build.result.succeeded, "round \(round)\n\(build.words)")
      #expect(build.ran == ToolProject.allCommands, "round \(round)")
      #expect(try project.headers() == headers && project.answers() == ToolProject.firstAnswers, "round \(round)")
    }
    Scenario.jobs.holds(in: system.kind)
  }
}
