import Foundation
import Testing

@testable import TestSupport

/// `scripts/fetch-libbpf` where there is no archive: the status says so, and the build goes on with the system's libbpf.
@Suite("scripts/fetch-libbpf", .runsTools)
struct FetchLibbpfTests {
  private static func run(_ scratch: Scratch, apt: String?) throws -> Shell.Result {
    let tools = scratch.file("tools")
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    for tool in ["bash", "mkdir", "tail", "sed", "rm", "grep", "cat", "dirname"] {
      let path = try Shell.run("/bin/sh", ["-c", "command -v \(tool)"]).checked().stdout.split(separator: "\n")[0]
      try FileManager.default.createSymbolicLink(atPath: "\(tools)/\(tool)", withDestinationPath: String(path))
    }
    if let apt { _ = try scratch.writeScript(apt, to: "tools/apt-get") }
    return try Shell.run(
      "\(tools)/bash", ["\(Toolchain.root)/scripts/fetch-libbpf", scratch.file("out")], environment: ["PATH": tools])
  }

  @Test("another system than Debian has status 77 and its reason")
  func otherSystem() throws {
    let result = try Self.run(Scratch(), apt: nil)
    #expect(result.status == .exited(77) && result.stderr == "fetch-libbpf: not a Debian system\n", "\(result.stderr)")
  }

  @Test(
    "an archive that cannot be reached has status 77, with apt's words",
    .needs(.file("/usr/share/keyrings/debian-archive-keyring.gpg")))
  func unreachable() throws {
    let scratch = try Scratch()
    let result = try Self.run(
      scratch,
      apt: """
        case "$*" in
        indextargets*) echo http://nowhere.invalid/debian/ ;;
        *) echo 'E: Could not resolve nowhere.invalid' >&2; exit 100 ;;
        esac
        """)
    #expect(result.status == .exited(77), "\(result.stderr)")
    #expect(result.stderr.hasPrefix("fetch-libbpf: Debian's archive gives no source of libbpf\n"), "\(result.stderr)")
    #expect(result.stderr.contains("    E: Could not resolve nowhere.invalid\n"))
    #expect(access(scratch.file("out/prefix/complete"), F_OK) != 0)
  }

  @Test("a libbpf that is there already is kept, and nothing is asked for")
  func kept() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.file("out/prefix"), withIntermediateDirectories: true)
    _ = try scratch.write("", to: "out/prefix/complete")
    try Self.run(scratch, apt: "exit 1").checked()
  }
}
