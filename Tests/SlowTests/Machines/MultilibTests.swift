import Foundation
import Testing

@testable import TestSupport

/// Programs of 32 bits on a machine of 64, which gcc-multilib builds.
@Suite("32-bit programs", .runsTools, .needs(.multilib, .tool(.clang)))
struct MultilibTests {
  private static let system = BuildSystem(kind: .cmakeNinja, edition: .system)

  @Test("a program has the object's bytes")
  func thirtyTwoBits() throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    let like = try scratch.write("int other;\n", to: "like.c")
    try Shell.run(Tool.gcc.required(), ["-m32", "-c", like, "-o", scratch.file("like.o")]).checked()
    try sample.split(payload: "sample.skel.o", ["--like", scratch.file("like.o")])
    // libbpf for 32 bits is not needed: of the header's functions only the one that gives the bytes is used.
    let program = try sample.program(.gcc, ["-m32", "sample.skel.o"], libraries: [])
    #expect(try sample.bytesFrom(program) == sample.bytes())
    #expect(try ELFText.stack(program) == "RW")
  }

  @Test("parts of a project that build for different machines have payloads for theirs")
  func machines() throws {
    let lists = "add_subdirectory(wide)\nadd_subdirectory(narrow)\nadd_subdirectory(flagged)\n"
    let part = """
      bpf_add_object(NAME_bpf SOURCES ../app.bpf.c)
      bpf_add_skeleton(NAME_skel NAME_bpf HEADER app.skel.h)

      """
    let other = "add_library(other_libbpf INTERFACE)\nset(BPFGEN_LIBBPF other_libbpf)\n"
    let narrow = "set(CMAKE_C_FLAGS \"${CMAKE_C_FLAGS} -m32 -flto\")\n"
    let project = try CMakeProject(
      Self.system, lists: other + lists,
      files: [
        "app.bpf.c": CMakeProject.bpf("app"), "wide/CMakeLists.txt": part.replacing("NAME", with: "wide"),
        "narrow/CMakeLists.txt": narrow + part.replacing("NAME", with: "narrow"),
        "flagged/CMakeLists.txt": "add_compile_options(-m32)\n" + part.replacing("NAME", with: "flagged"),
      ])
    try project.configure().checked()
    try project.build().checked()
    for (name, elfClass) in [("wide", "ELF64"), ("narrow", "ELF32"), ("flagged", "ELF32")] {
      let payload = project.made("\(name)/bpf/\(name)_skel/app.skel.o")
      #expect(try Shell.run("/usr/bin/readelf", ["-h", payload]).checked().stdout.contains(elfClass), "\(name)")
    }
    try project.configure().checked()
    #expect(try !project.build().checked().stdout.contains("bpfgen skeleton"))
    Scenario.cross.holds(in: Self.system.kind)
  }
}
