import Foundation
import Testing

@testable import TestSupport

/// `btf dump file`: the types are those that bpftool prints.
@Suite("bpftool's btf dump", .runsTools, .needs(.tool(.clang), .tool(.bpftool)))
struct BPFToolTypesTests {
  private static let kernel = "/sys/kernel/btf/vmlinux"

  private static func both(_ words: [String]) throws -> (ours: Shell.Result, theirs: Shell.Result) {
    (try Shell.run(Toolchain.bpfgen(), words), try Shell.run(Tool.bpftool.required(), words))
  }

  @Test("listed raw they are those of bpftool, byte for byte: for the kernel and the corpus", .needs(.corpus))
  func raw() throws {
    let files = try [Self.kernel] + Corpus.objects().map(\.path)
    let differences = try Parallel.map(files) { file -> String? in
      let (ours, theirs) = try Self.both(["btf", "dump", "file", file])
      return ours.stdout == theirs.stdout && ours.succeeded == theirs.succeeded ? nil : file
    }.compactMap { $0 }
    #expect(files.count > Tier.count(quick: 60, full: 400) && differences == [])
  }

  @Test("as JSON they are those of bpftool too", .needs(.corpus))
  func json() throws {
    for object in try Corpus.objects().enumerated().filter({ $0.offset % 25 == 0 }).map(\.element) {
      for option in ["-j", "-p"] {
        let (ours, theirs) = try Self.both([option, "btf", "dump", "file", object.path])
        guard theirs.succeeded else { continue }
        let trees = try [ours, theirs].map {
          try #require(try JSONSerialization.jsonObject(with: Data($0.checked().stdout.utf8)) as? NSDictionary)
        }
        #expect(trees[0] == trees[1], "\(object.name)")
        #expect(option == "-p" || ours.stdout == theirs.stdout, "\(object.name)")
      }
    }
    let refused = try Self.both(["-j", "btf", "dump", "file", Self.kernel, "format", "c"])
    #expect(!refused.ours.succeeded && !refused.theirs.succeeded && refused.ours.stdout.hasPrefix("{\"error\":"))
  }

  /// A header without the macros and prototypes for kernel functions, which bpftool before 7.5 does not write.
  private static func asBefore(_ header: String) -> String {
    header.removing(from: "#ifndef __ksym\n", through: "#endif\n#endif\n\n")
      .removing(from: "\n/* BPF kfuncs */\n", through: "#endif\n\n")
  }

  /// bpftool 7.1 leaves out what makes an enumeration as small as it is: those of one byte have four in its header.
  @Test("as C they are bpftool's text, but for the size of small enumerations", .needs(.corpus))
  func text() throws {
    let files = try [Self.kernel] + Corpus.objects().map(\.path)
    let differences = try Parallel.map(files) { file -> String? in
      let ours = try Shell.run(Toolchain.bpfgen(), ["btf", "dump", "file", file, "format", "c", "unsorted"])
      let theirs = try Shell.run(Tool.bpftool.required(), ["btf", "dump", "file", file, "format", "c"])
      guard theirs.succeeded else { return ours.succeeded ? file : nil }
      let text = Self.asBefore(ours.stdout).replacing("} __attribute__((mode(byte)));", with: "};")
      return text == theirs.stdout ? nil : file
    }.compactMap { $0 }
    #expect(files.count > Tier.count(quick: 60, full: 400) && differences == [])
  }

  @Test("those of the corpus compile for BPF, each with its size in the object", .needs(.corpus))
  func corpusSizes() throws {
    let scratch = try Scratch()
    let wrong = try Parallel.map(Corpus.objects()) { object -> (types: Int, wrong: String?) in
      // An object without types has no header, for bpftool either.
      guard try Shell.run(Tool.bpftool.required(), ["btf", "dump", "file", object.path]).succeeded else {
        return (0, nil)
      }
      let header = try TypesAsC(of: object.path, by: Toolchain.bpfgen(), in: scratch)
      let wrong = try header.wrongSizes()
      return (header.sizes.count, wrong.isEmpty ? nil : "\(object.name): \(wrong.sorted())")
    }
    print("types: \(wrong.map(\.types).reduce(0, +)) of \(wrong.count) objects compared")
    #expect(wrong.compactMap(\.wrong) == [] && wrong.map(\.types).reduce(0, +) > Tier.count(quick: 300, full: 3000))
  }
}

extension String {
  /// Without the first text that begins and ends so.
  fileprivate func removing(from start: String, through end: String) -> String {
    guard let first = range(of: start), let last = range(of: end, range: first.upperBound..<endIndex) else {
      return self
    }
    return String(self[..<first.lowerBound] + self[last.upperBound...])
  }
}

/// What newer bpftools write as well.
extension BPFToolTypesTests {
  /// The functions that the running kernel's BTF tags, as the system's bpftool lists them.
  private static func tagged(_ tag: String) throws -> Set<String> {
    let listing = try Shell.run(Tool.bpftool.required(), ["btf", "dump", "file", kernel]).checked().stdout
    var names: [Substring: Substring] = [:]
    var found: [Substring] = []
    for line in listing.split(separator: "\n") where line.hasPrefix("[") {
      let words = line.split(separator: " ")
      if words[1] == "FUNC" { names[words[0].dropFirst().dropLast()] = words[2].dropFirst().dropLast() }
      if words[1] == "DECL_TAG", words[2] == "'\(tag)'", words[4] == "component_idx=-1" {
        found.append(words[3].dropFirst("type_id=".count))
      }
    }
    return Set(found.compactMap { names[$0].map(String.init) })
  }

  @Test("each function that the kernel's BTF tags has a prototype, in the order of the names")
  func kfuncs() throws {
    let header = try Shell.run(Toolchain.bpfgen(), ["btf", "dump", "file", Self.kernel, "format", "c"]).checked().stdout
    let prototypes = TypesAsC.prototypes(header)
    let names = prototypes.compactMap {
      $0.replacing(#/__attribute__\(\(\w+(\(\d+\))?\)\) /#, with: "").firstMatch(of: /(\w+)\(/).map { String($0.1) }
    }
    let tagged = try Self.tagged("bpf_kfunc")
    print("kfuncs: \(prototypes.count) prototypes")
    let isComplete = names == tagged.sorted() && names.count == prototypes.count
    #expect(isComplete, "\(tagged.symmetricDifference(names).sorted())")
    let fast = zip(names, prototypes).filter { $1.hasPrefix("extern __bpf_fastcall ") }.map(\.0)
    #expect(try Set(fast) == Self.tagged("bpf_fastcall").intersection(tagged))
    let isSame = try Shell.run(Toolchain.bpfgen(), ["vmlinux-h", "-o", "-"]).checked().stdout == header
    #expect(isSame)
  }

  @Test("root_id: types and what they need, as C and raw", .needs(.corpus))
  func roots() throws {
    let object = "\(Corpus.folder)/obj/test_skeleton.bpf.o"
    let all = try Shell.run(Toolchain.bpfgen(), ["btf", "dump", "file", object]).checked().stdout
    let entries = all.components(separatedBy: "\n[").map { $0.hasPrefix("[") ? $0 : "[" + $0 }
    for id in [1, 3, 7] {
      let words = ["btf", "dump", "file", object, "root_id", "\(id)"]
      #expect(try Shell.run(Toolchain.bpfgen(), words).checked().stdout == "\(entries[id - 1])\n")
      let header = try Shell.run(Toolchain.bpfgen(), words + ["format", "c"]).checked().stdout
      #expect(header.hasPrefix("#ifndef __VMLINUX_H__") && !header.contains("BPF kfuncs"))
    }
    let none = try Shell.run(Toolchain.bpfgen(), ["btf", "dump", "file", object, "root_id", "999999", "format", "c"])
    #expect(none.status == .exited(1) && none.stdout.isEmpty && none.stderr.contains("no type [999999]"))
  }
}

/// Types in files that are not BPF objects.
extension BPFToolTypesTests {
  /// Writes `base.btf`, and `split.btf` that continues it, as a kernel module's types continue the kernel's.
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
    int main(void)
    {
    \tstruct btf *base = btf__new_empty();
    \tint integer = btf__add_int(base, "int", 4, BTF_INT_SIGNED);
    \tint pair = btf__add_struct(base, "pair", 8);
    \tbtf__add_field(base, "left", integer, 0, 0);
    \tbtf__add_field(base, "right", integer, 32, 0);
    \tstruct btf *split = btf__new_empty_split(base);
    \tbtf__add_struct(split, "module", 16);
    \tbtf__add_field(split, "left", pair, 0, 0);
    \tbtf__add_field(split, "more", pair, 64, 0);
    \tbtf__add_ptr(split, btf__find_by_name(split, "module"));
    \treturn put(base, "base.btf") || put(split, "split.btf");
    }
    """

  /// A folder with both, and with ELF files of this machine that carry them.
  private static let folder = Result {
    let scratch = try Scratch()
    _ = try scratch.write(writer, to: "writer.c")
    try Shell.run(
      "/bin/bash",
      [
        "-euc",
        """
        cd "$1"
        gcc writer.c -lbpf -o writer && ./writer
        echo 'int here;' | gcc -xc -c - -o host.o
        for name in base split; do objcopy --add-section .BTF=$name.btf host.o $name.ko; done
        gcc -shared host.o -o vmlinux && objcopy --add-section .BTF=base.btf vmlinux
        """, "types", scratch.path,
      ]
    ).checked()
    return scratch
  }

  @Test(
    "a vmlinux, a module and raw types are read, with a base where they have one", .needs(.tool(.gcc)),
    arguments: [["base.btf"], ["base.ko"], ["vmlinux"], ["split.btf", "base.btf"], ["split.ko", "vmlinux"]],
    [["format", "c"], ["format", "raw"]])
  func files(_ files: [String], _ format: [String]) throws {
    let folder = try Self.folder.get()
    let base = files.dropFirst().flatMap { ["-B", folder.file($0)] }
    let words = base + ["btf", "dump", "file", folder.file(files[0])] + format
    let ours = try Shell.run(Toolchain.bpfgen(), words + (format[1] == "c" ? ["unsorted"] : []))
    let theirs = try Shell.run(Tool.bpftool.required(), words)
    #expect(try Self.asBefore(ours.checked().stdout) == theirs.checked().stdout)
    #expect(ours.stdout.contains(files.count == 1 ? "pair" : "module"))
  }

  @Test("split types without their base are an error, and so is an invalid base", .needs(.tool(.gcc)))
  func withoutBase() throws {
    let folder = try Self.folder.get()
    let alone = try Shell.run(Toolchain.bpfgen(), ["btf", "dump", "file", folder.file("split.btf"), "format", "c"])
    #expect(
      alone.status == .exited(1) && alone.stderr.contains("split BTF") && alone.stderr.contains("-B BASE"),
      "\(alone.stderr)")
    for base in ["nosuch", "host.o", "writer.c", "split.btf"] {
      let words = ["-B", folder.file(base), "btf", "dump", "file", folder.file("split.btf"), "format", "c"]
      let result = try Shell.run(Toolchain.bpfgen(), words)
      #expect(result.status == .exited(1) && result.stderr.hasPrefix("\(folder.file(base)): error: "), "\(base)")
    }
  }

  @Test("truncated split types, or ones with invalid references, are an error", .needs(.tool(.gcc)))
  func damagedSplit() throws {
    let folder = try Self.folder.get()
    let whole = try #require(FileManager.default.contents(atPath: folder.file("split.btf")))
    let scratch = try Scratch()
    let damaged = scratch.file("damaged.btf")
    func dump(_ bytes: Data) throws -> Shell.Result {
      try bytes.write(to: URL(fileURLWithPath: damaged))
      let words = ["-B", folder.file("base.btf"), "btf", "dump", "file", damaged, "format", "c"]
      return try Shell.run(Toolchain.bpfgen(), words)
    }
    try dump(whole).checked()
    for length in 0..<whole.count { #expect(try dump(whole.prefix(length)).status == .exited(1), "\(length)") }
    // The base has the types 1 and 2, the file itself 3 and 4; the first member's type is after 40 bytes.
    for type: UInt8 in [3, 5, 99] {
      var other = whole
      other[40] = type
      let result = try dump(other)
      #expect(result.status == .exited(1) && result.stderr.contains("[\(type)]"), "\(result.stderr)")
    }
  }
}
