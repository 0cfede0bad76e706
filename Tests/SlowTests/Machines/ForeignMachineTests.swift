import Foundation
import Testing

@testable import TestSupport

/// What the tools of other machines make of payloads: Debian's binutils, C libraries and gcc for them, and qemu.
@Suite("Programs of other machines", .runsTools, .needs(.tool(.clang)))
struct ForeignMachineTests {
  static let linked = PayloadMachine.all.filter { $0.triple != nil }

  @Test("the machine's own ld keeps a payload's bytes, alignment and names, twice in a row", arguments: linked)
  func relinked(_ machine: PayloadMachine) throws {
    let tools = "/usr/bin/\(machine.triple!)"
    if access("\(tools)-ld", X_OK) != 0 { try Test.cancel("SKIPPED: \(tools)-ld is not installed") }
    let scratch = try Scratch()
    let sample = try PayloadSample(in: scratch)
    let user = try machine.object(of: sample.reader(), in: scratch)
    try sample.split(payload: "sample.skel.o", ["--like", user])
    let (once, twice) = (scratch.file("once.o"), scratch.file("twice.o"))
    let link = ["-r", "--fatal-warnings", "-o"]
    try Shell.run("\(tools)-ld", link + [once, user, scratch.file("sample.skel.o")]).checked()
    try Shell.run("\(tools)-ld", link + [twice, once]).checked()

    let bytes = try sample.bytes()
    let section = try #require(try ELFText.sections(twice).first { $0.name == ".rodata.bpfgen" })
    #expect(section.flags == "A" && section.alignment == 8)
    #expect(try ELFText.sections(twice).first { $0.name == ".note.GNU-stack" }?.flags == "", "no executable stack")
    let content = scratch.file("content")
    try Shell.run("\(tools)-objcopy", ["-O", "binary", "--only-section=.rodata.bpfgen", twice, content]).checked()
    let read = try Data(contentsOf: URL(fileURLWithPath: content))
    let names = try sample.symbolNames()
    let symbols = try ELFText.symbols(twice)
    for name in names { #expect(symbols.first { $0.name == name }?.form == "OBJECT GLOBAL HIDDEN", "\(name)") }
    let start = try #require(symbols.first { $0.name == names[0] })
    #expect(start.value % 8 == 0 && read[start.value...].prefix(start.size) == bytes)
  }

  static let running = linked.filter { $0.qemu != nil }

  @Test("a program prints its payload's hash, self-contained or separate", arguments: running, [false, true])
  func hash(_ machine: PayloadMachine, isSplit: Bool) throws {
    let scratch = try Scratch()
    let foreign = try ForeignProgram(machine, isSplit: isSplit, in: scratch)
    #expect(try foreign.run(["--hash"]).stdout == foreign.sample.hash())
    // The C library's own crti.o asks for it on mips.
    #expect(try ELFText.stack(foreign.path) == (machine.qemu == "mips64el" ? "RWE" : "RW"))
  }

  static let withLibBPF = running.filter { $0.gcc != nil }

  @Test("the machine's libbpf opens the object through the header", arguments: withLibBPF, [false, true])
  func opens(_ machine: PayloadMachine, isSplit: Bool) throws {
    let foreign = try ForeignProgram(machine, isSplit: isSplit, in: Scratch())
    #expect(
      try foreign.run(["--list"]).stdout.contains("map hits type 2 key 4 value 8 entries 8\n")
        && foreign.run(["--list"]).stdout.contains("program count in raw_tracepoint/sys_enter"))
  }
}

/// ``PayloadSample``'s program, built for another machine.
private struct ForeignProgram {
  let machine: PayloadMachine
  let sample: PayloadSample
  let path: String

  /// By the machine's gcc with its libbpf; else by clang and the machine's ld, when it can only print its bytes.
  init(_ machine: PayloadMachine, isSplit: Bool, in scratch: Scratch) throws {
    self.machine = machine
    let folder = "/usr/\(machine.triple!)"
    for file in ["\(folder)/lib/crt1.o", "/usr/bin/\(machine.triple!)-ld", "/usr/bin/qemu-\(machine.qemu!)"]
    where access(file, R_OK) != 0 { try Test.cancel("SKIPPED: \(file) is not installed") }
    sample = try PayloadSample(in: scratch, target: machine.isBigEndian ? "bpfeb" : "bpfel")
    let payload = isSplit ? ["sample.skel.o"] : []
    let like = try machine.object(in: scratch)
    try sample.generate(payload.flatMap { ["--payload", scratch.file($0), "--like", like] }).checked()
    if let gcc = machine.gcc {
      if gcc.path == nil { try Test.cancel("SKIPPED: \(gcc.rawValue) is not there (Tests/cross/fetch)") }
      let libraries = "\(Toolchain.root)/.build/cross/usr/lib/\(machine.triple!)"
      path = try sample.program(
        gcc, payload, libraries: ["-static-libgcc", "-L", libraries, "-lbpf", "-lelf", "-lz"])
      return
    }
    guard case .clang(let target) = machine.origin else { preconditionFailure("no compiler") }
    let object = scratch.file("user.o")
    try Shell.run(
      Tool.clang.required(),
      ["-target"] + target + ["-isystem", "\(folder)/include", "-O2", "-DBYTES_ONLY", "-Wall", "-Werror"]
        + ["-c", scratch.file("user.c"), "-o", object]
    ).checked()
    path = scratch.file("user.elf")
    let loader = ["lib", "lib64"].flatMap { library in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(library)")) ?? []
      return names.filter { $0.hasPrefix("ld") && $0.contains(".so") }.map { "\(folder)/\(library)/\($0)" }
    }.first
    try Shell.run(
      "/usr/bin/\(machine.triple!)-ld",
      ["--fatal-warnings", "-dynamic-linker", #require(loader), "-o", path]
        + ["crt1.o", "crti.o"].map { "\(folder)/lib/\($0)" } + [object] + payload.map(scratch.file)
        + ["-L", "\(folder)/lib", "-lc", "\(folder)/lib/crtn.o"]
    ).checked()
  }

  func run(_ arguments: [String]) throws -> Shell.Result {
    try Shell.run("/usr/bin/qemu-\(machine.qemu!)", ["-L", "/usr/\(machine.triple!)", path] + arguments).checked()
  }
}
