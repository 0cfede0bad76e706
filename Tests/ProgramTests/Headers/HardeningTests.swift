import Foundation
import Testing

@testable import TestSupport

/// A program keeps its branch protection with a payload. SlowTests has more compilers and machines.
@Suite("Hardening flags", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct HardeningTests {
  private let build = HardenedBuild.x86

  @Test("a payload keeps a program's properties, even with a linker that requires them")
  func kept() throws { try HardenedProgram(build).expectPropertiesKept() }

  @Test("a linker that requires them refuses an object without the note, so the test above can fail")
  func control() throws {
    let program = try HardenedProgram(build)
    var plain = build
    plain.flags = ["-fcf-protection=none"]
    let bare = try plain.compile("int bare;\n", named: "bare", in: program.scratch)
    let linked = program.scratch.file("linked")
    let link = ["-shared", "-o", linked, program.user, program.payload, bare]
    #expect(try !Shell.run("/usr/bin/ld", build.strict + link).succeeded)
    try Shell.run("/usr/bin/ld", link).checked()
    #expect(try ELFText.properties(linked) == [])
  }
}
