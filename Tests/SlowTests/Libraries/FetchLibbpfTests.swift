import Foundation
import Testing

@testable import TestSupport

/// `scripts/fetch-libbpf` without an archive: its status shows that, and the build continues with the system's libbpf.
@Suite("scripts/fetch-libbpf", .runsTools)
struct FetchLibbpfTests {
  private static func run(_ scratch: Scratch, apt: String?) throws -> Shell.Result {
    let tools = scratch.file("tools")
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    for tool in [
      "bash", "mkdir", "head", "tail", "sed", "rm", "grep", "cat", "dirname", "touch", "tar", "gzip", "make", "sh",
    ] {
      let path = try Shell.run("/bin/sh", ["-c", "command -v \(tool)"]).checked().stdout.split(separator: "\n")[0]
      try FileManager.default.createSymbolicLink(atPath: "\(tools)/\(tool)", withDestinationPath: String(path))
    }
    if let apt { _ = try scratch.writeScript(apt, to: "tools/apt-get") }
    return try Shell.run(
      "\(tools)/bash", ["\(Toolchain.root)/scripts/fetch-libbpf", scratch.file("out")], environment: ["PATH": tools])
  }

  @Test("a system other than Debian gives status 77 and the reason")
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

  /// Replaces libbpf's source archive with one that only has a makefile.
  private static let oldSuiteOnly = """
    case "$*" in
    indextargets*) echo http://archive.invalid/debian/ ;;
    *update)
      touch "${0%/tools/*}/out/apt/lists/archive.invalid_debian_dists_trixie_main_source_Sources"
      echo 'E: Release file for http://archive.invalid/debian/dists/sid/InRelease is expired (invalid since 3d).' >&2
      exit 100
      ;;
    *)
      echo 'Version: 1.5.0-3' >libbpf_1.5.0-3.dsc
      mkdir -p libbpf/src
      for licence in LICENSE LICENSE.BSD-2-Clause LICENSE.LGPL-2.1; do echo "$licence" >libbpf/$licence; done
      echo 'install: ; mkdir -p $(LIBDIR)/pkgconfig && echo prefix=$(PREFIX) >$(LIBDIR)/pkgconfig/libbpf.pc' >libbpf/src/Makefile
      tar -czf libbpf_1.5.0.orig.tar.gz libbpf
      ;;
    esac
    """

  @Test(
    "an index that has expired is named, with the version that is taken without it",
    .needs(.file("/usr/share/keyrings/debian-archive-keyring.gpg")))
  func expired() throws {
    let result = try Self.run(Scratch(), apt: Self.oldSuiteOnly).checked()
    #expect(
      result.stderr == """
        fetch-libbpf: warning: apt has no index of sid, whose libbpf may be newer than this one, 1.5.0-3
            E: Release file for http://archive.invalid/debian/dists/sid/InRelease is expired (invalid since 3d).

        """)
  }

  @Test("an existing libbpf is kept, and nothing is downloaded")
  func kept() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.file("out/prefix"), withIntermediateDirectories: true)
    _ = try scratch.write("", to: "out/prefix/complete")
    try Self.run(scratch, apt: "exit 1").checked()
  }
}
