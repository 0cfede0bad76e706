import Foundation
import Testing

@testable import TestSupport

/// A program keeps its branch protection, and whatever else its objects have in `.note.gnu.property`, with a payload.
@Suite("Properties of programs with payloads", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct PayloadPropertyTests {
  typealias Build = HardenedBuild

  private static let bti = ["-z", "force-bti"]

  static let builds: [Build] = [
    .x86,
    Build(
      testDescription: "x86-64, gcc: IBT", compiler: .gcc, flags: ["-fcf-protection=branch"], ld: "/usr/bin/ld"),
    Build(
      testDescription: "x86-64, gcc: SHSTK", compiler: .gcc, flags: ["-fcf-protection=return"], ld: "/usr/bin/ld"),
    Build(testDescription: "x86-64, gcc: none", compiler: .gcc, flags: ["-fcf-protection=none"], ld: "/usr/bin/ld"),
    Build(
      testDescription: "x86-64, gcc: what is used", compiler: .gcc,
      flags: ["-fcf-protection=full", "-mavx2", "-Wa,-mx86-used-note=yes"], ld: "/usr/bin/ld", strict: Build.cet),
    Build(
      testDescription: "x86-64, gcc: what is needed", compiler: .gcc,
      flags: ["-fcf-protection=full", "-march=x86-64-v3", "-mneeded"], ld: "/usr/bin/ld", strict: Build.cet),
    Build(
      testDescription: "x86-64, clang: IBT and SHSTK", compiler: .clang, flags: ["-fcf-protection=full"],
      ld: "/usr/bin/ld", strict: Build.cet),
    Build(
      testDescription: "i386, gcc: IBT and SHSTK", compiler: .gcc, flags: ["-m32", "-fcf-protection=full"],
      emulation: ["-m", "elf_i386"], ld: "/usr/bin/ld", strict: Build.cet),
    Build(
      testDescription: "x32, gcc: IBT and SHSTK", compiler: .gcc, flags: ["-mx32", "-fcf-protection=full"],
      emulation: ["-m", "elf32_x86_64"], ld: "/usr/bin/ld", strict: Build.cet),
    Build(
      testDescription: "aarch64, clang: BTI, PAC and GCS", compiler: .clang,
      flags: ["--target=aarch64-linux-gnu", "-mbranch-protection=standard"], ld: "/usr/bin/aarch64-linux-gnu-ld",
      strict: bti),
    Build(
      testDescription: "aarch64, clang: BTI", compiler: .clang,
      flags: ["--target=aarch64-linux-gnu", "-mbranch-protection=bti"], ld: "/usr/bin/aarch64-linux-gnu-ld",
      strict: bti),
    Build(
      testDescription: "aarch64, clang: PAC", compiler: .clang,
      flags: ["--target=aarch64-linux-gnu", "-mbranch-protection=pac-ret"], ld: "/usr/bin/aarch64-linux-gnu-ld"),
    Build(
      testDescription: "aarch64, clang: the PAuth ABI", compiler: .clang, flags: ["--target=aarch64-linux-pauthtest"]),
    Build(
      testDescription: "riscv64, clang: shadow stack", compiler: .clang,
      flags: [
        "--target=riscv64-linux-gnu", "-march=rv64gc_zicfiss1p0", "-menable-experimental-extensions",
        "-fcf-protection=return",
      ]),
  ]

  @Test("are the same as with an object of the compiler instead", arguments: builds)
  func kept(_ build: Build) throws { try HardenedProgram(build).expectPropertiesKept() }

  @Test(
    "are kept by payloads of light skeletons, of graph files and in C, and by those that are like an archive or a link")
  func otherPayloads() throws {
    let parts = try HardenedProgram(.x86)
    let scratch = parts.scratch
    let bpfgen = try Toolchain.bpfgen()
    let wanted: Set = ["x86 feature: IBT, SHSTK"]
    func expect(_ payload: String) throws {
      #expect(try ELFText.properties(scratch.file(payload)) == wanted, "\(payload)")
      #expect(try ELFText.sections(scratch.file(payload)).contains { $0.name == ".note.GNU-stack" && $0.flags == "" })
    }
    try expect("sample.skel.o")

    try Shell.run(
      bpfgen,
      ["light-skeleton", parts.sample.object, "-o", scratch.file("l.h"), "--payload", scratch.file("l.o")]
        + ["--like", parts.user]
    ).checked()
    try expect("l.o")

    _ = try scratch.write(
      """
      { "bpfgen": 1, "objects": { "sample": "bpf/sample.bpf.o" },
        "skeletons": [ { "of": "sample", "header": "g.h", "payload": "g.o", "like": "user.o" },
                       { "of": "sample", "header": "h.h", "payload": "h.o", "name": "host" } ] }
      """, to: "bpfgen.json")
    try Shell.run(bpfgen, ["build", "-C", scratch.path]).checked()
    try expect("g.o")
    if try ELFText.header(scratch.file("h.o"))["Machine"]?.contains("X86-64") == true { try expect("h.o") }

    try parts.sample.split(payload: "c.c")
    try Shell.run(
      Tool.gcc.required(),
      parts.build.flags + ["-Wa,-I,\(parts.sample.folder)", "-c", scratch.file("c.c"), "-o", scratch.file("c.o")]
    ).checked()
    try expect("c.o")

    try Shell.run("/usr/bin/env", ["ar", "rcs", scratch.file("like.a"), parts.user, parts.standIn]).checked()
    try Shell.run("/usr/bin/ld", ["-r", "-o", scratch.file("like.o"), parts.standIn, parts.user]).checked()
    for like in ["like.a", "like.o"] {
      try parts.sample.split(payload: "other.o", ["--like", scratch.file(like)])
      try expect("other.o")
    }
  }

  @Test("--like with a damaged note is an error that names the file, and writes nothing")
  func damaged() throws {
    let parts = try HardenedProgram(.x86)
    let note = try parts.scratch.write("\u{4}\0\0\0\u{7f}\0\0\0\u{5}\0\0\0GNU\0", to: "note")
    let like = parts.scratch.file("damaged.o")
    try Shell.run(
      "/usr/bin/env", ["objcopy", "--update-section", ".note.gnu.property=\(note)", parts.user, like]
    ).checked()
    let result = try parts.sample.generate(["--payload", parts.scratch.file("new.o"), "--like", like])
    #expect(result.status == .exited(1))
    #expect(result.stderr.hasPrefix("\(like): error: damaged ELF file: the properties in .note.gnu.property"))
    #expect(access(parts.scratch.file("new.o"), F_OK) != 0)
  }
}
