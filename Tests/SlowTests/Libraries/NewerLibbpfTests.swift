import Foundation
import Testing

@testable import TestSupport

/// What only a newer libbpf than Debian 12's opens, through a bpfgen with such a libbpf inside, in the running kernel.
@Suite(
  "With a newer libbpf", .runsTools, .needs(.tool(.clang), .tool(.clangxx), .tool(.gcc), .tool(.gxx), .newerLibbpf),
  .serialized)
struct NewerLibbpfTests {
  @Test("bpfgen prints its libbpf version, which is the one it was compiled with")
  func version() throws {
    let minor = try Libbpf.minorVersion(of: NewerLibbpf.bpfgen)
    print("newer libbpf: 1.\(minor)")
    #expect(minor >= 5)
  }

  @Test("hidden variables are not in any header, as with older versions", .needs(.systemLibbpf))
  func hiddenVariables() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(HiddenVariables.library, named: "lib", in: scratch)
    for kind in HeaderKind.allCases {
      let texts = try [SystemLibbpf.bpfgen, NewerLibbpf.bpfgen].map {
        try Shell.run($0, [kind.rawValue, object, "--name", "lib", "-o", "-"]).checked().stdout
      }
      #expect(texts[0] == texts[1])
      for name in HiddenVariables.names { #expect(!texts[0].contains(name), "\(kind.rawValue): \(name)") }
    }
  }

  /// An object of `Fixtures/newer` and what a program on its skeleton prints.
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var output: String
    var testDescription: String { name }
  }

  static let samples = [
    // The scalar makes the second control one that all may use; the function pointer counts its starts by hundreds.
    Sample(
      name: "congestion",
      output: """
        flags 0, init 1
        attach 0, links 1 1 0
        allowed 0 1
        plain 0, started 1
        linked 0, started 101
        detached -1

        """),
    Sample(
      name: "arena",
      output: """
        open: 5 0 7 a
        loaded: 20 0 7 a
        run: 30 60 10 b
        run again: 110 220 13 c

        """),
    Sample(name: "bits", output: "1 1\n1 1 1\n"),
    values,
  ]

  static let values = Sample(
    name: "values",
    output: """
      11 12 22 0, kconfig 0
      run 0, sum 1243, bss 31
      version 1 1
      config 1 1 0, seen 1 1 0

      """)

  @Test(
    "what user code sets before loading is what the kernel runs with", arguments: samples, [Tool.gcc, .gxx, .clang])
  func run(_ sample: Sample, _ compiler: Tool) throws {
    let made = try NewerObjects.shared()
    for isSplit in [true, false] {
      let result = try made.run(sample.name, NewerLibbpf.bpfgen, compiler, isSplit: isSplit, NewerLibbpf.flags)
      #expect(result.succeeded && result.stdout == sample.output, "\(result.stderr)")
    }
  }

  @Test("the system's libbpf supports weak externs and sections with their own names, too")
  func systemLibbpf() throws {
    let made = try NewerObjects.shared()
    for compiler in [Tool.gcc, .gxx] {
      let result = try made.run("values", Toolchain.bpfgen(), compiler, isSplit: true, ["-lbpf"])
      #expect(result.succeeded && result.stdout == Self.values.output, "\(result.stderr)")
    }
  }

  @Test("headers are the same with every libbpf that supports the object", .needs(.systemLibbpf, .corpus))
  func sameHeader() throws {
    let objects = try Corpus.objects().map(\.path) + [NewerObjects.shared().object("values")]
    let compared = try Parallel.map(objects) { object -> [String?] in
      try HeaderKind.allCases.map { kind in
        let texts = try [SystemLibbpf.bpfgen, NewerLibbpf.bpfgen].map { bpfgen in
          try Shell.run(bpfgen, [kind.rawValue, object, "-o", "-"])
        }
        guard texts[0].succeeded else { return nil }
        return texts[0].stdout == texts[1].stdout ? "" : "\(kind) of \(object): \(texts[1].stderr)"
      }
    }.flatMap { $0 }.compactMap { $0 }
    #expect(compared.count > 900 && compared.filter { !$0.isEmpty } == [])
  }

  @Test("a header compiled with a newer libbpf.h works with the system's libbpf.so")
  func olderSharedLibrary() throws {
    let scratch = try Scratch()
    let source = try String(contentsOfFile: "\(NewerObjects.fixtures)/congestion.bpf.c", encoding: .utf8)
      .replacingOccurrences(of: ".struct_ops.link", with: ".struct_ops")
    let object = try BPFCompiler.compile(
      source, named: "pair", in: scratch, includes: [NewerObjects.shared().scratch.path])
    try Generator.bpfgen(.skeleton, of: object, name: "pair", header: scratch.file("pair.h")).checked()
    let program = scratch.file("pair")
    try Shell.run(
      Tool.gcc.required(),
      ["-Wall", "-Wextra", "-Werror", "-fsanitize=address", "-I", scratch.path] + NewerLibbpf.includes
        + ["\(NewerObjects.fixtures)/pair.user.c", "-o", program, "-lbpf"]
    ).checked()
    let result = try Shell.run(program, [])
    if result.status == .exited(77) { try Test.cancel("SKIPPED: this kernel lets this user load no program") }
    let output = "plain linked\nentry without a link 1\nshadow types 0 0\nattach 0, links 0 0\n"
    #expect(result.stdout == output && result.succeeded, "\(result.stderr)")
  }

  @Test("each header compiles in every dialect, against old and new headers of libbpf", arguments: Dialect.all)
  func compiles(_ dialect: Dialect) throws {
    let made = try NewerObjects.shared()
    let headers = try Self.samples.map { try made.header($0.name, NewerLibbpf.bpfgen, isSplit: true, as: $0.name) }
    let text = ["bits", "arena"].map { "#include \"\(NewerObjects.fixtures)/\($0).types.h\"\n" }
    let calls = Self.samples.enumerated().map { index, sample in
      MatrixHeader(
        object: MatrixObject(name: sample.name, path: ""), variant: .split, name: sample.name, path: headers[index])
    }
    let scratch = try Scratch()
    let includes = calls.map(\.includes)
    let file = try scratch.write(
      (text + includes + calls.map { $0.user(cxx: dialect.isCxx) }).joined(), to: "users")
    for extra in [[], NewerLibbpf.includes] {
      let result = try dialect.check(file, extra: extra)
      #expect(result.succeeded, "\(extra): \(result.firstErrors)")
    }
  }

  @Test("the interface is that of the bpftool of the same age", arguments: ["congestion", "arena", "values"])
  func interface(_ name: String) throws {
    guard let bpftool = NewerLibbpf.bpftool else {
      try Test.cancel("SKIPPED: Debian gave no newer bpftool (Tests/libbpf/fetch)")
    }
    let made = try NewerObjects.shared()
    let scratch = try Scratch()
    let object = made.object(name)
    let types = try TypesHeader(of: object, writingTo: scratch.file("types.h"))
    for kind in HeaderKind.allCases {
      // A name that no struct of the kernel has.
      let name = "newer_\(name)"
      let (theirs, ours) = (scratch.file("theirs.h"), scratch.file("ours.h"))
      let reference = try Shell.run(bpftool, ["gen", kind.rawValue, object, "name", name]).checked()
      // It silently gives up a subskeleton with an arena: libbpf opens none.
      if reference.stdout.isEmpty {
        #expect(kind == .subskeleton && name.hasSuffix("arena"))
        continue
      }
      _ = try scratch.write(reference.stdout, to: "theirs.h")
      try Shell.run(NewerLibbpf.bpfgen, [kind.rawValue, object, "--name", name, "-o", ours]).checked()
      let expected = try HeaderInterface(header: theirs, name: name, types: types, libbpf: .newest)
      let found = try HeaderInterface(header: ours, name: name, types: types, libbpf: .newest)
      #expect(expected.missing(from: found, name: name).isEmpty)
      #expect(expected.records.count >= 2, "nothing was compared")
    }
  }

  @Test("a subskeleton omits the variables of an arena: loading moves them, and libbpf does not report the address")
  func arenaSubskeleton() throws {
    let made = try NewerObjects.shared()
    let text = try Shell.run(
      NewerLibbpf.bpfgen, ["subskeleton", made.object("arena"), "--name", "arena", "-o", "-"]
    ).checked().stdout
    #expect(text.contains("struct bpf_map *pages;") && text.contains("*ordinary;"))
    #expect(!text.contains("*counter;") && !text.contains(".addr_space.1"))
  }

  @Test("an arena's variables are in no light skeleton, and other light skeletons are made")
  func light() throws {
    let made = try NewerObjects.shared()
    let refused = try Shell.run(NewerLibbpf.bpfgen, ["light-skeleton", made.object("arena"), "-o", "-"])
    #expect(refused.status == .exited(1) && refused.stderr.contains("it has variables in an arena"))
    #expect(refused.stdout.isEmpty)
    try Shell.run(NewerLibbpf.bpfgen, ["light-skeleton", made.object("values"), "-o", "-"]).checked()
  }
}

/// Sections that need a newer libbpf are reported before libbpf is called.
@Suite("With an older libbpf", .runsTools, .needs(.tool(.clang), .systemLibbpf), .serialized)
struct OlderLibbpfTests {
  static let sections: [(object: String, section: String, minor: Int)] = [
    ("congestion", ".struct_ops.link", 2), ("arena", ".addr_space.1", 4), ("bits", "?.struct_ops.link", 4),
  ]

  @Test("a section for which it creates no map is an error with both versions", arguments: sections)
  func refused(object: String, section: String, minor: Int) throws {
    let has = try Libbpf.minorVersion(of: SystemLibbpf.bpfgen)
    if has >= minor { try Test.cancel("SKIPPED: this bpfgen has libbpf 1.\(has), which makes a map of \(section)") }
    let path = try NewerObjects.shared().object(object)
    for command in ["skeleton", "subskeleton"] {
      let result = try Shell.run(SystemLibbpf.bpfgen, [command, path, "-o", "-"])
      #expect(result.status == .exited(1) && result.stdout.isEmpty)
      #expect(
        result.stderr == """
          \(path): error: the libbpf linked into bpfgen is too old for it
              section   \(section), known to libbpf 1.\(minor) and newer
              libbpf    1.\(has)
              hint      use a bpfgen built with a newer libbpf (`bpfgen version` prints which one it has)

          """)
    }
  }

  @Test("a section for which no libbpf creates a map is an error with its name")
  func perCPU() throws {
    let path = try NewerObjects.shared().object("percpu")
    let others = NewerLibbpf.unavailable == nil ? [NewerLibbpf.bpfgen] : []
    for bpfgen in [SystemLibbpf.bpfgen] + others {
      let result = try Shell.run(bpfgen, ["skeleton", path, "-o", "-"])
      #expect(result.status == .exited(1) && result.stdout.isEmpty)
      #expect(result.stderr.contains("against 'count' in section '.percpu'"), "\(result.stderr)")
      #expect(result.stderr.contains("hint     move the variable: libbpf makes maps of .data*"), "\(result.stderr)")
    }
  }
}

/// The objects of `Fixtures/newer`, compiled once in a process.
struct NewerObjects {
  static let fixtures = "\(Toolchain.fixtures)/newer"
  let scratch: Scratch

  static func shared() throws -> NewerObjects { try made.get() }

  private static let made: Result<NewerObjects, any Error> = Result {
    let scratch = try Scratch()
    try Shell.run(Toolchain.bpfgen(), ["vmlinux-h", "-o", scratch.file("vmlinux.h")]).checked()
    for name in ["congestion", "arena", "bits", "values", "percpu"] {
      _ = try BPFCompiler.compile(
        file: "\(fixtures)/\(name).bpf.c", named: name, in: scratch, includes: [scratch.path, fixtures])
    }
    return NewerObjects(scratch: scratch)
  }

  func object(_ name: String) -> String { scratch.file("\(name).bpf.o") }

  /// Makes a skeleton, and a payload with the same name next to it.
  func header(_ name: String, _ bpfgen: String, isSplit: Bool, as stem: String) throws -> String {
    let header = scratch.file("\(stem).h")
    let split = isSplit ? ["--payload", scratch.file("\(stem).o")] : []
    try Shell.run(bpfgen, ["skeleton", object(name), "--name", name, "-o", header] + split).checked()
    return header
  }

  /// Makes a skeleton and a program on it, and runs that.
  func run(
    _ name: String, _ bpfgen: String, _ compiler: Tool, isSplit: Bool, _ libbpf: [String]
  ) throws -> Shell.Result {
    _ = try header(name, bpfgen, isSplit: isSplit, as: name)
    let program = scratch.file(name)
    let language = compiler == .gxx ? "c++" : "c"
    let payload = isSplit ? ["-x", "none", scratch.file("\(name).o")] : []
    try Shell.run(
      compiler.required(),
      ["-Wall", "-Wextra", "-Werror", "-I", scratch.path, "-I", NewerObjects.fixtures, "-x", language]
        + ["\(NewerObjects.fixtures)/\(name).user.c"] + payload + ["-o", program] + libbpf
    ).checked()
    let result = try Shell.run(program, [])
    if result.status == .exited(77) { try Test.cancel("SKIPPED: this kernel lets this user load no program") }
    return result
  }
}
