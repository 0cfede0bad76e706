import Foundation
import Testing

@testable import TestSupport

@Suite("scripts/require-packages", .runsTools)
struct RequirePackagesTests {
  @Test("nothing runs if nothing is missing")
  func nothingMissing() throws {
    let tools = try FakeApt(in: Scratch(), installed: ["make", "gcc"])
    let result = try tools.require("make", "gcc").checked()
    #expect(result.stdout.isEmpty && result.stderr.isEmpty)
    #expect(try tools.calls() == [])
  }

  @Test("what is missing is installed, and nothing else")
  func missing() throws {
    let tools = try FakeApt(in: Scratch(), installed: ["make"])
    #expect(try tools.require("make", "gcc", "g++").checked().stdout == "installing with apt: gcc g++\n")
    #expect(try tools.calls() == ["noninteractive install gcc g++"])
  }

  @Test("package lists are fetched if there are none")
  func noLists() throws {
    let tools = try FakeApt(in: Scratch(), installed: [], hasLists: false)
    try tools.require("gcc").checked()
    #expect(
      try tools.calls() == ["noninteractive install gcc", "noninteractive update", "noninteractive install gcc"])
  }

  @Test("a package that does not exist is an error with apt's message")
  func unknown() throws {
    let tools = try FakeApt(in: Scratch(), installed: [])
    let result = try tools.require("no-such-package")
    #expect(result.status == .exited(1))
    #expect(result.stderr.contains("E: Unable to locate package no-such-package\n"))
    #expect(result.stderr.hasSuffix("require-packages: apt-get could not install: no-such-package\n"))
  }

  @Test("without root it prints what to run")
  func notRoot() throws {
    let tools = try FakeApt(in: Scratch(), installed: ["make"], user: 1000)
    let result = try tools.require("make", "gcc")
    #expect(result.status == .exited(1))
    #expect(result.stderr.contains("\n    apt-get update && apt-get install -y --no-install-recommends gcc\n"))
    #expect(try tools.calls() == [])
  }
}

/// A folder of stand-ins for `dpkg-query`, `apt-get` and `id` to put in front of the `PATH`.
struct FakeApt {
  /// Reports every package as installed.
  static let all: [String] = ["*"]

  private let scratch: Scratch

  init(in scratch: Scratch, installed: [String], hasLists: Bool = true, user: Int = 0) throws {
    self.scratch = scratch
    try FileManager.default.createDirectory(atPath: scratch.file("apt"), withIntermediateDirectories: true)
    if hasLists { _ = try scratch.write("", to: "apt/lists") }
    _ = try scratch.writeScript("echo \(user)", to: "apt/id")
    _ = try scratch.writeScript(
      """
      for package; do :; done
      case $package in \(installed.joined(separator: "|").isEmpty ? "''" : installed.joined(separator: "|"))) echo installed ;; *) exit 1 ;; esac
      """, to: "apt/dpkg-query")
    _ = try scratch.writeScript(
      """
      words=
      for word; do case $word in -*|DPkg*) ;; *) words="$words $word" ;; esac; done
      echo "$DEBIAN_FRONTEND$words" >>"${0%/*}/calls"
      case $words in
      ' update') : >"${0%/*}/lists" ;;
      *no-such-package*) echo 'E: Unable to locate package no-such-package' >&2; exit 100 ;;
      *) [ -e "${0%/*}/lists" ] || exit 100 ;;
      esac
      """, to: "apt/apt-get")
  }

  var environment: [String: String] {
    ["PATH": "\(scratch.file("apt")):\(Toolchain.setting("PATH") ?? "/usr/bin:/bin")"]
  }

  func require(_ packages: String...) throws -> Shell.Result {
    try Shell.run("\(Toolchain.root)/scripts/require-packages", packages, environment: environment)
  }

  /// The arguments of apt-get after its frontend, without options.
  func calls() throws -> [String] {
    let log = scratch.file("apt/calls")
    guard access(log, F_OK) == 0 else { return [] }
    return try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
  }
}
