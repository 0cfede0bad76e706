import Foundation
import Testing

@testable import TestSupport

/// One program in all the shapes that compilers, linkers and strip give an object: the header of the plain one, or an error.
@Suite(
  "Shapes of objects", .runsTools,
  .needs(.tool(.clang), .tool(.clang14), .tool(.bpfgcc), .tool(.bpftool), .file("/usr/bin/llc-14")))
struct ObjectShapeTests {
  static let equal: [ObjectShape] = [
    .compiled("-gdwarf-4"), .compiled("-gdwarf-5"), .compiled("-g", "-gdwarf64"), .compiled("-g", "-gsplit-dwarf"),
    .compiled("-g", "-gz"),
    .changed("llvm-objcopy", "--compress-debug-sections=zlib"), .changed("bpf-objcopy", "--compress-debug-sections"),
    // Sections called .zdebug_.
    .changed("bpf-objcopy", "--compress-debug-sections=zlib-gnu"),
    .changed("llvm-strip", "-g"), .changed("llvm-strip", "--strip-unneeded"), .changed("bpf-strip", "-g"),
    .changed("llvm-objcopy", "-R", ".BTF.ext", "-R", ".rel.BTF.ext"),
    .linked([.bpfgen]), .linked([.bpfgen, .bpfgen]), .linked([.bpftool, .bpfgen]), .linked([.bpfgen, .bpftool]),
    .lto,
  ]

  @Test("with the same content give the same header, from bytes with and without debug information", arguments: equal)
  func same(_ shape: ObjectShape) throws {
    let scratch = try Scratch()
    let plain = try ObjectShape.compiled("-g").make(in: scratch)
    let object = try shape.make(in: scratch)
    for kind in HeaderKind.allCases {
      for options in kind == .skeleton ? [[], ["--strip"]] : [[]] {
        let headers = try [plain, object].map { object in
          let payload = kind == .skeleton ? ["--payload", scratch.file("payload.o")] : []
          let header = scratch.file("header.h")
          try Shell.run(
            Toolchain.bpfgen(), [kind.rawValue, object, "--name", "app", "-o", header] + payload + options
          ).checked()
          return try String(contentsOfFile: header, encoding: .utf8)
        }
        #expect(headers[0] == headers[1], "\(kind) \(options)")
      }
      #expect(try Generator.bpftool(kind, of: object, name: "app", header: scratch.file("reference.h")).succeeded)
    }
  }

  static let poor: [(shape: ObjectShape, words: String, isRefusedByBpftool: Bool)] = [
    (.compiled(), "no BTF type information", true),
    // bpftool's header then has no variables.
    (.compiled("-DNO_MAPS"), "no BTF type information", false),
    // clang gives functions a type that is not there.
    (.compiled("-gline-tables-only"), "incomplete BTF", true),
    (.compiled("-gline-tables-only", "-DNO_MAPS"), "incomplete BTF", false),
    (.changed("llvm-objcopy", "-R", ".BTF", "-R", ".rel.BTF", "-R", ".BTF.ext", "-R", ".rel.BTF.ext"), "no BTF", true),
    (.changed("llvm-strip", "--strip-all"), "no symbol table", true),
    // It leaves the BTF, and no symbols.
    (.changed("bpf-strip"), "no symbol table", true),
    (.compiled("-g", "-flto"), "not an ELF file", true),
  ]

  @Test("with too little information are refused in the same way", arguments: poor)
  func refused(_ shape: ObjectShape, words: String, isRefusedByBpftool: Bool) throws {
    let scratch = try Scratch()
    let object = try shape.make(in: scratch)
    for kind in HeaderKind.allCases {
      let result = try Generator.bpfgen(kind, of: object, name: "app", header: scratch.file("header.h"))
      #expect(result.status == .exited(1))
      #expect(result.stderr.hasPrefix("\(object): error: \(words)"), "\(result.stderr)")
      #expect(access(scratch.file("header.h"), F_OK) != 0)
    }
    let theirs = try Generator.bpftool(.skeleton, of: object, name: "app", header: scratch.file("reference.h"))
    #expect(theirs.succeeded != isRefusedByBpftool, "\(theirs.stderr)")
  }

  @Test("with .zdebug_ sections are linked without them; bpftool links none")
  func oldCompressionLinked() throws {
    let scratch = try Scratch()
    let object = try ObjectShape.changed("bpf-objcopy", "--compress-debug-sections=zlib-gnu").make(in: scratch)
    let theirs = try Shell.run(Tool.bpftool.required(), ["gen", "object", scratch.file("theirs.bpf.o"), object])
    #expect(!theirs.succeeded)
    let (linked, plain) = (scratch.file("linked.bpf.o"), scratch.file("plain.bpf.o"))
    try Shell.run(Toolchain.bpfgen(), ["gen", "object", linked, object]).checked()
    try Shell.run(
      Toolchain.bpfgen(), ["gen", "object", plain, ObjectShape.compiled("-g").make(in: scratch)]
    ).checked()
    for object in [linked, plain] {
      let sections = try Shell.run("/usr/bin/env", ["readelf", "-SW", object]).checked().stdout
      #expect(sections.contains(" .BTF ") && !sections.contains("debug_"), "\(sections)")
      try Generator.bpfgen(.skeleton, of: object, name: "app", header: scratch.file("header.h")).checked()
    }
  }

  @Test("that GNU ld links have their sections in another order, in bpftool's header too")
  func gnuLinked() throws {
    let scratch = try Scratch()
    let linked = scratch.file("linked.bpf.o")
    let plain = try ObjectShape.compiled("-g").make(in: scratch)
    try Shell.run("/usr/bin/env", ["bpf-ld", "-r", plain, "-o", linked]).checked()
    let types = try TypesHeader(of: linked, writingTo: scratch.file("types.h"))
    let object = Corpus.Object(name: "linked", path: linked, sizeBytes: 0)
    let entry = ReferenceCache.Entry(
      object: object, name: "app", types: types, reference: try Reference(of: object, name: "app", types: types))
    for kind in HeaderKind.allCases {
      #expect(try InterfaceReport.compare(entry, kind, split: false).differences == [])
    }
  }
}

/// A way to make an object from ``source``.
enum ObjectShape: Sendable, CustomTestStringConvertible {
  enum Linker: String, Sendable { case bpfgen, bpftool }

  /// By the Swift toolchain's clang with these flags.
  case compiled([String])
  /// By a tool that rewrites it at its path.
  case changed([String])
  /// Once by each.
  case linked([Linker])
  /// By clang as bitcode, with what it calls in another file, and linked and compiled as a whole.
  case lto

  static func compiled(_ flags: String...) -> Self { .compiled(flags) }
  static func changed(_ words: String...) -> Self { .changed(words) }

  var testDescription: String {
    switch self {
    case .compiled(let flags): "clang \(flags.joined(separator: " "))"
    case .changed(let words): words.joined(separator: " ")
    case .linked(let linkers): "linked by \(linkers.map(\.rawValue).joined(separator: ", then by "))"
    case .lto: "link-time optimization"
    }
  }

  /// The object's path.
  func make(in scratch: Scratch) throws -> String {
    let object = scratch.file("app.bpf.o")
    switch self {
    case .compiled(let flags): try Self.compile(.clang, flags + ["-DSCALED"], to: object, in: scratch)
    case .changed(let words):
      try Self.compile(.clang, ["-g", "-DSCALED"], to: object, in: scratch)
      try Shell.run("/usr/bin/env", words + [object]).checked()
    case .linked(let linkers):
      var input = scratch.file("unlinked.bpf.o")
      try Self.compile(.clang, ["-g", "-DSCALED"], to: input, in: scratch)
      for (index, linker) in linkers.enumerated() {
        let output = scratch.file("linked\(index).bpf.o")
        try Shell.run(
          linker == .bpfgen ? Toolchain.bpfgen() : Tool.bpftool.required(), ["gen", "object", output, input]
        ).checked()
        input = output
      }
      return input
    case .lto:
      let parts = [scratch.file("app.bc"), scratch.file("scaled.bc"), scratch.file("whole.bc")]
      try Self.compile(.clang14, ["-g", "-flto"], to: parts[0], in: scratch)
      try Self.compile(.clang14, ["-g", "-flto", "-DSCALED_ALONE"], to: parts[1], in: scratch)
      try Shell.run("/usr/bin/env", ["llvm-link-14", parts[0], parts[1], "-o", parts[2]]).checked()
      try Shell.run(
        "/usr/bin/env", ["llc-14", "-march=bpf", "-mcpu=v3", "-filetype=obj", parts[2], "-o", object]
      ).checked()
    }
    return object
  }

  private static func compile(_ compiler: Tool, _ flags: [String], to output: String, in scratch: Scratch) throws {
    let host = ["-idirafter", "/usr/include/x86_64-linux-gnu", "-idirafter", "/usr/include/aarch64-linux-gnu"]
    let words = try ["-c", scratch.write(source, to: "app.bpf.c"), "-o", output]
    try Shell.run(
      compiler.required(), flags + ["-O2", "-target", "bpf", "-mcpu=v3"] + host + words
    ).checked()
  }

  private static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    #ifdef SCALED
    static __noinline
    #endif
    int scaled(int value);

    #if defined SCALED || defined SCALED_ALONE
    int scaled(int value) { return value * 3; }
    #endif

    #ifndef SCALED_ALONE
    #ifndef NO_MAPS
    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 8); __type(key, int); __type(value, long); }
      hits SEC(".maps");
    #endif

    struct { int low; long long high; } range;
    const volatile int limit = 3;
    long long steps = 5;
    static int calls;

    SEC("raw_tracepoint/sys_enter")
    int count(void *ctx)
    {
      range.low += scaled(limit);
      steps += ++calls;
      return calls;
    }

    char LICENSE[] SEC("license") = "GPL";
    #endif

    """
}
