import BPF
import Foundation
import Testing

@testable import TestSupport

/// Light skeletons that libbpf gives up on, in a process that does other work.
@Suite("Refused loaders", .runsTools, .needs(.tool(.clang)))
struct LoaderRefusalTests {
  @Test("libbpf closes no descriptor of the process")
  func descriptors() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(LoaderRefusal.source, named: "refused", in: scratch)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: object)))
    // Whether or not the tests were started with a standard input.
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    if fcntl(0, F_GETFD) == -1 { dup2(file, 0) }
    for _ in 0..<2 {
      #expect(throws: ObjectError.self) { try LightObject(bytes, name: "refused") }
      #expect(fcntl(0, F_GETFD) != -1)
    }
  }
}
