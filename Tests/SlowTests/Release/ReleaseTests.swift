import Foundation
import Testing

@testable import TestSupport

/// `scripts/release`: the archive that people are given, and what it says of itself.
@Suite("scripts/release", .runsTools)
struct ReleaseTests {
  private static let validator = "\(Toolchain.root)/.build/tools/spdx/bin/pyspdxtools"

  private struct Bill: Decodable {
    let packages: [Package]
    let relationships: [Relationship]

    struct Package: Decodable {
      let name: String
      let versionInfo: String
      let checksums: [Checksum]?
    }

    struct Checksum: Decodable { let checksumValue: String }

    struct Relationship: Decodable {
      let relationshipType: String
      let relatedSpdxElement: String
    }
  }

  /// What the program is linked with, by the packages that the archives are of.
  private static let linked: Set = ["elfutils", "glibc", "libbpf", "swift", "xxhash", "zlib"]

  @Test(
    "the archive has a bill of all that is linked in, with its licences, and is the same bytes again",
    .needs(.file(validator)))
  func archive() throws {
    let scratch = try Scratch()
    let script = "\(Toolchain.root)/scripts/release"
    let archives = try ["first", "second"].map { folder in
      try Shell.run(script, [scratch.file(folder)], timeoutSeconds: 600).checked()
      let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file(folder))
      #expect(names.count == 1)
      return scratch.file("\(folder)/\(names[0])")
    }
    #expect(FileManager.default.contentsEqual(atPath: archives[0], andPath: archives[1]))

    try Shell.run("/bin/tar", ["-C", scratch.path, "--strip-components=1", "-xzf", archives[0]]).checked()
    let document = scratch.file("share/doc/bpfgen/bpfgen.spdx.json")
    try Shell.run(Self.validator, ["-i", document]).checked()
    let bill = try JSONDecoder().decode(Bill.self, from: Data(contentsOf: URL(fileURLWithPath: document)))
    let digest = try Shell.run("/usr/bin/sha256sum", [scratch.file("bin/bpfgen")]).checked().stdout.prefix(64)
    #expect(bill.packages[0].name == "bpfgen" && bill.packages[0].checksums?.map(\.checksumValue) == [String(digest)])
    let others = bill.packages.dropFirst()
    #expect(Set(others.map(\.name).filter { !$0.hasPrefix("gcc-") }) == Self.linked)
    #expect(others.allSatisfy { !$0.versionInfo.isEmpty })
    let links = bill.relationships.filter { $0.relationshipType == "STATIC_LINK" }.map(\.relatedSpdxElement)
    #expect(links == others.map { "SPDXRef-\($0.name)" })
    let licences = scratch.file("share/doc/bpfgen/licences")
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: licences)) == Set(bill.packages.map(\.name)))
    for package in bill.packages {
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(licences)/\(package.name)")).count > 500)
    }
  }

  /// Compiles everything once more, which takes minutes.
  @Test("a copy of the tree in another folder gives the same binary")
  func elsewhere() throws {
    let scratch = try Scratch()
    let copy = scratch.file("another folder/with a longer name/bpfgen")
    let script = "mkdir -p \"$1\" && git ls-files -z | tar --null -cf - -T - | tar -xf - -C \"$1\""
    try Shell.run("/usr/bin/env", ["-C", Toolchain.root, "sh", "-c", script, "sh", copy]).checked()
    try Shell.run("\(copy)/scripts/build", [], timeoutSeconds: 900).checked()
    let built = ["\(Toolchain.root)/.build/static/release/bpfgen", "\(copy)/.build/static/release/bpfgen"]
    #expect(FileManager.default.contentsEqual(atPath: built[0], andPath: built[1]))
  }
}
