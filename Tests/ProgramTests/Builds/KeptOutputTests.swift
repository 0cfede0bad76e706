import Foundation
import Testing

@testable import TestSupport

/// A run does not touch a file that would stay the same: build tools compare inodes and times.
@Suite("Kept and rewritten outputs", .runsTools, .needs(.tool(.clang)))
struct KeptOutputTests {
  private struct Setup {
    let scratch: Scratch
    let object: String
    var header: String { scratch.file("lib.h") }
    var payload: String { scratch.file("lib.o") }
    var depfile: String { scratch.file("lib.d") }

    init() throws {
      scratch = try Scratch()
      object = try CommandLineTests.library(in: scratch)
    }

    func run(_ command: String = "skeleton", object: String? = nil, name: String = "lib", isSplit: Bool = true) throws {
      let split = isSplit && command == "skeleton" ? ["--payload", payload] : []
      let arguments = [command, object ?? self.object, "-o", header, "--depfile", depfile, "--name", name] + split
      try Shell.run(Toolchain.bpfgen(), arguments).checked()
    }

    func read() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: header)) }
    func write(_ bytes: Data) throws { try bytes.write(to: URL(fileURLWithPath: header)) }
  }

  @Test("a second run touches nothing", arguments: [("skeleton", true), ("skeleton", false), ("subskeleton", false)])
  func secondRun(_ command: String, _ isSplit: Bool) throws {
    let setup = try Setup()
    try setup.run(command, isSplit: isSplit)
    let paths = [setup.header, setup.depfile] + (isSplit ? [setup.payload] : [])
    let before = try paths.map(FileState.init)
    try setup.run(command, isSplit: isSplit)
    #expect(try paths.map(FileState.init) == before)
  }

  @Test("a copied or touched object changes nothing")
  func copied() throws {
    let setup = try Setup()
    try setup.run()
    let before = try FileState(setup.header)
    let copy = setup.scratch.file("copy.bpf.o")
    try FileManager.default.copyItem(atPath: setup.object, toPath: copy)
    try setup.run(object: copy)
    #expect(try FileState(setup.header) == before)
  }

  /// A way to damage a header.
  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout Data) throws -> Void
  }

  static let damages: [Damage] = [
    Damage(testDescription: "a blank at the end") { $0.append(32) },
    Damage(testDescription: "the last byte is missing") { $0.removeLast() },
    Damage(testDescription: "half of it is missing") { $0 = $0.prefix($0.count / 2) },
    Damage(testDescription: "only the banner is left") { $0 = $0.prefix(300) },
    Damage(testDescription: "it is empty") { $0 = Data() },
    Damage(testDescription: "one letter of the body is another") { $0[$0.count - 20] ^= 32 },
    Damage(testDescription: "one digit of the layout id is another") { bytes in
      let label = try #require(bytes.range(of: Data(" * layout  ".utf8)))
      bytes[label.upperBound] = bytes[label.upperBound] == 48 ? 49 : 48
    },
    Damage(testDescription: "one digit of the body's hash is another") { bytes in
      let label = try #require(bytes.range(of: Data(" * body    ".utf8)))
      bytes[label.upperBound] = bytes[label.upperBound] == 48 ? 49 : 48
    },
    Damage(testDescription: "the banner's words are other ones") { bytes in
      let label = try #require(bytes.range(of: Data("Edits are lost".utf8)))
      bytes.replaceSubrange(label, with: Data("Edits are kept".utf8))
    },
    Damage(testDescription: "line breaks became CRLF") { bytes in
      bytes = Data(String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\n", with: "\r\n").utf8)
    },
    Damage(testDescription: "something stands in front") { $0 = Data("\n".utf8) + $0 },
    Damage(testDescription: "it is there twice") { $0 += $0 },
  ]

  @Test("a header that was changed is written again", arguments: damages)
  func damaged(_ damage: Damage) throws {
    let setup = try Setup()
    try setup.run()
    let whole = try setup.read()
    var bytes = whole
    try damage.change(&bytes)
    try #require(bytes != whole)
    try setup.write(bytes)
    try setup.run()
    #expect(try setup.read() == whole)
  }

  @Test("a header of another name, kind or layout is overwritten")
  func others() throws {
    let setup = try Setup()
    let changed = try BPFCompiler.compile(
      LayoutIDSource.library.text.replacingOccurrences(of: "long wide;", with: "int wide;"), named: "changed",
      in: setup.scratch)
    var texts: Set<Data> = []
    for (command, object, name, isSplit) in [
      ("skeleton", setup.object, "lib", true), ("skeleton", setup.object, "other", true),
      ("subskeleton", setup.object, "other", false), ("skeleton", setup.object, "other", false),
      ("skeleton", changed, "other", true), ("skeleton", setup.object, "other", true),
    ] {
      try setup.run(command, object: object, name: name, isSplit: isSplit)
      texts.insert(try setup.read())
    }
    #expect(texts.count == 5, "the last header is the second again")
  }

  @Test("a self-contained header changes with the bytes, and so does the payload of a split one")
  func bytes() throws {
    let setup = try Setup()
    let changed = try BPFCompiler.compile(
      LayoutIDSource.library.text.replacingOccurrences(of: "fallback = 5", with: "fallback = 6"), named: "changed",
      in: setup.scratch)
    try setup.run(isSplit: false)
    let contained = try setup.read()
    try setup.run(object: changed, isSplit: false)
    #expect(try setup.read() != contained)

    try setup.run()
    let before = (header: try FileState(setup.header), payload: try FileState(setup.payload))
    try setup.run(object: changed)
    #expect(try FileState(setup.header) == before.header)
    #expect(try FileState(setup.payload) != before.payload)
  }

  @Test("a rewritten file keeps its permissions")
  func permissions() throws {
    let setup = try Setup()
    try setup.run()
    chmod(setup.header, 0o640)
    try setup.write(Data())
    chmod(setup.header, 0o640)
    try setup.run()
    #expect(try FileState(setup.header).permissions == 0o640)
  }

  @Test("no output contains a path, a time or this machine's name")
  func reproducible() throws {
    let setup = try Setup()
    try setup.run()
    let elsewhere = setup.scratch.file("a/b")
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: setup.object, toPath: "\(elsewhere)/renamed.bpf.o")
    let arguments = [
      "skeleton", "\(elsewhere)/renamed.bpf.o", "-o", "\(elsewhere)/x.h", "--payload", "\(elsewhere)/x.o", "--name",
      "lib",
    ]
    try Shell.run(Toolchain.bpfgen(), arguments, environment: ["TZ": "Asia/Tokyo", "USER": "somebody"]).checked()
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(elsewhere)/x.h")) == setup.read())
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: "\(elsewhere)/x.o"))
        == Data(contentsOf: URL(fileURLWithPath: setup.payload)))
  }
}
