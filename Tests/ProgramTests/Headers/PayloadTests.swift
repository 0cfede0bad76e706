import Foundation
import Testing

@testable import TestSupport

/// The files that carry an object's bytes into a program, read back with other people's tools.
@Suite("Payloads", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct PayloadTests {
  @Test("a payload has the form of the program's other objects", arguments: PayloadMachine.all)
  func form(_ machine: PayloadMachine) throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    let like = try machine.object(in: scratch)
    try sample.split(payload: "sample.skel.o", ["--like", like])
    let payload = scratch.file("sample.skel.o")

    let header = try ELFText.header(payload)
    #expect(header["Class"] == (machine.is64Bit ? "ELF64" : "ELF32"))
    #expect(header["Data"] == "2's complement, \(machine.isBigEndian ? "big" : "little") endian")
    #expect(header["Machine"] == machine.readelf)
    #expect(header["Type"] == "REL (Relocatable file)")
    let flags = try #require(header["Flags"]?.split(separator: ",").first)
    #expect(flags == "0x\(String(machine.flags, radix: 16))")
    #expect(try header["Flags"] == ELFText.header(like)["Flags"], "what the user's compiler gives")

    let sections = try ELFText.sections(payload)
    let allocated = sections.filter { $0.flags.contains("A") }
    try #require(allocated.count == 1, "\(sections)")
    #expect(allocated[0].flags == "A", "read-only, and no code")
    #expect(allocated[0].alignment == 8)
    #expect(allocated[0].offset % 8 == 0)
    #expect(sections.first { $0.name == ".note.GNU-stack" }?.flags == "", "no executable stack")
  }

  @Test("a payload's symbols are hidden and refer to the object's bytes", arguments: PayloadMachine.all)
  func symbols(_ machine: PayloadMachine) throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    try sample.split(payload: "sample.skel.o", ["--like", machine.object(in: scratch)])
    let payload = scratch.file("sample.skel.o")

    let section = try #require(try ELFText.sections(payload).first { $0.flags.contains("A") })
    let symbols = try ELFText.symbols(payload)
    try #require(try symbols.map(\.name).sorted() == sample.symbolNames().sorted())
    for symbol in symbols { #expect(symbol.form == "OBJECT GLOBAL HIDDEN", "\(symbol)") }
    let start = try #require(symbols.first { !$0.name.contains("_size_") })
    let size = try #require(symbols.first { $0.name.contains("_size_") })

    let file = try Data(contentsOf: URL(fileURLWithPath: payload))
    let bytes = try sample.bytes()
    #expect(start.size == bytes.count)
    #expect(size.size == 8)
    let number = file[(section.offset + size.value)...].prefix(8)
    let count = (machine.isBigEndian ? Array(number) : number.reversed()).reduce(0) { $0 << 8 | Int($1) }
    #expect(count == bytes.count)
    #expect(file[(section.offset + start.value)...].prefix(start.size) == bytes)
    #expect((section.offset + start.value) % 8 == 0, "libelf reads the bytes in place")
  }

  @Test(
    "a linker for the machine takes the payload with objects of its compiler",
    .enabled(if: Lld.path != nil, "SKIPPED: ld.lld is not installed"),
    arguments: PayloadMachine.all.filter { $0.canCompile })
  func foreignLink(_ machine: PayloadMachine) throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    let object = try machine.object(of: sample.reader(), in: scratch)
    try sample.split(payload: "sample.skel.o", ["--like", object])
    let library = scratch.file("sample.so")
    try Shell.run(
      #require(Lld.path), ["-shared", "--fatal-warnings", "-o", library, object, scratch.file("sample.skel.o")]
    ).checked()
    #expect(try Data(contentsOf: URL(fileURLWithPath: library)).range(of: sample.bytes()) != nil)
    #expect(try ELFText.stack(library) == "RW")
  }

  @Test("without --like a payload is for this machine")
  func host() throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    try sample.split(payload: "sample.skel.o")
    let program = try sample.program(.gcc, ["sample.skel.o"])
    #expect(try sample.bytesFrom(program) == sample.bytes())
    #expect(try ELFText.stack(program) == "RW")
  }

  static let refused: [UnlikelyObject] = [
    UnlikelyObject("a text file", .text("int main(void);\n")),
    UnlikelyObject("an empty file", .text("")),
    UnlikelyObject("an ELF header cut short", .text("\u{7f}ELF\u{2}\u{1}\u{1}")),
    UnlikelyObject("LLVM bitcode", .clang(["-flto"])),
    UnlikelyObject("a BPF object", .clang(["-target", "bpf"])),
    UnlikelyObject("a folder", .folder),
    UnlikelyObject("nothing", .missing),
  ]

  @Test("--like refuses files that do not describe a machine, and writes nothing", arguments: refused)
  func unlike(_ object: UnlikelyObject) throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    let like = try object.make(in: scratch)
    let result = try sample.generate(["--payload", scratch.file("sample.skel.o"), "--like", like])
    #expect(result.status == .exited(1))
    #expect(result.stderr.hasPrefix("\(like): error: "), "\(result.stderr)")
    #expect(result.stdout.isEmpty)
    for output in ["sample.skel.h", "sample.skel.o"] { #expect(access(scratch.file(output), F_OK) != 0, "\(output)") }
  }
}

// MARK: - Payloads in C

extension PayloadTests {
  struct Assembly: Sendable, CustomTestStringConvertible {
    var compiler: Tool
    /// How the assembler gets the object's folder.
    var option: String
    var flags: [String] = []
    var testDescription: String { ([compiler.rawValue, option] + flags).joined(separator: " ") }
  }

  static let assemblies = [Tool.gcc, .clang].flatMap { compiler in
    ["-I", "-Wa,-I,"].flatMap { option in
      [[], ["-O2", "-fPIC"], ["-flto"]].map { Assembly(compiler: compiler, option: option, flags: $0) }
    }
  }

  @Test("a C payload contains the same bytes, from folders with spaces too", arguments: assemblies)
  func source(_ assembly: Assembly) throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch, folder: "some folder")
    try sample.split(payload: "pay load.c")
    // Of the linkers here only lld takes clang's bitcode.
    let isBitcode = assembly.compiler == .clang && assembly.flags.contains("-flto")
    if isBitcode, Lld.path == nil { try Test.cancel("SKIPPED: ld.lld is not installed") }
    let object = scratch.file("payload.o")
    let folder = assembly.option == "-I" ? ["-I", sample.folder] : ["\(assembly.option)\(sample.folder)"]
    let warnings = ["-Wall", "-Wextra", "-Werror"]
    // To bitcode it must not be compiled: .incbin would be read by the linker, which knows no -I.
    try Shell.run(
      assembly.compiler.required(),
      assembly.flags + ["-fno-lto"] + folder + warnings + ["-c", scratch.file("pay load.c"), "-o", object]
    ).checked()
    let linker = isBitcode ? ["-fuse-ld=lld"] : []
    let program = try sample.program(assembly.compiler, assembly.flags + linker + ["payload.o"])
    #expect(try sample.bytesFrom(program) == sample.bytes())
    #expect(try ELFText.stack(program) == "RW")
  }

  @Test("a C payload contains no folder name")
  func sourceNamesNoFolder() throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch, folder: "some folder")
    try sample.split(payload: "payload.c")
    let text = try String(contentsOfFile: scratch.file("payload.c"), encoding: .utf8)
    #expect(!text.contains("some folder") && !text.contains(scratch.path))
  }
}

// MARK: - Stripped payloads

extension PayloadTests {
  @Test("--strip removes the debug sections and changes neither header nor what libbpf loads")
  func strip() throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    try sample.split(payload: "whole.skel.o")
    let header = try String(contentsOfFile: sample.header, encoding: .utf8)
    try sample.split(payload: "stripped.skel.o", ["--strip"])
    #expect(try String(contentsOfFile: sample.header, encoding: .utf8) == header)

    let programs = try ["whole", "stripped"].map { try sample.program(.gcc, ["\($0).skel.o"], named: $0) }
    let bytes = try programs.map { try sample.bytesFrom($0) }
    #expect(try bytes[0] == sample.bytes())
    #expect(bytes[1].count < bytes[0].count)

    let object = scratch.file("extracted.bpf.o")
    try bytes[1].write(to: URL(fileURLWithPath: object))
    let names = try ELFText.sections(object).map(\.name)
    #expect(!names.contains { $0.contains(".debug") }, "\(names)")
    for kept in [".maps", ".BTF", ".BTF.ext", "raw_tracepoint/sys_enter", "license"] { #expect(names.contains(kept)) }

    let listings = try programs.map { try Shell.run($0, ["--list"]).checked().stdout }
    #expect(listings[0].contains("map hits ") && listings[0].contains("program count "), "\(listings[0])")
    #expect(listings[0] == listings[1])
  }

  @Test("a stripped object loads", .needs(.loading))
  func stripLoads() throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    try sample.split(payload: "sample.skel.o", ["--strip"])
    let result = try Shell.run(sample.program(.gcc, ["sample.skel.o"]), ["--load"])
    if result.status == .exited(77) { try Test.cancel("SKIPPED: this kernel loads no BPF programs here") }
    try result.checked()
    #expect(result.stdout == "loaded 2 maps, 1 programs\n")
  }

  @Test("--strip works with a self-contained header")
  func stripEmbedded() throws {
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    try sample.generate([]).checked()
    let whole = try sample.bytesFrom(sample.program(.gcc, [], named: "whole"))
    try sample.generate(["--strip"]).checked()
    let stripped = try sample.bytesFrom(sample.program(.gcc, [], named: "stripped"))
    #expect(try whole == sample.bytes())
    try sample.split(payload: "sample.skel.o", ["--strip"])
    #expect(try stripped == sample.bytesFrom(sample.program(.gcc, ["sample.skel.o"], named: "split")))
  }
}
