import Files
import Glibc
import Testing

@Suite("A program that is run to completion")
struct ChildProcessTests {
  @Test("reads megabytes while it writes megabytes")
  func large() throws {
    let input = (0..<10_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let cat = try ChildProcess(["cat"], input: input)
    #expect(cat.ending == .exited(0) && cat.output == input && cat.standardError.isEmpty)
  }

  @Test("its exit status, its standard error and its arguments are unchanged")
  func ending() throws {
    let shell = try ChildProcess(["sh", "-c", "echo \"$1\"; echo oh >&2; exit 7", "sh", "a  'b\" é"], input: [])
    #expect(shell.ending == .exited(7))
    #expect(String(decoding: shell.output, as: UTF8.self) == "a  'b\" é\n")
    #expect(String(decoding: shell.standardError, as: UTF8.self) == "oh\n")
    #expect(try ChildProcess(["sh", "-c", "kill -9 $$"], input: []).ending == .signalled(SIGKILL))
  }

  @Test("a missing program is distinguished from one that fails")
  func missing() {
    #expect(throws: FileError.system(path: "no-such-program", operation: "start", errno: ENOENT)) {
      try ChildProcess(["no-such-program"], input: [])
    }
  }
}
