import Foundation
import Testing

@testable import TestSupport

/// `scripts/release`: the archive, and its description of itself.
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

  /// A snapshot of the tree as it is, twice: what is in it is tested here and in ``PackageTests``.
  static let snapshots = Result {
    try ["first", "second"].map { name in
      let folder = files.file(name)
      try Shell.run("\(Toolchain.root)/scripts/release", ["--snapshot", folder], timeoutSeconds: 600).checked()
      return folder
    }
  }

  // Kept for the life of the process.
  private static let files = try! Scratch()

  /// The one file of the first snapshot whose name ends so.
  static func file(_ suffix: String) throws -> String {
    let folder = try snapshots.get()[0]
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }
    #expect(names.count == 1, "\(names)")
    return try "\(folder)/\(#require(names.first))"
  }

  @Test("archive, package, source, bill of materials and checksums are reproducible in another folder")
  func reproducible() throws {
    let folders = try Self.snapshots.get()
    let names = try folders.map { try FileManager.default.contentsOfDirectory(atPath: $0).sorted() }
    #expect(names[0].count == 6 && names[0] == names[1], "\(names)")
    for name in names[0] {
      let same = FileManager.default.contentsEqual(atPath: "\(folders[0])/\(name)", andPath: "\(folders[1])/\(name)")
      #expect(same, "\(name)")
    }
    let check = ["-C", folders[0], "sha256sum", "--strict", "-c", "SHA256SUMS"]
    let checked = try Shell.run("/usr/bin/env", check).checked()
    #expect(checked.stdout.split(separator: "\n").count == 4)
  }

  @Test(
    "the archive has a bill of materials of everything that is linked in, with the licences", .needs(.file(validator)))
  func archive() throws {
    let scratch = try Scratch()
    let archive = try Self.file("-linux.tar.gz")
    try Shell.run("/bin/tar", ["-C", scratch.path, "--strip-components=1", "-xzf", archive]).checked()
    let document = scratch.file("share/doc/bpfgen/bpfgen.spdx.json")
    try Shell.run(Self.validator, ["-i", document]).checked()
    #expect(FileManager.default.contentsEqual(atPath: document, andPath: try Self.file(".spdx.json")))
    let bill = try JSONDecoder().decode(Bill.self, from: Data(contentsOf: URL(fileURLWithPath: document)))
    let digest = try Shell.run("/usr/bin/sha256sum", [scratch.file("bin/bpfgen")]).checked().stdout.prefix(64)
    #expect(bill.packages[0].name == "bpfgen" && bill.packages[0].checksums?.map(\.checksumValue) == [String(digest)])
    let printed = try Shell.run(scratch.file("bin/bpfgen"), ["--version"]).checked().stdout
    let version = try #require(archive.firstMatch(of: /bpfgen-([^\/]*)-[^-]*-linux\.tar\.gz$/)?.1)
    #expect(printed.hasPrefix("bpfgen \(version)\n") && bill.packages[0].versionInfo == version, "\(printed)")
    let others = bill.packages.dropFirst()
    #expect(Set(others.map(\.name).filter { !$0.hasPrefix("gcc-") }) == Self.linked)
    #expect(others.allSatisfy { !$0.versionInfo.isEmpty })
    let links = bill.relationships.filter { $0.relationshipType == "STATIC_LINK" }.map(\.relatedSpdxElement)
    #expect(links == others.map { "SPDXRef-\($0.name)" })
    let licences = scratch.file("share/doc/bpfgen/licences")
    let texts = try Set(FileManager.default.contentsOfDirectory(atPath: licences))
    let common = texts.subtracting(bill.packages.map(\.name))
    #expect(texts.isSuperset(of: bill.packages.map(\.name)) && common.isSuperset(of: ["GPL-2", "GPL-3", "LGPL-2.1"]))
    #expect(common.allSatisfy { FileManager.default.fileExists(atPath: "/usr/share/common-licenses/\($0)") })
    for package in bill.packages {
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(licences)/\(package.name)")).count > 500)
    }
  }

  /// Compiles everything again, which takes minutes.
  @Test("the source archive builds without a network in another folder, given libbpf, and gives the same binary")
  func elsewhere() throws {
    let scratch = try Scratch()
    let copy = scratch.file("another folder/with a longer name/bpfgen")
    let source = try Self.file("-linux.tar.gz").replacing(/-[^-]*-linux\.tar\.gz$/, with: ".tar.gz")
    let unpack = "mkdir -p \"$1\" && tar -C \"$1\" --strip-components=1 -xzf \"$2\""
    try Shell.run("/bin/sh", ["-c", unpack, "sh", copy, source]).checked()
    // As scripts/install calls it for a packager. What it makes may be moved.
    let (fetched, libbpf) = (scratch.file("fetched"), "\(copy)/.build/libbpf")
    try Shell.run(
      "\(copy)/scripts/fetch-libbpf", [fetched], environment: ["DESTDIR": scratch.file("packaged")], timeoutSeconds: 300
    ).checked()
    #expect(!FileManager.default.fileExists(atPath: scratch.file("packaged")))
    try FileManager.default.createDirectory(atPath: "\(copy)/.build", withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: fetched, toPath: libbpf)
    let offline = geteuid() == 0 ? ["unshare", "--net"] : []
    try Shell.run("/usr/bin/env", offline + ["\(copy)/scripts/build"], timeoutSeconds: 900).checked()
    let built = ["\(Toolchain.root)/.build/static/release/bpfgen", "\(copy)/.build/static/release/bpfgen"]
    #expect(FileManager.default.contentsEqual(atPath: built[0], andPath: built[1]))
  }
}
