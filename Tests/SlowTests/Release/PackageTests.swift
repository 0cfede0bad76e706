import Foundation
import Testing

@testable import TestSupport

/// The Debian package and the archive, as their users meet them.
@Suite("Packages", .runsTools)
struct PackageTests {
  @Test("lintian has no error and no warning that is not explained", .needs(.tool(.lintian)))
  func lintian() throws {
    let package = try ReleaseTests.file(".deb")
    let lintian = try Tool.lintian.required()
    try Shell.run(lintian, ["--fail-on", "error,warning", "--allow-root", package]).checked()
    // With overrides shown, an overridden tag fails too.
    let result = try Shell.run(lintian, ["--show-overrides", "--allow-root", package])
    // The two that the package explains.
    let overridden = result.stdout.split(separator: "\n").filter { $0.hasPrefix("O: ") }
    #expect(overridden.count == 2, "\(result.stdout)")
    #expect(!result.stdout.contains("unused-override"), "\(result.stdout)")
  }

  @Test("the maintainer is the author of the commit, or set by Debian's variables")
  func maintainer() throws {
    func author(_ format: String) throws -> String {
      try Shell.run("/usr/bin/env", ["git", "-C", Toolchain.root, "log", "-1", "--format=\(format)"]).checked().stdout
        .trimmingCharacters(in: .newlines)
    }
    let name = try Toolchain.setting("DEBFULLNAME") ?? author("%an")
    let address = try Toolchain.setting("DEBEMAIL") ?? author("%ae")
    let field = try Shell.run("/usr/bin/dpkg-deb", ["--field", ReleaseTests.file(".deb"), "Maintainer"]).checked()
    #expect(field.stdout == "\(name) <\(address)>\n")
  }

  /// Tests/packages/check lists what is tested there.
  @Test(
    "in new Debian roots without Swift they are installed, upgraded, used with each build tool, and removed",
    .enabled(if: geteuid() == 0, "SKIPPED: a new root needs root"),
    .needs(.file("/usr/sbin/debootstrap")))
  func freshRoots() throws {
    let folder = try ReleaseTests.snapshots.get()[0]
    let result = try Shell.run("\(Toolchain.root)/Tests/packages/run", [folder], timeoutSeconds: 900).checked()
    print(result.stdout)
    #expect(result.stdout.contains("== Debian bookworm") && result.stdout.contains("== Debian trixie"))
    #expect(result.stdout.split(separator: "\n").count { $0.hasPrefix("ok ") } > 20)
  }
}
