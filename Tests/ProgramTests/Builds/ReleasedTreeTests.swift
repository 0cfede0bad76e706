import Foundation
import Testing

@testable import TestSupport

/// A newer bpfgen over the build tree of an earlier release: its state, its headers, its payload. `Tests/releases/record` made
/// the trees, one a release.
@Suite("A build tree of an earlier release", .runsTools)
struct ReleasedTreeTests {
  private static let folder = "\(Toolchain.fixtures)/releases"
  private static let versions = try! FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  private static let linked = ["gen/app.bpf.o", "gen/thelib.bpf.o"]
  private static let headers = ["gen/app.skel.h", "gen/thelib.subskel.h"]
  private static let outputs = linked + headers + ["gen/app.skel.o"]

  /// A copy of a release's tree, and one without what was built there.
  private struct Tree {
    let scratch: Scratch
    let release: String

    init(_ version: String) throws {
      scratch = try Scratch()
      release = "\(folder)/\(version)"
      for name in ["old", "clean"] {
        try FileManager.default.copyItem(atPath: "\(release)/tree", toPath: scratch.file(name))
      }
      for name in [".bpfgen", "gen"] { try FileManager.default.removeItem(atPath: scratch.file("clean/\(name)")) }
    }

    func build(_ name: String) throws -> String {
      let run = try Shell.run(Toolchain.bpfgen(), ["build", "-v", "-C", scratch.file(name)]).checked()
      #expect(run.stderr == "")
      return run.stdout
    }

    func states(_ files: [String]) throws -> [FileState] { try files.map { try FileState(scratch.file("old/\($0)")) } }

    func expectOutputsOfCleanBuild() throws {
      _ = try build("clean")
      for file in outputs {
        let paths = ["old", "clean"].map { scratch.file("\($0)/\(file)") }
        #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]), "\(file)")
      }
    }

    /// Whether the release has the emitter that is tested: then no header has a reason to change.
    func hasCurrentEmitter() throws -> Bool {
      let emitter = try String(contentsOfFile: "\(release)/emitter", encoding: .utf8)
      return try Shell.run(Toolchain.bpfgen(), ["version"]).checked().stdout.contains("\nemitter \(emitter)")
    }
  }

  @Test(
    "the first build gives what a clean one does, and writes nothing but the headers of another emitter",
    arguments: versions)
  func kept(_ version: String) throws {
    let tree = try Tree(version)
    let isCurrent = try tree.hasCurrentEmitter()
    let untouched = isCurrent ? Self.outputs : Self.linked
    let before = try tree.states(untouched)
    let words = try tree.build("old")
    if isCurrent { #expect(words.contains("nothing to do")) }
    #expect(try tree.states(untouched) == before)
    try tree.expectOutputsOfCleanBuild()
    #expect(try tree.build("old").contains("nothing to do"))
  }

  @Test("after an edit the first build runs what the edit and the emitter require", arguments: versions)
  func edited(_ version: String) throws {
    let tree = try Tree(version)
    let before = try tree.states(Self.headers)
    for name in ["old", "clean"] {
      let object = tree.scratch.file("\(name)/main.bpf.o")
      try FileManager.default.removeItem(atPath: object)
      try FileManager.default.copyItem(atPath: "\(tree.release)/changed/main.bpf.o", toPath: object)
    }
    let words = try tree.build("old")
    if try tree.hasCurrentEmitter() {
      #expect(words.contains("3 ran, 5 kept, 2 files written"), "\(words)")
      #expect(try tree.states(Self.headers) == before)
    }
    try tree.expectOutputsOfCleanBuild()
    #expect(try tree.build("old").contains("nothing to do"))
  }

  @Test("each version in the changelog has one")
  func recorded() throws {
    let changelog = try String(contentsOfFile: "\(Toolchain.root)/CHANGELOG.md", encoding: .utf8)
    let headings = changelog.split(separator: "\n").compactMap { $0.wholeMatch(of: /## \[([0-9.]+)\] - .*/)?.1 }
    let released = headings.map(String.init)
    #expect(Set(Self.versions).isSuperset(of: released), "Tests/releases/record makes it")
  }
}
