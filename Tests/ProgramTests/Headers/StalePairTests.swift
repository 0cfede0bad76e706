import Foundation
import Testing

@testable import TestSupport

/// A header and the bytes that a program is linked with: of one layout, or no program comes of it.
@Suite("Header and payload", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.gxx)))
struct StalePairTests {
  static let builds = Tier.sample(allBuilds, quick: 6)
  private static let allBuilds: [PairBuild] = [
    PairBuild("gcc", .gcc),
    PairBuild("gcc -O2", .gcc, ["-O2"]),
    PairBuild("gcc -fPIE", .gcc, ["-fPIE"], link: ["-pie"]),
    PairBuild("gcc -fno-pie", .gcc, ["-fno-pie"], link: ["-no-pie"]),
    PairBuild("gcc -static", .gcc, link: ["-static"], libraries: ["-lbpf", "-lelf", "-lz"]),
    PairBuild("gcc -flto", .gcc, ["-O2", "-flto"]),
    PairBuild("gcc -fuse-ld=gold", .gcc, link: ["-fuse-ld=gold"], linker: "ld.gold"),
    PairBuild("gcc -Wl,--gc-sections", .gcc, ["-ffunction-sections", "-fdata-sections"], link: ["-Wl,--gc-sections"]),
    PairBuild("gcc -fPIC in a shared library", .gcc, ["-fPIC"], inSharedLibrary: true),
    PairBuild("g++", .gxx),
    PairBuild("g++ -fPIE", .gxx, ["-O2", "-fPIE"], link: ["-pie"]),
    PairBuild("g++ -flto", .gxx, ["-O2", "-flto"]),
    PairBuild("g++ -fPIC in a shared library", .gxx, ["-fPIC"], inSharedLibrary: true),
    PairBuild("clang", .clang),
    PairBuild("clang with lld", .clang, link: ["-fuse-ld=lld"], linker: "ld.lld"),
    PairBuild("clang -flto with lld", .clang, ["-O2", "-flto"], link: ["-fuse-ld=lld"], linker: "ld.lld"),
    PairBuild("clang -flto=thin with lld", .clang, ["-O2", "-flto=thin"], link: ["-fuse-ld=lld"], linker: "ld.lld"),
    PairBuild("clang++ with lld", .clangxx, link: ["-fuse-ld=lld"], linker: "ld.lld"),
  ]

  @Test("another layout does not link, and the linker names the layout", arguments: builds)
  func stale(_ build: PairBuild) throws {
    let pair = try StalePair(build)
    try pair.generate(from: .original, payload: "old.skel.o")
    let old = try pair.layoutID()
    try pair.compile()
    try pair.generate(from: .otherLayout, header: "new.skel.h", payload: "new.skel.o")
    let new = try pair.layoutID("new.skel.h")
    try #require(old != new)

    // An old header with a new payload, and a new header with an old one.
    var result = try pair.link(payload: "new.skel.o")
    #expect(!result.succeeded)
    #expect(result.stderr.contains("pair_payload") && result.stderr.contains("_of_layout_\(old)"), "\(result.stderr)")
    try pair.generate(from: .otherLayout, payload: "unused.skel.o")
    try pair.compile()
    result = try pair.link(payload: "old.skel.o")
    #expect(!result.succeeded)
    #expect(result.stderr.contains("pair_payload") && result.stderr.contains("_of_layout_\(new)"), "\(result.stderr)")
  }

  @Test("other code links with the old object files, and the header is not written", arguments: builds)
  func otherCode(_ build: PairBuild) throws {
    let pair = try StalePair(build)
    try pair.generate(from: .original, payload: "pair.skel.o")
    try pair.compile()
    try pair.link(payload: "pair.skel.o").checked()
    #expect(try pair.run() == pair.bytes(.original))

    let header = try FileState(pair.scratch.file("pair.skel.h"))
    try pair.generate(from: .otherCode, payload: "pair.skel.o")
    #expect(try FileState(pair.scratch.file("pair.skel.h")) == header)
    try pair.link(payload: "pair.skel.o").checked()
    #expect(try pair.run() == pair.bytes(.otherCode))
    #expect(try pair.bytes(.original) != pair.bytes(.otherCode))
  }

  @Test("a program without a payload does not link")
  func noPayload() throws {
    let pair = try StalePair(PairBuild("gcc", .gcc))
    try pair.generate(from: .original, payload: "pair.skel.o")
    try pair.compile()
    let result = try pair.link(payload: nil)
    #expect(!result.succeeded)
    #expect(try result.stderr.contains("pair_payload_of_layout_\(pair.layoutID())"), "\(result.stderr)")
  }

  @Test("two payloads of one layout do not link together")
  func twice() throws {
    let pair = try StalePair(PairBuild("gcc", .gcc))
    try pair.generate(from: .original, payload: "old.skel.o")
    try pair.compile()
    try pair.generate(from: .otherCode, payload: "new.skel.o")
    let result = try pair.link(payload: "old.skel.o", "new.skel.o")
    #expect(!result.succeeded)
    #expect(try result.stderr.contains("pair_payload_of_layout_\(pair.layoutID())"), "\(result.stderr)")
  }

  @Test("a shared library does not export its payload")
  func hidden() throws {
    let pair = try StalePair(PairBuild("shared", .gcc, ["-fPIC"], inSharedLibrary: true))
    try pair.generate(from: .original, payload: "pair.skel.o")
    try pair.compile()
    try pair.link(payload: "pair.skel.o").checked()
    let exported = try Shell.run("/usr/bin/env", ["nm", "-D", "--defined-only", pair.library]).checked().stdout
    #expect(exported.contains("first_bytes"))
    #expect(!exported.contains("payload"), "\(exported)")
  }
}

// MARK: - Builds

/// A way to compile and link a user's program.
struct PairBuild: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var compiler: Tool
  var flags: [String]
  var link: [String]
  var libraries: [String]
  /// The linker that it needs, in addition to the one that every compiler has.
  var linker: String?
  /// The files that include the header make a shared library, and the program is linked to that.
  var inSharedLibrary: Bool

  init(
    _ name: String, _ compiler: Tool, _ flags: [String] = [], link: [String] = [], libraries: [String] = ["-lbpf"],
    linker: String? = nil, inSharedLibrary: Bool = false
  ) {
    testDescription = name
    self.compiler = compiler
    self.flags = flags
    self.link = link
    self.libraries = libraries
    self.linker = linker
    self.inSharedLibrary = inSharedLibrary
  }

  var isCxx: Bool { compiler == .gxx || compiler == .clangxx }

  /// What the machine lacks for it; `nil` when nothing.
  var unmet: String? {
    if compiler.path == nil { return "\(compiler.rawValue) is not installed" }
    guard let linker else { return nil }
    // A compiler looks for its linker in its own folder first.
    let beside = compiler.path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? ""
    let folders = [beside] + (Toolchain.setting("PATH") ?? "").split(separator: ":").map(String.init)
    return folders.contains { access("\($0)/\(linker)", X_OK) == 0 } ? nil : "\(linker) is not installed"
  }
}

/// A program of two files that include one header, and the BPF objects that it is built with.
struct StalePair {
  /// What became of the BPF program.
  enum Edit: String {
    case original
    /// Another constant, other instructions; the same variables.
    case otherCode
    /// A variable more.
    case otherLayout
  }

  let scratch: Scratch
  let build: PairBuild

  var library: String { scratch.file("libpair.so") }

  init(_ build: PairBuild) throws {
    if let unmet = build.unmet { try Test.cancel("SKIPPED: \(unmet)") }
    scratch = try Scratch()
    self.build = build
    let ending = build.isCxx ? "cpp" : "c"
    for (name, text) in [("first", Self.first), ("second", Self.second), ("main", Self.main)] {
      _ = try scratch.write(Self.linkage + text, to: "\(name).\(ending)")
    }
  }

  func bytes(_ edit: Edit) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: scratch.file("\(edit.rawValue).bpf.o")))
  }

  func generate(from edit: Edit, header: String = "pair.skel.h", payload: String) throws {
    let object = try BPFCompiler.compile(Self.source(edit), named: edit.rawValue, in: scratch)
    try Generator.bpfgen(
      .skeleton, of: object, name: "pair", header: scratch.file(header), payload: scratch.file(payload)
    ).checked()
  }

  /// The layout id in a header's banner.
  func layoutID(_ header: String = "pair.skel.h") throws -> String {
    let text = try String(contentsOfFile: scratch.file(header), encoding: .utf8)
    return String(try #require(try text.firstMatch(of: Regex(#"\* layout +([0-9a-f]{32})\n"#))?[1].substring))
  }

  func compile() throws {
    for file in ["first", "second", "main"] {
      let source = scratch.file("\(file).\(build.isCxx ? "cpp" : "c")")
      let flags = ["-Wall", "-Wextra", "-Werror"] + build.flags
      try Shell.run(build.compiler.required(), flags + ["-c", source, "-o", scratch.file("\(file).o")]).checked()
    }
  }

  /// Links the objects that ``compile()`` made.
  func link(payload: String?...) throws -> Shell.Result {
    let compiler = try build.compiler.required()
    let inner = ["first.o", "second.o"].map(scratch.file) + payload.compactMap { $0.map(scratch.file) }
    let options = build.flags + build.link + ["-Wl,--fatal-warnings"]
    let program = ["-o", scratch.file("pair"), scratch.file("main.o")]
    guard build.inSharedLibrary else { return try Shell.run(compiler, options + program + inner + build.libraries) }
    let shared = try Shell.run(
      compiler, options + ["-shared", "-Wl,-z,defs", "-o", library] + inner + build.libraries)
    guard shared.succeeded else { return shared }
    return try Shell.run(compiler, options + program + [library, "-Wl,-rpath,\(scratch.path)"] + build.libraries)
  }

  /// Runs the program, which fails unless both files have one copy of the bytes and libbpf opens it; the bytes.
  func run() throws -> Data {
    let copy = scratch.file("copy.bpf.o")
    try Shell.run(scratch.file("pair"), [copy]).checked()
    return try Data(contentsOf: URL(fileURLWithPath: copy))
  }

  private static func source(_ edit: Edit) -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    const volatile int step = \(edit == .otherCode ? 7 : 3);
    long total;
    \(edit == .otherLayout ? "long extra;" : "")

    SEC("raw_tracepoint/sys_enter")
    int count(void *ctx)
    {
      __sync_fetch_and_add(&total, \(edit == .otherCode ? "step * step + 1" : "step"));
      return 0;
    }

    char LICENSE[] SEC("license") = "GPL";
    """
  }

  private static let linkage = """
    #ifdef __cplusplus
    #define API extern "C"
    #else
    #define API extern
    #endif
    #include <stddef.h>
    API const void *first_bytes(size_t *size);
    API const void *second_bytes(size_t *size);
    API int opens(void);

    """

  private static let first = """
    #include "pair.skel.h"
    const void *first_bytes(size_t *size) { return pair__elf_bytes(size); }

    """

  private static let second = """
    #include "pair.skel.h"
    const void *second_bytes(size_t *size) { return pair__elf_bytes(size); }
    int opens(void)
    {
    \tstruct pair *skel = pair__open();
    \tint good = skel && skel->bss && skel->rodata && skel->progs.count;

    \tpair__destroy(skel);
    \treturn good;
    }

    """

  private static let main = """
    #include <stdint.h>
    #include <stdio.h>
    int main(int argc, char **argv)
    {
    \tsize_t size, other;
    \tconst void *bytes = first_bytes(&size);
    \tFILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;

    \tif (second_bytes(&other) != bytes || other != size || (uintptr_t)bytes % 8 != 0 || !opens())
    \t\treturn 1;
    \treturn !file || fwrite(bytes, 1, size, file) != size || fclose(file);
    }

    """
}
