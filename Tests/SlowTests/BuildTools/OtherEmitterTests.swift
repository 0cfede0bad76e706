import Foundation
import Testing

@testable import TestSupport

/// A bpfgen of another emitter version, built for this, in each build tool.
@Suite(
  "Another emitter", .runsTools, .serialized, .needs(.tool(.clang)),
  .enabled(if: geteuid() == 0, "SKIPPED: a build in a mount namespace needs root"))
struct OtherEmitterTests {
  @Test("writes every header, and what includes them is compiled", arguments: BuildSystem.available)
  func replaced(_ system: BuildSystem) throws {
    let project = try ToolProject.made(system)
    usleep(20_000)
    try project.replaceProgram(by: OtherEmitter.program())
    let other = try project.build()
    try other.result.checked()
    #expect(other.headers == ["alpha.skel.h", "beta.skel.h", "limit.subskel.h"], "\(other.words)")
    let including: Set = ["cc alpha", "cc alpha_report", "cc limit", "c++ beta", "c++ beta_report"]
    #expect(other.ran.filter { $0.hasPrefix("cc ") || $0.hasPrefix("c++ ") } == including, "\(other.words)")
    #expect(try project.answers() == ToolProject.firstAnswers)
  }
}
