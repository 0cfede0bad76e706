import Foundation
import Testing

@testable import TestSupport

/// For Swift the two encodings of `é`, one scalar or two, are equal; for a file system these are two names.
@Suite("Files whose names Swift calls equal", .runsTools, .needs(.tool(.clang)))
struct EqualNameTests {
  static let names = ["\u{e9}", "e\u{301}"]

  private func source(_ type: String) -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    \(type) counter = 1;
    SEC("raw_tracepoint") int prog(void *ctx) { return counter; }
    char LICENSE[] SEC("license") = "GPL";
    """
  }

  @Test(
    "are two objects with two headers each: an edit of either is seen, and the other is left alone", arguments: 0..<2)
  func edits(_ edited: Int) throws {
    #expect(Self.names[0] == Self.names[1] && Array(Self.names[0].utf8) != Array(Self.names[1].utf8))
    let scratch = try Scratch()
    let made = try ["int", "long"].map { try BPFCompiler.compile(source($0), named: $0, in: scratch) }
    let objects = Self.names.map { scratch.file("\($0).bpf.o") }
    for object in objects { try Shell.run("/bin/cp", [made[0], object]).checked() }
    let headers = Self.names.map { "gen/\($0).skel.h" }
    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "one": "\(Self.names[0]).bpf.o", "two": "\(Self.names[1]).bpf.o" },
        "skeletons": [ { "of": "one", "header": "\(headers[0])", "payload": "gen/one.o" },
                       { "of": "two", "header": "\(headers[1])", "payload": "gen/two.o" } ] }
      """, to: "bpfgen.json")
    func build() throws -> String { try Shell.run(Toolchain.bpfgen(), ["build", "-C", scratch.path]).checked().stdout }
    #expect(try build() == "bpfgen: 6 ran, 0 kept, 4 files written\n")
    #expect(try build() == "bpfgen: nothing to do (6 tasks)\n")

    let before = try headers.map { try FileState(scratch.file($0)) }
    try Shell.run("/bin/cp", [made[1], objects[edited]]).checked()
    #expect(try build() == "bpfgen: 3 ran, 3 kept, 2 files written\n")
    let texts = try headers.map { try String(contentsOfFile: scratch.file($0), encoding: .utf8) }
    #expect(texts[edited].contains("long counter;") && !texts[1 - edited].contains("long counter;"))
    #expect(try FileState(scratch.file(headers[1 - edited])) == before[1 - edited])

    // They are different outputs.
    unlink(scratch.file(headers[edited]))
    #expect(try build() == "bpfgen: 1 ran, 5 kept, 1 file written\n")
    #expect(try Shell.run(Toolchain.bpfgen(), ["build", "-C", scratch.path, headers[1]]).succeeded)
  }
}
