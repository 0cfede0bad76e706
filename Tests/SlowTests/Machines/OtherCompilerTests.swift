import Foundation
import Testing

@testable import TestSupport

/// The kernel's programs as other compilers make them.
///
/// `BPFGEN_TEST_ALL_PROGRAMS=1` takes every program, and prints the figures of docs/toolchains.md; `=bpf-gcc` those of one.
@Suite(
  "Objects of other compilers", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.bpftool), .corpus), .serialized)
struct OtherCompilerTests {
  /// Whose headers differ from those of the corpus, which the Swift toolchain's clang makes.
  ///
  /// clang before 19 keeps a static variable that is written and never read: the others in `.bss` come after it.
  static let otherLayout: [Tool: Set<String>] = [
    .clang14: ["dynptr_fail"], .clang15: ["dynptr_fail"], .clang16: ["dynptr_fail"], .clang19: [],
  ]

  /// One of each kind of difference that gcc's have.
  static let ofGcc = ["bloom_filter_map", "btf_type_tag", "sockopt_qos_to_cc", "tailcall6", "test_static_linked1"]

  @Test("have headers if bpftool writes some, with everything in them", arguments: Tool.otherBPFCompilers)
  func parity(_ compiler: Tool) throws {
    if compiler.path == nil { try Test.cancel("SKIPPED: \(compiler.rawValue) is not installed") }
    let scratch = try Scratch()
    let outcomes = try Parallel.map(Self.programs(for: compiler)) { try Outcome(of: $0, by: compiler, in: scratch) }
    let made = outcomes.compactMap(\.self)
    for outcome in made { #expect(outcome.faults.isEmpty, "\(outcome.program): \(outcome.faults)") }
    let other = made.filter(\.isOtherLayout).map(\.program)
    print(
      "compilers: \(compiler.rawValue): \(made.count) of \(outcomes.count) programs compile,",
      "\(made.count(where: \.hasSkeleton)) skeletons and \(made.count(where: \.hasSubskeleton)) subskeletons,",
      "the others bpftool refuses too; of another layout than the corpus's: \(other)")
    #expect(made.count >= (compiler == .bpfgcc ? 8 : 11))
    if let known = Self.otherLayout[compiler] { #expect(Set(other) == known) }
  }

  @Test("of gcc are not linked, with bpftool neither", .needs(.tool(.bpfgcc)))
  func linking() throws {
    let scratch = try Scratch()
    let object = scratch.file("udp_limit.bpf.o")
    try Corpus.compile("udp_limit", with: .bpfgcc, to: object)
    let words = [
      "no BTF type information for the symbol 'sock'", "failed to find BTF info for global/extern symbol 'sock'",
    ]
    for (linker, words) in zip(try [Toolchain.bpfgen(), Tool.bpftool.required()], words) {
      let result = try Shell.run(linker, ["gen", "object", scratch.file("linked.bpf.o"), object])
      #expect(result.status != .exited(0))
      #expect(result.stderr.contains(words), "\(result.stderr)")
    }
  }

  @Test("load through our header if they load through bpftool's", arguments: [.clang] + Tool.otherBPFCompilers)
  func loading(_ compiler: Tool) throws {
    if compiler.path == nil { try Test.cancel("SKIPPED: \(compiler.rawValue) is not installed") }
    if geteuid() != 0 { try Test.cancel("SKIPPED: loading a program needs root") }
    let results = try Parallel.map(Self.loaded) { name -> (name: String, outcomes: [String])? in
      let scratch = try Scratch()
      let object = scratch.file("\(name).bpf.o")
      let reference = scratch.file("reference.h")
      guard (try? Corpus.compile(name, with: compiler, to: object)) != nil,
        try Generator.bpftool(.skeleton, of: object, name: "app", header: reference).succeeded
      else { return nil }
      let ours = scratch.file("ours.h")
      try Generator.bpfgen(.skeleton, of: object, name: "app", header: ours, payload: scratch.file("ours.o")).checked()
      return (
        name, [try Self.load(ours, scratch.file("ours.o"), in: scratch), try Self.load(reference, nil, in: scratch)]
      )
    }.compactMap(\.self)
    for result in results { #expect(result.outcomes[0] == result.outcomes[1], "\(result.name)") }
    let loading = results.filter { $0.outcomes[0].hasPrefix("load 0") }
    if results.allSatisfy({ $0.outcomes[0].hasPrefix("load -1 ") }) {
      try Test.cancel("SKIPPED: this kernel lets this user load no program")
    }
    print("compilers: \(compiler.rawValue): \(loading.count) of \(results.count) load: \(loading.map(\.name))")
    #expect(loading.count >= (compiler == .bpfgcc ? 1 : 6))
  }
}

extension OtherCompilerTests {
  /// Programs whose headers need no types of the user, each for another kind of map, section or program.
  private static let loaded = [
    "atomics", "bloom_filter_map", "netns_cookie_prog", "tailcall1", "test_check_mtu", "test_global_data",
    "test_perf_buffer", "test_ringbuf", "trace_printk", "udp_limit",
  ]

  /// What the kernel reports about an object that is loaded through a header.
  private static func load(_ header: String, _ payload: String?, in scratch: Scratch) throws -> String {
    let user = """
      #include <stdio.h>
      #include "\(header)"

      static int say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
      {
      \t(void)level, (void)format, (void)arguments;
      \treturn 0;
      }

      int main(void)
      {
      \tstruct bpf_program *program;
      \tstruct bpf_map *map;

      \tlibbpf_set_print(say_nothing);
      \tstruct app *skel = app__open();
      \tif (!skel)
      \t\treturn printf("open %d\\n", errno), 0;
      \tprintf("load %d", app__load(skel));
      \tbpf_object__for_each_map(map, skel->obj)
      \t\tprintf(" %s:%u:%d", bpf_map__name(map), bpf_map__value_size(map), bpf_map__fd(map) >= 0);
      \tbpf_object__for_each_program(program, skel->obj)
      \t\tprintf(" %s:%d", bpf_program__name(program), bpf_program__fd(program) >= 0);
      \tputchar('\\n');
      \tapp__destroy(skel);
      \treturn 0;
      }
      """
    let program = scratch.file("load")
    try Shell.run(
      Tool.gcc.required(),
      ["-o", program, scratch.write(user, to: "load.c")] + (payload.map { [$0] } ?? []) + ["-lbpf"]
    ).checked()
    return try Shell.run(program, []).checked().stdout
  }

  /// All programs, or every 40th and those that are known to differ.
  private static func programs(for compiler: Tool) throws -> [String] {
    let all = try Corpus.programs()
    if ["1", compiler.rawValue].contains(Toolchain.setting("BPFGEN_TEST_ALL_PROGRAMS")) { return all }
    let known = otherLayout[compiler].map(Array.init) ?? ofGcc
    return all.enumerated().filter { $0.offset % 40 == 0 || known.contains($0.element) }.map(\.element)
  }

  /// What became of a program.
  private struct Outcome: Sendable {
    var program: String
    var hasSkeleton = false
    var hasSubskeleton = false
    /// Whether the headers of the corpus's object are others.
    var isOtherLayout = false
    var faults: [String] = []

    /// - Returns: `nil` when the compiler does not take the program.
    init?(of program: String, by compiler: Tool, in scratch: Scratch) throws {
      self.program = program
      let path = scratch.file("\(program).bpf.o")
      guard (try? Corpus.compile(program, with: compiler, to: path)) != nil else { return nil }
      defer { unlink(path) }
      let object = Corpus.Object(name: program, path: path, sizeBytes: 0)
      let name = ReferenceCache.headerName(object)
      let own = try Scratch()
      let headers = try Self.headers(of: path, name: name, in: own)
      (hasSkeleton, hasSubskeleton) = (headers[0] != nil, headers[1] != nil)
      // What both generators make of the corpus's object is compared in ``ParityTests``.
      if try headers == Self.headers(of: "\(Corpus.folder)/obj/\(program).bpf.o", name: name, in: own) { return }
      let types = try TypesHeader(of: path, writingTo: own.file("types.h"))
      let entry = ReferenceCache.Entry(
        object: object, name: name, types: types, reference: try Reference(of: object, name: name, types: types))
      faults = try HeaderKind.allCases.flatMap { try Self.compare(entry, $0, in: own) }
      try compareWithCorpus(entry, in: own)
    }

    /// Our headers and bpftool's without an object's bytes; `nil` for those that are refused.
    private static func headers(of object: String, name: String, in scratch: Scratch) throws -> [String?] {
      let header = scratch.file("layout.h")
      func text(_ result: Shell.Result) throws -> String? {
        guard result.succeeded else { return nil }
        let lines = try String(contentsOfFile: header, encoding: .utf8).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("\\") && !$0.contains("*sz = ") }.joined(separator: "\n")
      }
      let ours = try HeaderKind.allCases.map { kind in
        let payload = kind == .skeleton ? scratch.file("layout.o") : nil
        return try text(Generator.bpfgen(kind, of: object, name: name, header: header, payload: payload))
      }
      let theirs = try HeaderKind.allCases.map {
        try text(Generator.bpftool($0, of: object, name: name, header: header))
      }
      return ours + theirs
    }

    /// Our header compared with bpftool's.
    private static func compare(
      _ entry: ReferenceCache.Entry, _ kind: HeaderKind, in scratch: Scratch
    ) throws -> [String] {
      let header = scratch.file("\(kind.rawValue).h")
      let result = try Generator.bpfgen(kind, of: entry.object.path, name: entry.name, header: header)
      switch entry.reference[kind] {
      case .refused(let words):
        return result.succeeded ? ["a \(kind.rawValue) that bpftool refuses: \(words)"] : []
      case _ where !result.succeeded: return ["no \(kind.rawValue): \(result.stderr)"]
      case .nothing: break
      case .header:
        let report = try InterfaceReport.compare(entry, kind, split: false)
        if !report.differences.isEmpty { return report.differences }
      }
      let check = try Shell.run(
        Tool.gcc.required(), HeaderInterface.flags(entry.types) + ["-x", "c", "-fsyntax-only", header])
      return check.succeeded ? [] : ["gcc does not take the \(kind.rawValue): \(check.stderr.prefix(600))"]
    }

    /// Another layout than the corpus's is one with the same maps, programs and variables in other places.
    private mutating func compareWithCorpus(_ entry: ReferenceCache.Entry, in scratch: Scratch) throws {
      let theirs = "\(Corpus.folder)/obj/\(program).bpf.o"
      guard hasSkeleton, access(theirs, R_OK) == 0 else { return }
      let words = try Shell.run(Toolchain.bpfgen(), ["fingerprint", entry.object.path, theirs]).checked().stdout
      isOtherLayout = ["layout", "subskeleton"].contains { kind in
        let ids = words.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0[1] == kind }.map { $0[2] }
        return ids.count == 2 && ids[0] != ids[1]
      }
      guard isOtherLayout else { return }
      let header = scratch.file("corpus.h")
      try Generator.bpfgen(.skeleton, of: theirs, name: entry.name, header: header).checked()
      let types = try TypesHeader(of: theirs, writingTo: scratch.file("corpus.types.h"))
      let here = try HeaderInterface(header: scratch.file("skeleton.h"), name: entry.name, types: entry.types)
      let there = try HeaderInterface(header: header, name: entry.name, types: types)
      let difference = here.contents.symmetricDifference(there.contents)
      if !difference.isEmpty { faults.append("not the corpus's, whatever the order: \(difference.sorted())") }
    }
  }
}

extension HeaderInterface {
  /// Maps, programs and variables with their types, in any order.
  fileprivate var contents: Set<String> {
    let isSection = /maps\.(data|rodata|bss|kconfig).*/
    return records.reduce(into: []) { contents, record in
      if record.name == records.map(\.name).min(by: { $0.count < $1.count }) {
        contents.formUnion(record.members.map(\.path).filter { $0.contains(".") && !$0.contains(isSection) })
      } else {
        contents.formUnion(record.members.filter(\.isVariable).map { "\($0.path): \($0.type)" })
      }
    }
  }
}
