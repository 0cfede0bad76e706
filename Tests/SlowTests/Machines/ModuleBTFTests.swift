import Foundation
import SeededRandom
import Testing

@testable import TestSupport

/// The part of a kernel module's BTF that objects need: split as the module's is, or with what is needed of the kernel's.
@Suite("bpfgen min-core-btf of a module", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.bpftool)))
struct ModuleBTFTests {
  /// A kernel's BTF and a module's that continues it, each raw.
  struct Module: Sendable {
    let name: String
    let base: String
    let path: String

    /// Both as one: ids and strings of the one go on where the other's end.
    static func joined(_ base: Data, _ split: Data) -> Data {
      func word(_ data: Data, _ index: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(data[data.startIndex + 4 * index + $1]) << (8 * $1) }
      }
      func part(_ data: Data, at index: Int) -> Data {
        let start = data.startIndex + word(data, 1) + word(data, index)
        return data[start..<start + word(data, index + 1)]
      }
      let types = part(base, at: 2) + part(split, at: 2)
      let strings = part(base, at: 4) + part(split, at: 4)
      let header = [24, 0, types.count, types.count, strings.count].flatMap { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      }
      return base.prefix(4) + Data(header) + types + strings
    }

    func minimal(_ object: String, _ options: [String], to output: String) throws -> Shell.Result {
      try Shell.run(
        Toolchain.bpfgen(), ["min-core-btf", "--base", base, "--btf", path, "-o", output] + options + [object])
    }
  }

  /// Debian's, as `Tests/corpus/kernel-btf` unpacked them.
  static let debians: [Module] = {
    guard let base = Corpus.otherKernel else { return [] }
    let folder = String(base.dropLast(4)) + ".modules"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.sorted().map { Module(name: $0, base: base, path: "\(folder)/\($0)") }
  }()

  private static let seed = UInt64.random(in: 0...UInt64.max)

  @Test(
    "libbpf resolves random relocations as with all of kernel and module",
    .enabled(if: !debians.isEmpty, "SKIPPED: no modules' BTF in \(Corpus.folder)/kernels: Tests/corpus/kernel-btf"))
  func random() throws {
    let scratch = try Scratch()
    let relocated = try RelocatedPrograms(in: scratch)
    var resolved = 0
    for (number, module) in Self.debians.enumerated() {
      let (base, split) = try (contents(module.base), contents(module.path))
      let whole = scratch.file("\(module.name).whole")
      try write(Module.joined(base, split), whole)
      let listing = try Listing(whole, module)
      let reports = try Parallel.map(Array(0..<4)) { index -> (isWrong: String?, lines: Int) in
        var random = SeededRandom(seed: Self.seed, number: 100 * number + index)
        let name = "\(module.name).\(index)"
        let object = try BPFCompiler.compile(listing.program(&random), named: name, in: scratch)
        let (part, alone) = (scratch.file("\(name).part"), scratch.file("\(name).alone"))
        try module.minimal(object, [], to: part).checked()
        try module.minimal(object, ["--standalone"], to: alone).checked()
        let joined = scratch.file("\(name).joined")
        try write(Module.joined(base, contents(part)), joined)
        let answers = try [whole, joined, alone].map { try relocated.run(object, $0) }
        let isSame = answers.dropFirst().allSatisfy { $0.stdout == answers[0].stdout && $0.status == answers[0].status }
        // The part of both that bpftool writes into one file is at least as large as ours.
        let reference = scratch.file("\(name).reference")
        try Shell.run(Tool.bpftool.required(), ["gen", "min_core_btf", whole, reference, object]).checked()
        let isSmall = try contents(alone).count <= contents(reference).count && contents(part).count < split.count / 4
        let lines = answers[0].stdout.split(separator: "\n").count
        return (isSame && isSmall ? nil : "\(name): same \(isSame), small \(isSmall)", lines)
      }
      resolved += reports.map(\.lines).reduce(0, +)
      #expect(reports.compactMap(\.isWrong) == [], "seed \(Self.seed)")
    }
    print("modules: \(resolved) programs of \(Self.debians.count) modules compared")
    #expect(resolved >= 4 * Self.debians.count, "seed \(Self.seed)")
  }

  private func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
  private func write(_ data: Data, _ path: String) throws { try data.write(to: URL(fileURLWithPath: path)) }

  /// The structs of a module, with the members that are pointers or integers.
  private struct Listing {
    private struct Composite {
      let name: String
      var members: [(name: String, isPointer: Bool)] = []
    }

    private let own: [Composite]

    init(_ whole: String, _ module: Module) throws {
      let text = try Shell.run(Tool.bpftool.required(), ["btf", "dump", "file", whole]).checked().stdout
      let first = try Shell.run(
        Tool.bpftool.required(), ["-B", module.base, "btf", "dump", "file", module.path]
      ).checked().stdout.dropFirst().prefix { $0 != "]" }
      let firstOwn = try #require(Int(first))
      var kinds: [String: Substring] = [:]
      var counts: [Substring: Int] = [:]
      var lines: [Substring] = []
      for line in text.split(separator: "\n") {
        let isType = line.hasPrefix("[")
        let fields = line.split(separator: " ", maxSplits: 3)
        if isType { kinds[String(fields[0].dropFirst().dropLast())] = fields[1] }
        if isType, fields[1] == "STRUCT" { counts[fields[2], default: 0] += 1 }
        lines.append(line)
      }
      var found: [Composite] = []
      var isInside = false
      for line in lines {
        let fields = line.split(separator: " ")
        if line.hasPrefix("[") {
          let id = Int(fields[0].dropFirst().dropLast())!
          isInside = id >= firstOwn && fields[1] == "STRUCT" && counts[fields[2]] == 1
          if isInside { found.append(Composite(name: String(fields[2].dropFirst().dropLast()))) }
        } else if isInside, fields.count == 3 {
          let name = String(fields[0].dropFirst(2).dropLast())
          let kind = kinds[String(fields[1].dropFirst("type_id=".count))]
          if kind == "PTR" || kind == "INT" { found[found.count - 1].members.append((name, kind == "PTR")) }
        }
      }
      own = found.filter { !$0.members.isEmpty && $0.members.allSatisfy { $0.name != "(anon)" } }
    }

    /// A program that asks for members of some of them, for one that none has, for sizes, and for a field of the kernel's.
    func program(_ random: inout SeededRandom) -> String {
      let chosen = own.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
      var types = "struct sk_buff { unsigned int len; } __attribute__((preserve_access_index));\n"
      var code = "\tresult += __builtin_preserve_field_info(((struct sk_buff *)0)->len, 0);\n"
      for composite in chosen {
        let members = composite.members.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random))
        let fields = members.map { ($0.isPointer ? "void *" : "int ") + $0.name + ";" } + ["int no_such_member;"]
        types +=
          "struct \(composite.name) { \(fields.joined(separator: " ")) } __attribute__((preserve_access_index));\n"
        for member in members.map(\.name) {
          let kind = Int.random(in: 0...2, using: &random)
          code += "\tresult += __builtin_preserve_field_info(((struct \(composite.name) *)0)->\(member), \(kind));\n"
        }
        code += "\tresult += __builtin_preserve_field_info(((struct \(composite.name) *)0)->no_such_member, 2);\n"
        code += "\tresult += __builtin_preserve_type_info(*(struct \(composite.name) *)0, 1);\n"
      }
      return """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        \(types)
        SEC("raw_tracepoint/sys_enter") int asks(void *context)
        {
        \tlong result = 0;
        \(code)\treturn result;
        }
        char LICENSE[] SEC("license") = "GPL";
        """
    }
  }

  // MARK: By hand

  /// Writes `kernel.btf`, and `module.btf` that continues it: a struct of its own, and one that the kernel has too.
  private static let writer = """
    #include <bpf/btf.h>
    #include <stdio.h>
    static int put(const struct btf *types, const char *path)
    {
    \t__u32 size;
    \tconst void *data = btf__raw_data(types, &size);
    \tFILE *file = fopen(path, "wb");
    \treturn !file || fwrite(data, 1, size, file) != size || fclose(file);
    }
    int main(int count, char **fields)
    {
    \tif (count > 2) {
    \t\tstruct btf *base = btf__parse(fields[1], NULL), *split = btf__parse_split(fields[2], base);
    \t\tif (!split) return 1;
    \t\tfor (unsigned id = btf__type_cnt(base); id < btf__type_cnt(split); id++)
    \t\t\tprintf("%s\\n", btf__name_by_offset(split, btf__type_by_id(split, id)->name_off));
    \t\treturn 0;
    \t}
    \tstruct btf *kernel = btf__new_empty();
    \tint integer = btf__add_int(kernel, "int", 4, BTF_INT_SIGNED);
    \tint queue = btf__add_struct(kernel, "queue", 12);
    \tbtf__add_field(kernel, "cpu", integer, 0, 0);
    \tbtf__add_field(kernel, "spare", integer, 32, 0);
    \tbtf__add_field(kernel, "mode", integer, 64, 0);
    \tbtf__add_struct(kernel, "shared", 4);
    \tbtf__add_field(kernel, "value", integer, 0, 0);
    \tstruct btf *module = btf__new_empty_split(kernel);
    \tbtf__add_struct(module, "unused", 4);
    \tbtf__add_field(module, "nothing", integer, 0, 0);
    \tbtf__add_struct(module, "thing", 20);
    \tbtf__add_field(module, "first", integer, 0, 0);
    \tbtf__add_field(module, "inner", queue, 64, 0);
    \tbtf__add_struct(module, "shared", 8);
    \tbtf__add_field(module, "value", integer, 32, 0);
    \treturn put(kernel, "kernel.btf") || put(module, "module.btf");
    }
    """
  private static let program = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #define CORE __attribute__((preserve_access_index))
    struct queue { int mode; } CORE;
    struct thing { struct queue inner; } CORE;
    struct shared { int value; } CORE;
    SEC("raw_tracepoint/sys_enter") int asks(void *context)
    {
    \treturn __builtin_preserve_field_info(((struct thing *)0)->inner.mode, 0) * 100
    \t\t+ __builtin_preserve_field_info(((struct shared *)0)->value, 0);
    }
    char LICENSE[] SEC("license") = "GPL";
    """

  private static let folder = Result {
    let scratch = try Scratch()
    _ = try scratch.write(writer, to: "writer.c")
    let script = "cd \"$1\" && gcc -w writer.c -lbpf -o writer && ./writer"
    try Shell.run("/bin/bash", ["-euc", script, "types", scratch.path]).checked()
    _ = try BPFCompiler.compile(program, named: "asks", in: scratch)
    return scratch
  }

  private static func run(_ arguments: String) throws -> Shell.Result {
    try Shell.run(
      "/usr/bin/env", ["-C", folder.get().path, Toolchain.bpfgen()] + arguments.components(separatedBy: " "))
  }

  @Test("split, it has the module's needed types, and libbpf reads it together with the kernel's BTF")
  func split() throws {
    let folder = try Self.folder.get()
    try Self.run("-B kernel.btf gen min_core_btf module.btf theirs.btf asks.bpf.o").checked()
    try Self.run("min-core-btf --base kernel.btf --btf module.btf -o part.btf asks.bpf.o --depfile part.d").checked()
    #expect(try contents(folder.file("part.btf")) == contents(folder.file("theirs.btf")))
    let types = try Shell.run(
      "/usr/bin/env", ["-C", folder.path, "./writer", "kernel.btf", "part.btf"]
    ).checked().stdout
    #expect(types == "thing\nshared\n")
    let depfile = try String(contentsOfFile: folder.file("part.d"), encoding: .utf8)
    #expect(["kernel.btf", "module.btf", "asks.bpf.o"].allSatisfy { depfile.contains($0) })
  }

  @Test("complete, libbpf accepts it: a type of the kernel wins over the module's with the same name")
  func standalone() throws {
    let folder = try Self.folder.get()
    let arguments = "min-core-btf --base kernel.btf --btf module.btf --standalone -o alone.btf asks.bpf.o"
    try Self.run(arguments).checked()
    let listing = try Self.run("btf dump file alone.btf").checked().stdout
    let structs = listing.split(separator: "\n").filter { $0.contains("] STRUCT") }.map {
      $0.drop { $0 != " " }
    }
    #expect(
      structs == [" STRUCT 'queue' size=12 vlen=1", " STRUCT 'shared' size=4 vlen=1", " STRUCT 'thing' size=20 vlen=1"])
    // The field is 16 bytes into the thing, the kernel's value 0 bytes into its struct and the module's 4.
    let scratch = try Scratch()
    let relocated = try RelocatedPrograms(in: scratch)
    let answer = try relocated.run(folder.file("asks.bpf.o"), folder.file("alone.btf")).checked().stdout
    #expect(answer.contains("000010000000") && !answer.contains("000004000000"), "\(answer)")
  }

  @Test("without its base a module's BTF is an error that names the option, and so is another kernel's base")
  func errors() throws {
    let folder = try Self.folder.get()
    for arguments in [
      "gen min_core_btf module.btf x.btf asks.bpf.o", "min-core-btf --btf module.btf -o x.btf asks.bpf.o",
      "vmlinux-h module.btf -o x.h", "btf dump file module.btf",
    ] {
      let result = try Self.run(arguments)
      #expect(result.status == .exited(1) && result.stderr.contains("--base BASE, or -B BASE"), "\(result.stderr)")
    }
    try Self.run("vmlinux-h module.btf --base kernel.btf -o module.h").checked()
    #expect(try String(contentsOfFile: folder.file("module.h"), encoding: .utf8).contains("struct thing {"))
    let unasked = try Self.run("min-core-btf --btf kernel.btf --standalone -o x.btf asks.bpf.o")
    #expect(unasked.status == .exited(2) && unasked.stderr.contains("--base <file>"))
    // Half a kernel: the module's types lead to what it does not have.
    try Self.run("min-core-btf --btf kernel.btf -o half.btf asks.bpf.o").checked()
    let other = try Self.run("-B half.btf gen min_core_btf module.btf x.btf asks.bpf.o")
    #expect(
      other.status == .exited(1) && other.stderr.contains("check that --base is the BTF of the kernel"),
      "\(other.stderr)")
  }
}
