import Foundation
import Testing

@testable import TestSupport

/// The release binary is one file without dependencies, with the same output everywhere.
@Suite("The release binary", .runsTools)
struct ReleaseBinaryTests {
  private static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    int counter = 1;
    SEC("raw_tracepoint") int prog(void *ctx) { return counter; }
    char LICENSE[] SEC("license") = "GPL";
    """

  @Test(
    "generates in a root that is empty but for /proc, where Swift's runtime looks itself up",
    .enabled(if: geteuid() == 0, "SKIPPED: chroot needs root"))
  func emptyRoot() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(Self.source, named: "x", in: scratch)
    let root = scratch.file("root")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    // Mounted, not copied: a process started during a copy would inherit the file open for writing, and Linux does not
    // run such a file.
    try Data().write(to: URL(fileURLWithPath: "\(root)/bpfgen"))
    try FileManager.default.copyItem(atPath: object, toPath: "\(root)/x.bpf.o")
    try FileManager.default.createDirectory(atPath: "\(root)/proc", withIntermediateDirectories: true)
    let enter = """
      mount --bind /proc "$0/proc" && mount --bind "$1" "$0/bpfgen" && shift && exec chroot "$0" "$@"
      """
    let arguments = [
      "/bpfgen", "skeleton", "/x.bpf.o", "-o", "/x.skel.h", "--depfile", "/x.d", "--payload", "/x.skel.o",
    ]
    try Shell.run("/usr/bin/env", ["unshare", "-m", "sh", "-c", enter, root, Toolchain.bpfgen()] + arguments).checked()
    let there = try FileManager.default.contentsOfDirectory(atPath: root).sorted()
    #expect(there == ["bpfgen", "proc", "x.bpf.o", "x.d", "x.skel.h", "x.skel.o"])
  }

  @Test("gives the same bytes in every folder, locale, time zone and with every umask")
  func reproducible() throws {
    let first = try Self.generate(environment: [:])
    let second = try Self.generate(environment: [
      "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "USER": "someone", "HOME": "/",
    ])
    #expect(first == second)
  }

  /// Header, payload and subskeleton, made in a folder of their own.
  private static func generate(environment: [String: String]) throws -> [Data] {
    let scratch = try Scratch()
    // The object's own bytes may name the folder; the outputs are compared for one and the same object.
    try Self.object.get().write(to: URL(fileURLWithPath: scratch.file("x.bpf.o")))
    let object = scratch.file("x.bpf.o")
    let outputs = ["x.skel.h", "x.skel.o", "x.subskel.h"].map(scratch.file)
    let bpfgen = try Toolchain.bpfgen()
    try Shell.run(
      bpfgen, ["skeleton", object, "-o", outputs[0], "--payload", outputs[1]], environment: environment
    ).checked()
    try Shell.run(bpfgen, ["subskeleton", object, "-o", outputs[2]], environment: environment).checked()
    return try outputs.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  private static let object: Result<Data, any Error> = Result {
    let scratch = try Scratch()
    return try Data(contentsOf: URL(fileURLWithPath: BPFCompiler.compile(source, named: "x", in: scratch)))
  }
}
