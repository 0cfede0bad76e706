import Foundation
import Testing

@testable import TestSupport

/// Changes to a project as a whole, with each build tool from the distribution.
extension BuildToolTests {
  static let systems = BuildSystem.available.filter { $0.edition == .system }

  // MARK: Sources

  /// The edit that moves all BPF sources except the library's to another folder, in each tool's build file.
  private static func renaming(in kind: BuildSystem.Kind) -> [(file: String, old: String, new: String)] {
    switch kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake:
      [
        ("CMakeLists.txt", "SOURCES bpf/", "SOURCES kernel/"),
        ("CMakeLists.txt", "set(bpf_includes bpf ", "set(bpf_includes kernel "),
      ]
    case .ninja: [("build.ninja", "bpfgen_compile bpf/", "bpfgen_compile kernel/")]
    case .make: [("Makefile", "out/bpf/alpha", "out/kernel/alpha"), ("Makefile", "out/bpf/beta", "out/kernel/beta")]
    case .meson: [("meson.build", "'bpf' / name", "'kernel' / name")]
    case .bazel: [("BUILD.bazel", "\"bpf/", "\"kernel/")]
    }
  }

  @Test("sources that are renamed, and renamed back, compile again and change no header", arguments: systems)
  func renamed(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let headers = try project.headers()
    for (old, new, isBack) in [("bpf", "kernel", false), ("kernel", "bpf", true)] {
      try FileManager.default.moveItem(atPath: "\(project.source)/\(old)", toPath: "\(project.source)/\(new)")
      for edit in Self.renaming(in: system.kind) {
        try project.edit(edit.file, isBack ? edit.new : edit.old, isBack ? edit.old : edit.new)
      }
      let build = try project.build()
      #expect(build.result.succeeded, "\(build.words)")
      #expect(try project.headers() == headers && build.headers == [], "\(build.words)")
      #expect(!build.ran.contains { $0.hasPrefix("cc ") || $0.hasPrefix("c++ ") }, "\(build.words)")
      #expect(try project.build().ran == [])
      #expect(try project.answers() == ToolProject.firstAnswers)
    }
    Scenario.sourceRenamed.holds(in: system.kind)
  }

  /// The edit that links one more object into both finals, in each tool's build file.
  private static func addition(to kind: BuildSystem.Kind) -> [(file: String, old: String, new: String)] {
    switch kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake:
      [
        ("CMakeLists.txt", "bpf_add_library(", "bpf_add_object(extra_bpf SOURCES bpf/extra.bpf.c)\nbpf_add_library("),
        ("CMakeLists.txt", "OBJECTS alpha_bpf LIB", "OBJECTS alpha_bpf extra_bpf LIB"),
        ("CMakeLists.txt", "OBJECTS beta_bpf LIB", "OBJECTS beta_bpf extra_bpf LIB"),
      ]
    case .ninja:
      [
        (
          "build.ninja", "build out/bpf/limit.bpf.o:",
          "build out/bpf/extra.bpf.o: bpfgen_compile bpf/extra.bpf.c\nbuild out/bpf/limit.bpf.o:"
        ),
        ("build.ninja", "out/bpf/alpha.bpf.o out/limit", "out/bpf/alpha.bpf.o out/bpf/extra.bpf.o out/limit"),
        ("build.ninja", "out/bpf/beta.bpf.o out/limit", "out/bpf/beta.bpf.o out/bpf/extra.bpf.o out/limit"),
      ]
    case .make:
      [
        ("Makefile", "out/bpf/alpha.bpf.o,", "out/bpf/alpha.bpf.o out/bpf/extra.bpf.o,"),
        ("Makefile", "out/bpf/beta.bpf.o,", "out/bpf/beta.bpf.o out/bpf/extra.bpf.o,"),
      ]
    case .meson:
      [
        (
          "meson.build", "skeletons = {}",
          """
          extra = custom_target(
            input: 'bpf/extra.bpf.c', output: 'extra.bpf.o', depfile: 'extra.bpf.o.d', command: bpf['compile'])
          skeletons = {}
          """
        ),
        ("meson.build", "input: [object, limit]", "input: [object, extra, limit]"),
      ]
    case .bazel:
      [
        (
          "BUILD.bazel", "bpf_library(\n",
          "bpf_object(\n    name = \"extra_bpf\",\n    src = \"bpf/extra.bpf.c\",\n)\n\nbpf_library(\n"
        ),
        ("BUILD.bazel", "objects = [\":%s_bpf\" % name]", "objects = [\":%s_bpf\" % name, \":extra_bpf\"]"),
      ]
    }
  }

  @Test("an object that is added to finals, and removed again, runs only what depends on them", arguments: systems)
  func added(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let headers = try project.headers()
    let feeding: Set = ["link alpha", "link beta", "skeleton alpha", "skeleton beta", "ld alpha", "ld beta"]
    let source = try project.scratch.write("unsigned int extra_count = 1;\n", to: "project/bpf/extra.bpf.c")
    for edit in Self.addition(to: system.kind) { try project.edit(edit.file, edit.old, edit.new) }
    let more = try project.build()
    #expect(more.result.succeeded && more.ran.isSuperset(of: feeding.union(["compile extra"])), "\(more.words)")
    #expect(more.headers == ["alpha.skel.h", "beta.skel.h"], "\(more.words)")
    #expect(!more.ran.contains("compile alpha") && !more.ran.contains("subskeleton limit"), "\(more.words)")
    #expect(try project.answers() == ToolProject.firstAnswers)

    try FileManager.default.removeItem(atPath: source)
    for edit in Self.addition(to: system.kind).reversed() { try project.edit(edit.file, edit.new, edit.old) }
    let less = try project.build()
    #expect(less.result.succeeded && !less.ran.contains("compile alpha"), "\(less.words)")
    #expect(try project.headers() == headers)
    #expect(try project.build().ran == [])
    #expect(try project.answers() == ToolProject.firstAnswers)
    Scenario.objectAdded.holds(in: system.kind)
  }

  // MARK: Build files

  /// The edit that adds a definition to BPF compiles, in each tool's build file; the CMake projects have
  /// ``options(_:)``.
  private static func definition(in kind: BuildSystem.Kind) -> (file: String, old: String, new: String)? {
    switch kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake: nil
    case .ninja: ("build.ninja", "bpf_flags = $bpf_flags", "bpf_flags = $bpf_flags -DMORE=1")
    // A change of a Makefile runs nothing in make. Its users clean.
    case .make: nil
    case .meson: ("meson.build", "bpf['compile'] + [", "bpf['compile'] + ['-DMORE=1', ")
    case .bazel: ("BUILD.bazel", "copts = [\"-Wall\"]", "copts = [\"-Wall\", \"-DMORE=1\"]")
    }
  }

  @Test(
    "a definition that the build file adds compiles again, and nothing follows from an equal object",
    arguments: systems.filter { definition(in: $0.kind) != nil })
  func defined(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let edit = try #require(Self.definition(in: system.kind))
    try project.edit(edit.file, edit.old, edit.new)
    let build = try project.build()
    #expect(build.result.succeeded && build.ran.isSuperset(of: ["compile alpha", "compile beta"]), "\(build.words)")
    #expect(build.headers == [] && build.objects == [], "\(build.words)")
    #expect(!build.ran.contains { $0.hasPrefix("link") || $0.hasPrefix("skeleton") }, "\(build.words)")
    #expect(try project.build().ran == [])
    Scenario.option.holds(in: system.kind)
  }

  // MARK: Folders

  @Test(
    "two build folders of one source folder, one with a blank in its name, build without affecting each other",
    arguments: systems.filter { $0.kind.isCMake || $0.kind == .meson })
  func twoFolders(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    var other = project
    other.folder = "out two"
    try other.configure().checked()
    let first = try other.build()
    #expect(first.result.succeeded && first.ran == ToolProject.allCommands, "\(first.words)")
    #expect(try project.build().ran == [])
    try project.edit("bpf/alpha.bpf.c", "offset = 1000", "offset = 2000")
    for one in [project, other] {
      let build = try one.build()
      #expect(build.ran == ["compile alpha", "link alpha", "skeleton alpha", "ld alpha"], "\(build.words)")
      #expect(try one.answers() == ["alpha 2042, 1 passed", "beta 70, 1 passed"])
      #expect(try one.build().ran == [])
    }
    Scenario.twoFolders.holds(in: system.kind)
    Scenario.blankBuild.holds(in: system.kind)
  }

  // MARK: Runs

  @Test("an interrupted build is finished by the next one", arguments: systems)
  func interrupted(_ system: BuildSystem) throws {
    let project = try ToolProject.built(system)
    let headers = try project.headers()
    try project.clean()
    let start = ContinuousClock.now
    try project.build().result.checked()
    let took = (ContinuousClock.now - start) / .seconds(1)
    var interruptions = 0
    for share in [0.15, 0.4, 0.7] {
      try project.clean()
      if try !project.buildInterrupted(afterSeconds: took * share).succeeded { interruptions += 1 }
      let build = try project.build()
      #expect(build.result.succeeded, "after \(share) of a build\n\(build.words)")
      #expect(try project.headers() == headers, "after \(share) of a build")
      #expect(try project.answers() == ToolProject.firstAnswers, "after \(share) of a build")
      // Ninja before 1.12 runs a step with an unchanged output a second time when a depfile brought in something newer.
      _ = try project.build()
      #expect(try project.build().ran == [], "after \(share) of a build")
    }
    #expect(interruptions > 0)
    Scenario.interrupted.holds(in: system.kind)
  }

  // MARK: Programs

  private static let flags: [(scenario: Scenario, flags: String, bazelOption: String?)] = [
    (.linkTimeOptimization, "-flto", nil), (.sanitizers, "-fsanitize=address,undefined", nil),
    // Bazel links libraries dynamically too, and gives them what it gives programs.
    (.positionIndependent, "-fPIE -pie", "--force_pic"),
  ]

  @Test("programs are built with compiler options that projects use", arguments: systems)
  func compilerFlags(_ system: BuildSystem) throws {
    for (scenario, flags, bazelOption) in Self.flags {
      let project = try ToolProject(system)
      try project.configure(flags: flags, bazelOption: bazelOption)
      let build = try project.build()
      #expect(build.result.succeeded, "\(flags)\n\(build.words)")
      #expect(try project.answers() == ToolProject.firstAnswers, "\(flags)")
      #expect(try project.build().ran == [], "\(flags)")
      scenario.holds(in: system.kind)
    }
  }
}
