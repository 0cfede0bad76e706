import Foundation
import Testing

@testable import TestSupport

/// `light_skeletons` of a graph file: made as `bpfgen light-skeleton` makes them, and as seldom as other headers.
@Suite("light_skeletons in a build", .runsTools, .needs(.tool(.clang)))
struct LightSkeletonBuildTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try compile(code: "1")
  }

  private func compile(code: String, more: String = "") throws {
    usleep(20_000)
    let text = """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      int calls;
      \(more)
      SEC("syscall") int run(void *ctx) { calls += \(code); return 0; }
      char LICENSE[] SEC("license") = "GPL";

      """
    _ = try BPFCompiler.compile(text, named: "app", in: scratch)
  }

  private func write(_ entries: String, objects: String = "") throws {
    _ = try scratch.write(
      "{ \"bpfgen\": 1, \"objects\": { \"app\": \"app.bpf.o\"\(objects) },\n  \"light_skeletons\": [ \(entries) ] }\n",
      to: "bpfgen.json")
  }

  private func run(_ words: String...) throws -> Shell.Result {
    try Shell.run("/usr/bin/env", ["-C", scratch.path, Toolchain.bpfgen()] + words)
  }

  private func content(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.file(path))) }

  @Test("header and payload are those of the command; a code change does not rewrite the header, a variable does")
  func sameAsCommand() throws {
    try write(
      """
      { "of": "app", "header": "gen/app.lskel.h", "payload": "gen/app.lskel.o", "scope": "one", "assert_members": true },
      { "of": "app", "header": "gen/whole.lskel.h", "name": "whole" }
      """)
    func expectSame() throws {
      try run(
        "light-skeleton", "app.bpf.o", "-o", "app.h", "--payload", "app.o", "--name", "app", "--scope", "one",
        "--assert-members"
      ).checked()
      try run("light-skeleton", "app.bpf.o", "-o", "whole.h", "--name", "whole").checked()
      for (made, wanted) in [
        ("gen/app.lskel.h", "app.h"), ("gen/app.lskel.o", "app.o"), ("gen/whole.lskel.h", "whole.h"),
      ] { #expect(try content(made) == content(wanted), "\(made)") }
    }
    try run("build").checked()
    try expectSame()
    #expect(try run("build").checked().stdout.contains("nothing to do"))

    let header = try FileState(scratch.file("gen/app.lskel.h"))
    try compile(code: "2")
    let second = try run("build", "-v").checked().stdout
    #expect(!second.contains("header gen/app.lskel.h") && second.contains("header gen/whole.lskel.h"), "\(second)")
    #expect(try FileState(scratch.file("gen/app.lskel.h")) == header)
    try expectSame()

    try compile(code: "2", more: "long more;")
    try run("build").checked()
    #expect(try FileState(scratch.file("gen/app.lskel.h")) != header)
    try expectSame()
    #expect(
      try run("query", "headers").checked().stdout == """
        light-skeleton\tapp\tgen/app.lskel.h\tgen/app.lskel.o
        light-skeleton\twhole\tgen/whole.lskel.h\t

        """)
  }

  @Test("an object without a loader is an error with any number of jobs, and the others are made")
  func refused() throws {
    var objects = ""
    var entries = "{ \"of\": \"app\", \"header\": \"gen/app.lskel.h\" }"
    let object = try BPFCompiler.compile(LoaderRefusal.source, named: "refused", in: scratch)
    for number in 0..<8 {
      try FileManager.default.copyItem(atPath: object, toPath: scratch.file("r\(number).bpf.o"))
      objects += ", \"r\(number)\": \"r\(number).bpf.o\""
      entries += ", { \"of\": \"r\(number)\", \"header\": \"gen/r\(number).lskel.h\" }"
    }
    try write(entries, objects: objects)
    for jobs in ["1", "4"] {
      let result = try run("build", "-k", "0", "-j", jobs)
      #expect(result.status == .exited(1))
      #expect(result.stderr.matches(of: /libbpf cannot generate a loader/).count == 8, "\(result.stderr)")
      #expect(access(scratch.file("gen/app.lskel.h"), F_OK) == 0)
    }
  }

  @Test("a payload for another byte order is refused", .needs(.tool(.clang)))
  func otherByteOrder() throws {
    let source = try scratch.write("int like;\n", to: "like.c")
    let flags = ["-target", "mips64-linux-gnu", "-c", source, "-o", scratch.file("like.o")]
    guard try Shell.run(Tool.clang.required(), flags).succeeded else { return }
    try write("{ \"of\": \"app\", \"header\": \"a.lskel.h\", \"payload\": \"a.lskel.o\", \"like\": \"like.o\" }")
    let result = try run("build")
    #expect(
      result.stderr.contains("like.o: error: its byte order differs from that of 'app.bpf.o'"), "\(result.stderr)")
  }
}
