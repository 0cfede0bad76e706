import Foundation
import Testing

@testable import TestSupport

/// The promise that builds rest on: the layout id changes exactly when the header's text does.
@Suite("The layout id", .runsTools, .needs(.tool(.clang)))
struct LayoutIDTests {
  @Test("what users cannot notice changes neither ids nor headers", arguments: LayoutIDCase.unnoticed)
  func unnoticed(_ edit: LayoutIDCase) throws {
    try expect(edit, changes: [])
  }

  @Test("what users can notice changes ids and headers", arguments: LayoutIDCase.noticed)
  func noticed(_ edit: LayoutIDCase) throws {
    try expect(edit, changes: [.skeleton, .subskeleton])
  }

  @Test("a variable's offset changes only the skeleton", arguments: LayoutIDCase.noticedBySkeletons)
  func noticedBySkeletons(_ edit: LayoutIDCase) throws {
    try expect(edit, changes: [.skeleton])
  }

  /// Both ways: the ids differ where they should, and the headers differ just where the ids do.
  private func expect(_ edit: LayoutIDCase, changes changed: Set<HeaderKind>) throws {
    let scratch = try Scratch()
    let before = try Self.compile(LayoutIDCase(what: "as it was", source: edit.source), as: "before", in: scratch)
    let after = try Self.compile(edit, as: "after", in: scratch)
    let bytes = try [before, after].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    try #require(bytes[0] != bytes[1], "the edit changed nothing in the object")
    for kind in HeaderKind.allCases {
      let old = try LayoutIDHeader(kind, of: before, in: scratch)
      let new = try LayoutIDHeader(kind, of: after, in: scratch)
      #expect((old.id != new.id) == changed.contains(kind), "\(kind): id \(old.id) -> \(new.id)")
      #expect((old.text != new.text) == changed.contains(kind), "\(kind): the header's text")
    }
    try expectRewritten(before, then: after, in: scratch, changed.contains(.skeleton))
  }

  /// Over an earlier header the new one is written just when it differs: a clean run would have made what is there.
  private func expectRewritten(_ before: String, then after: String, in scratch: Scratch, _ isRewritten: Bool) throws {
    let header = scratch.file("kept.skel.h")
    let payload = scratch.file("kept.skel.o")
    try Generator.bpfgen(.skeleton, of: before, name: "sample", header: header, payload: payload).checked()
    let stamp = try FileState(header)
    let oldPayload = try Data(contentsOf: URL(fileURLWithPath: payload))
    try Generator.bpfgen(.skeleton, of: after, name: "sample", header: header, payload: payload).checked()
    #expect((try FileState(header) != stamp) == isRewritten)
    #expect(
      try String(contentsOfFile: header, encoding: .utf8) == LayoutIDHeader(.skeleton, of: after, in: scratch).text)
    #expect(try Data(contentsOf: URL(fileURLWithPath: payload)) != oldPayload, "the payload follows the bytes")
  }

  @Test("with --assert-members the members of the user's own structs count")
  func assertedMembers() throws {
    let scratch = try Scratch()
    let renamed = LayoutIDCase(
      what: "", source: .application, edits: [("__u64 mask;", "__u64 bits;"), ("config.mask", "config.bits")])
    let before = try Self.compile(LayoutIDCase(what: "", source: .application), as: "before", in: scratch)
    let after = try Self.compile(renamed, as: "after", in: scratch)
    let texts = try [before, after].map { object in
      try Shell.run(
        Toolchain.bpfgen(),
        ["skeleton", object, "--name", "sample", "-o", "-", "--payload", scratch.file("p.o"), "--assert-members"]
      ).checked().stdout
    }
    #expect(LayoutIDHeader.id(in: texts[0]) != LayoutIDHeader.id(in: texts[1]))
    #expect(texts[0].contains("mask") && !texts[1].contains("mask") && texts[1].contains("bits"))
  }

  /// Objects of one name differ only in their layout, so that equal headers are possible, and not rare.
  @Test("over the corpus ids are equal just where headers are", .needs(.corpus), arguments: HeaderKind.allCases)
  func corpus(_ kind: HeaderKind) throws {
    let objects = try Corpus.objects()
    let headers = try Parallel.map(objects) { object -> (name: String, header: LayoutIDHeader)? in
      let scratch = try Scratch()
      let isReadable = try Shell.run(Toolchain.bpfgen(), ["fingerprint", object.path]).succeeded
      return isReadable ? (object.name, try LayoutIDHeader(kind, of: object.path, in: scratch)) : nil
    }.compactMap(\.self)
    #expect(headers.count > objects.count * Tier.count(quick: 8, full: 9) / 10)

    let byID = Dictionary(grouping: headers) { $0.header.id }
    for (id, group) in byID where Set(group.map { $0.header.textWithoutID }).count > 1 {
      Issue.record("one id, different headers: \(id) of \(group.map(\.name))")
    }
    let byText = Dictionary(grouping: headers) { $0.header.textWithoutID }
    for group in byText.values where Set(group.map { $0.header.id }).count > 1 {
      Issue.record("one header, different ids: \(group.map { "\($0.name) \($0.header.id)" })")
    }
    print("layout ids: \(headers.count) \(kind)s of the corpus, \(byID.count) ids, \(byText.count) texts")
    #expect(byID.count == byText.count && byID.count < headers.count)
  }

  private static func compile(_ edit: LayoutIDCase, as name: String, in scratch: Scratch) throws -> String {
    var text = edit.source.text
    for (old, new) in edit.edits {
      try #require(text.contains(old), "the source has no '\(old)'")
      text = text.replacingOccurrences(of: old, with: new)
    }
    let folder = "\(scratch.path)/\(edit.folder)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let source = "\(folder)/\(name).bpf.c"
    try Data(text.utf8).write(to: URL(fileURLWithPath: source))
    let object = "\(folder)/\(name).bpf.o"
    let host = ["-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include/aarch64-linux-gnu"]
    let flags = ["-target", "bpf", "-mcpu=v3"] + edit.flags + host
    try Shell.run(Tool.clang.required(), flags + ["-c", source, "-o", object]).checked()
    return object
  }
}

/// A header's text, with the id that `bpfgen fingerprint` prints for it.
private struct LayoutIDHeader: Sendable {
  var id: String
  var text: String

  /// Makes the header of an object under the name `sample`.
  init(_ kind: HeaderKind, of object: String, in scratch: Scratch) throws {
    let payload = kind == .skeleton ? scratch.file("\(UUID()).o") : nil
    let header = scratch.file("\(UUID()).h")
    try Generator.bpfgen(kind, of: object, name: "sample", header: header, payload: payload).checked()
    text = try String(contentsOfFile: header, encoding: .utf8)
    let reported = try Shell.run(Toolchain.bpfgen(), ["fingerprint", object, "--name", "sample"]).checked().stdout
    let label = kind == .skeleton ? " layout " : " subskeleton "
    let line = try #require(reported.split(separator: "\n").first { $0.hasPrefix(object + label) })
    id = String(line.suffix(32))
    try #require(LayoutIDHeader.id(in: text) == id, "the banner and `bpfgen fingerprint` tell different ids")
  }

  /// The id in a header's banner.
  static func id(in text: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(" * layout  ") }.map { String($0.suffix(32)) }
  }

  /// The text without what is derived from the id: the banner's two hashes, the id in the payload's linker names.
  var textWithoutID: String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix(" * body    ") }.joined(separator: "\n")
      .replacingOccurrences(of: id, with: "ID")
  }
}
