import Foundation
import Testing

@testable import TestSupport

/// The part of a kernel's BTF that objects' relocations need: as small as bpftool's, and libbpf finds in it what it finds in
/// the whole.
@Suite("bpfgen min-core-btf", .runsTools, .needs(.corpus, .tool(.clang), .tool(.gcc), .tool(.bpftool)))
struct MinCoreBTFTests {
  private static let kernel = "/sys/kernel/btf/vmlinux"

  /// Objects of the corpus that ask a kernel for something, each with what it needs.
  private struct Asking: Sendable {
    let kernel: String
    let entries: [(object: Corpus.Object, minimal: Data)]

    init(_ kernel: String) throws {
      self.kernel = kernel
      let scratch = try Scratch()
      let all: [(Corpus.Object, Data)?] = try Parallel.map(Corpus.objects()) { object in
        let output = scratch.file(object.name)
        try Shell.run(Toolchain.bpfgen(), ["min-core-btf", "--btf", kernel, "-o", output, object.path]).checked()
        let minimal = try Data(contentsOf: URL(fileURLWithPath: output))
        // A header and the empty string: nothing is needed.
        return minimal.count > 25 ? (object, minimal) : nil
      }
      entries = all.compactMap { $0 }.map { (object: $0.0, minimal: $0.1) }
    }

    static let running = Result { try Asking(MinCoreBTFTests.kernel) }
    static let debians = Result { try Asking(#require(Corpus.otherKernel)) }
  }

  /// The kernels that objects ask: the running one, and in the full tier Debian's.
  private static let kernels = Tier.isFull ? ["running", "Debian's"] : ["running"]

  private static func asking(_ kernel: String) throws -> Asking {
    if kernel == "running" { return try Asking.running.get() }
    if let unmet = Requirement.otherKernel.unmet { try Test.cancel("SKIPPED: \(unmet)") }
    return try Asking.debians.get()
  }

  @Test("is at most as large as bpftool's, for each object of the corpus that needs something", arguments: kernels)
  func size(_ kernel: String) throws {
    let asking = try Self.asking(kernel)
    #expect(asking.entries.count >= Tier.count(quick: 12, full: 90))
    let scratch = try Scratch()
    let larger = try Parallel.map(asking.entries) { entry -> String? in
      let reference = scratch.file(entry.object.name)
      let run = try Shell.run(
        Tool.bpftool.required(), ["gen", "min_core_btf", asking.kernel, reference, entry.object.path])
      guard run.succeeded else { return nil }
      let size = try Data(contentsOf: URL(fileURLWithPath: reference)).count
      return entry.minimal.count > size ? "\(entry.object.name): \(entry.minimal.count) > \(size)" : nil
    }
    #expect(larger.compactMap { $0 } == [])
  }

  @Test("libbpf resolves each relocation as with all of the kernel's BTF", arguments: kernels)
  func instructions(_ kernel: String) throws {
    let asking = try Self.asking(kernel)
    let scratch = try Scratch()
    let relocated = try RelocatedPrograms(in: scratch)
    let results = try Parallel.map(asking.entries) { entry -> (name: String, loads: Bool, isSame: Bool) in
      let minimal = scratch.file("\(entry.object.name).btf")
      try entry.minimal.write(to: URL(fileURLWithPath: minimal))
      let runs = try [asking.kernel, minimal].map { try relocated.run(entry.object.path, $0) }
      return (
        entry.object.name, runs[0].succeeded, runs[0].stdout == runs[1].stdout && runs[0].status == runs[1].status
      )
    }
    #expect(results.count(where: \.loads) >= Tier.count(quick: 8, full: 70))
    // These ask for the number of a type in the kernel's BTF, which is another one in any smaller BTF.
    let numbered: Set = ["bpf_iter_task_btf", "netif_receive_skb", "test_core_reloc_type_id"]
    #expect(Set(results.filter { !$0.isSame }.map(\.name)) == numbered)
  }

  @Test("types match, or do not, as with all of the kernel's")
  func typeMatches() throws {
    let scratch = try Scratch()
    let relocated = try RelocatedPrograms(in: scratch)
    let (kernel, object) = try (core("kernel", in: scratch), core("matches", in: scratch))
    let minimal = scratch.file("minimal.btf")
    try Shell.run(Toolchain.bpfgen(), ["min-core-btf", "--btf", kernel, "-o", minimal, object]).checked()
    // r0 = 1 or 0; exit. A program's name begins with its answer.
    let answers = ["yes": "b700000001000000", "no": "b700000000000000"].mapValues { $0 + "9500000000000000" }
    for types in [kernel, minimal] {
      let lines = try relocated.run(object, types).checked().stdout.split(separator: "\n").map {
        $0.split(separator: " ")
      }
      let asked = lines.filter { $0.count == 2 && ($0[0].hasPrefix("yes_") || $0[0].hasPrefix("no_")) }
      #expect(asked.count == 20)
      for line in asked {
        #expect(line[1] == answers[String(line[0].prefix { $0 != "_" })]!, "\(line[0]) in \(types)")
      }
    }

    let reference = scratch.file("bpftool's")
    try Shell.run(Tool.bpftool.required(), ["gen", "min_core_btf", kernel, reference, object]).checked()
    let sizes = try [minimal, reference].map { try Data(contentsOf: URL(fileURLWithPath: $0)).count }
    #expect(sizes[0] <= sizes[1])
  }

  @Test("a kernel's BTF with any word of its types changed is an error or has a minimal BTF")
  func changedWords() throws {
    let scratch = try Scratch()
    let (kernel, object) = try (core("kernel", in: scratch), core("matches", in: scratch))
    let whole = scratch.file("whole.btf")
    try Shell.run(Toolchain.bpfgen(), ["min-core-btf", "--btf", kernel, "-o", whole, object]).checked()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
    for folder in ["changed", "minimal"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    // The header's fourth word is the length of the types after it.
    let length = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
    try #require(length > 300)
    for at in stride(from: 24, to: 24 + length, by: 4) {
      for (number, change) in [0x00, 0x01, 0x7f, 0xff].enumerated() {
        var changed = bytes
        for index in at..<at + 4 where change > 1 || index == at { changed[index] = UInt8(change) }
        try changed.write(to: URL(fileURLWithPath: scratch.file("changed/\(at)-\(number).btf")))
      }
    }
    let run = try Shell.run(
      Toolchain.bpfgen(),
      ["min-core-btf", "--btf", scratch.file("changed/*.btf"), "--out-dir", scratch.file("minimal"), object])
    #expect(run.status == .exited(1) && run.stderr.contains(": error: "))
  }

  private func core(_ name: String, in scratch: Scratch) throws -> String {
    try BPFCompiler.compile(file: "\(Toolchain.fixtures)/core/\(name).bpf.c", named: name, in: scratch)
  }

  @Test("makes those of many kernels in one run, the same as individually")
  func many() throws {
    let scratch = try Scratch()
    for folder in ["kernels", "small"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    for number in 0..<6 {
      try Shell.run("/usr/bin/env", ["cp", Self.kernel, scratch.file("kernels/\(number).btf")]).checked()
    }
    let objects = try Asking.running.get().entries.prefix(20).map(\.object.path)
    func run(_ objects: [String], _ more: String...) throws -> Shell.Result {
      try Shell.run(Toolchain.bpfgen(), ["min-core-btf", "--btf", scratch.file("kernels/*.btf")] + more + objects)
    }
    try run(objects, "--out-dir", scratch.file("small")).checked()
    let alone = scratch.file("alone")
    try Shell.run(
      Toolchain.bpfgen(), ["min-core-btf", "--btf", Self.kernel, "-o", alone] + objects.reversed()
    ).checked()
    let wanted = try Data(contentsOf: URL(fileURLWithPath: alone))
    for number in 0..<6 {
      #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file("small/\(number).btf"))) == wanted)
    }

    let arguments = ["gen", "min_core_btf", Self.kernel, scratch.file("in bpftool's words")]
    try Shell.run(Toolchain.bpfgen(), arguments + objects).checked()
    #expect(try Data(contentsOf: URL(fileURLWithPath: arguments[3])) == wanted)

    let one = try run(objects, "-o", scratch.file("x"))
    #expect(one.status == .exited(2) && one.stderr.contains("'-o' writes one file, but there are 6 kernels"))
    let nowhere = try run(objects)
    #expect(nowhere.status == .exited(2) && nowhere.stderr.contains("is required"))
    _ = try scratch.write("no BTF", to: "kernels/broken.btf")
    let broken = try run(objects, "--out-dir", scratch.file("small"))
    #expect(broken.status == .exited(1) && broken.stderr.contains("kernels/broken.btf: error: "))
  }
}
