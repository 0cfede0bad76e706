import Foundation
import Testing

@testable import TestSupport

/// What a build that was made for bpftool gets from `BPFTOOL=bpfgen`.
@Suite("bpftool's own grammar", .runsTools, .needs(.tool(.clang), .tool(.bpftool)))
struct BPFToolGrammarTests {
  private static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    struct pair { int a; long b; enum { X = -1, Y } e : 4; } pair;
    SEC("raw_tracepoint/sys_enter") int count(void *ctx) { return pair.a++ & 0; }
    char LICENSE[] SEC("license") = "GPL";
    """

  /// A folder with `app.bpf.o`, kept for the life of the process.
  private static let folder = Result {
    let scratch = try Scratch()
    _ = try BPFCompiler.compile(source, named: "app", in: scratch)
    return scratch
  }

  private static func object() throws -> String { try folder.get().file("app.bpf.o") }

  /// A link to the generator under test, called as bpftool is.
  private static func link(in scratch: Scratch) throws -> String {
    let path = scratch.file("bpftool")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: try Toolchain.bpfgen())
    return path
  }

  /// Runs a command line with `OBJ` replaced by the object.
  private static func bpfgen(_ arguments: [String]) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), arguments.map { $0 == "OBJ" ? try object() : $0 })
  }

  private static func bpftool(_ arguments: [String]) throws -> Shell.Result {
    try Shell.run(Tool.bpftool.required(), arguments.map { $0 == "OBJ" ? try object() : $0 })
  }

  // MARK: Words

  /// A command line of bpftool's, and the one of ours that does the same.
  struct Spelling: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let ours: [String]
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: String, is ours: String) {
      self.arguments = arguments.components(separatedBy: " ")
      self.ours = ours.components(separatedBy: " ")
    }
  }

  private static let verbs = ["gen skeleton OBJ", "ge skel OBJ", "g s OBJ", "g sk OBJ", "-- gen skeleton OBJ"]
  private static let options = [
    "-d", "--debug", "-j", "--json", "-p", "-jp", "--pretty", "-l", "-n", "-m", "-f", "--js",
  ]
  static let spellings: [Spelling] =
    verbs.map { Spelling($0, is: "skeleton OBJ -o -") }
    + ["gen subskeleton OBJ", "g su OBJ", "gen subsk OBJ"].map { Spelling($0, is: "subskeleton OBJ -o -") }
    + ["gen skeleton OBJ name other", "g s OBJ n other", "gen skeleton OBJ nam other"].map {
      Spelling($0, is: "skeleton OBJ --name other -o -")
    }
    + ["-L gen skeleton OBJ", "gen --use-loader sk OBJ", "g s OBJ -L"].map {
      Spelling($0, is: "light-skeleton OBJ -o -")
    }
    + options.flatMap { option in
      ["\(option) gen skeleton OBJ", "gen \(option) skeleton OBJ", "gen skeleton OBJ \(option)"].map {
        Spelling($0, is: "skeleton OBJ -o -")
      }
    }
    + ["btf dump file OBJ format c", "bt d f OBJ f c", "btf du fi OBJ form c", "bt d f OBJ f raw f c"].map {
      Spelling($0, is: "vmlinux-h OBJ -o -")
    }

  @Test("bpftool accepts each of these words, and so does bpfgen, wherever the options are", arguments: spellings)
  func words(_ spelling: Spelling) throws {
    try Self.bpftool(spelling.arguments).checked()
    #expect(try Self.bpfgen(spelling.arguments).checked().stdout == Self.bpfgen(spelling.ours).checked().stdout)
  }

  @Test("an empty name counts as missing, as from an unset make variable; an empty file is an error")
  func emptyWords() throws {
    let plain = try Self.bpfgen(["gen", "skeleton", "OBJ"]).checked().stdout
    #expect(try Self.bpfgen(["gen", "skeleton", "OBJ", "name", ""]).checked().stdout == plain)
    try Self.bpftool(["gen", "skeleton", "OBJ", "name", ""]).checked()
    for arguments in [
      ["gen", "skeleton", ""], ["gen", ""], [""], ["gen", "skeleton", "OBJ", ""], ["gen", "object", "", "OBJ"],
    ] {
      let result = try Self.bpfgen(arguments)
      #expect(!result.succeeded && result.stdout == "" && result.stderr.contains("error: "), "\(arguments)")
    }
  }

  @Test("a name is truncated where bpftool truncates it")
  func longName() throws {
    let long = String(repeating: "n", count: 80)
    let arguments = ["gen", "skeleton", "OBJ", "name", long]
    let guardLine = "#ifndef __\(String(repeating: "N", count: 63))_SKEL_H__\n"
    #expect(try Self.bpftool(arguments).checked().stdout.contains(guardLine))
    #expect(try Self.bpfgen(arguments).checked().stdout.contains(guardLine))
  }

  /// A command line that is wrong, or that only bpftool does.
  struct Wrong: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let says: [String]
    /// Whether bpftool fails as well.
    let isWrongThere: Bool
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: String, _ says: String..., isWrongThere: Bool = true) {
      self.arguments = arguments.components(separatedBy: " ")
      self.says = says
      self.isWrongThere = isWrongThere
    }
  }

  static let wrong: [Wrong] = [
    Wrong("gen", "<command> is missing"), Wrong("gen foo", "unknown word 'foo'", "object, skeleton, subskeleton"),
    Wrong("gen skelton OBJ", "unknown word 'skelton'", "did you mean 'skeleton'?"),
    Wrong("gen skeletons OBJ", "did you mean 'skeleton'?"),
    Wrong("gen skeleton", "'gen skeleton' needs more arguments", "<file> [name <name>]"),
    Wrong("gen su", "'gen subskeleton' needs more arguments"), Wrong("gen o", "'gen object' needs more arguments"),
    Wrong("gen object out.o", "'gen object' needs more arguments", "<out> <in>..."),
    Wrong("gen skeleton OBJ name", "'name' needs a value"), Wrong("gen skeleton OBJ more", "unexpected 'more'"),
    Wrong("gen skeleton OBJ name a more", "unexpected 'more'"),
    Wrong("gen skeleton OBJ name a name b", "the name is given twice: 'a' and 'b'"),
    Wrong("-L gen subskeleton OBJ", "'--use-loader' does not apply to a subskeleton"),
    Wrong("gen subskeleton OBJ -L", "'--use-loader' does not apply to a subskeleton"),
    Wrong("gen min_core_btf a b", "'gen min_core_btf' needs more arguments", "<in> <out> <object>..."),
    Wrong("btf dump", "'btf dump' needs another word", "one of file"),
    Wrong("btf dump file", "'btf dump file' needs more arguments"), Wrong("btf dump fil", "needs more arguments"),
    Wrong("btf dump flie OBJ", "unknown word 'flie'", "did you mean 'file'?"),
    Wrong("btf dump file OBJ format", "'format' needs a format"),
    Wrong("btf dump file OBJ format C", "invalid value 'C' for 'format'", "one of raw, c"),
    Wrong("btf dump file OBJ f r", "invalid value 'r' for 'format'"),
    Wrong("btf dump file OBJ format c more", "unexpected 'more'"),
    Wrong("btf dump file OBJ format c sort", "unexpected 'sort'", "one of format, root_id, unsorted"),
    Wrong("btf dump file OBJ file OBJ format c", "'btf dump' of several files is not supported"),
    Wrong("btf dump file OBJ root_id", "'root_id' needs the number of a type"),
    Wrong("btf dump file OBJ root_id one", "'root_id' needs the number of a type"),
    Wrong("btf dump file OBJ root_id 1 root_id 0x1", "'root_id 1' is given twice"),
    Wrong("btf dump id 99999999", "bpfgen does not implement 'bpftool btf dump id'"),
    Wrong("btf dump prog id 99999999", "bpfgen does not implement 'bpftool btf dump prog'"),
    Wrong("btf dump map id 99999999", "bpfgen does not implement 'bpftool btf dump map'"),
    Wrong("btf show", "bpfgen does not implement 'bpftool btf show'", isWrongThere: false),
    // The first of several words with this beginning counts: `b` is not `btf`.
    Wrong("b d f OBJ f c", "bpfgen does not implement 'bpftool batch'"),
    Wrong("batch file nosuch", "bpfgen does not implement 'bpftool batch'"),
    Wrong("-d frobnicate", "unknown word 'frobnicate'"), Wrong("-d btff", "did you mean 'btf'?"),
    Wrong("-B", "'-B' needs a value"), Wrong("gen skeleton OBJ -x", "unknown option '-x'"),
    Wrong("gen --jsno", "unknown option '--jsno'", "did you mean --json?"),
  ]

  @Test("a wrong command line is one error and the status 2, with a suggestion", arguments: wrong)
  func usage(_ wrong: Wrong) throws {
    let result = try Self.bpfgen(wrong.arguments)
    #expect(result.status == .exited(2) && result.stdout == "", "\(result.stdout)")
    #expect(result.stderr.hasPrefix("bpfgen: error: "), "\(result.stderr)")
    for message in wrong.says { #expect(result.stderr.contains(message), "\(result.stderr)") }
    if wrong.isWrongThere { #expect(try !Self.bpftool(wrong.arguments).succeeded) }
  }

  @Test(
    "what bpftool does in addition to headers is refused by name",
    arguments: ["prog", "map", "cgroup", "perf", "net", "feature", "struct_ops", "iter", "batch"])
  func refused(_ object: String) throws {
    let result = try Self.bpfgen([object, "show"])
    #expect(result.status == .exited(2) && result.stdout == "")
    #expect(
      result.stderr.contains("bpfgen does not implement 'bpftool \(object)'") && result.stderr.contains("use bpftool"))
  }

  @Test(
    "a light skeleton with an address of this kernel is made, as by bpftool, and a warning says what it is good for",
    .needs(.corpus))
  func kernelAddress() throws {
    let object = "\(Corpus.folder)/obj/test_ksyms_weak.bpf.o"
    let result = try Self.bpfgen(["-L", "gen", "skeleton", object]).checked()
    #expect(result.stdout.contains("test_ksyms_weak_bpf__load("))
    #expect(result.stderr.hasPrefix("\(object): warning: the header works on this machine only, until the next boot\n"))
    #expect(result.stderr.contains("', an extern without a type"), "\(result.stderr)")
  }

  static let missingFiles = [
    "gen skeleton nosuch.o", "-L gen skeleton nosuch.o", "gen subskeleton nosuch.o", "gen object OUT nosuch.o",
    "gen min_core_btf nosuch.btf OUT OBJ", "btf dump file nosuch.o format c", "btf dump file nosuch.o",
    "-B nosuch.btf btf dump file OBJ",
  ]

  @Test("a missing file is an error that names it, with a status other than 0", arguments: missingFiles)
  func missingFile(_ line: String) throws {
    let scratch = try Scratch()
    let output = scratch.file("out")
    let arguments = line.components(separatedBy: " ").map { $0 == "OUT" ? output : $0 }
    let result = try Self.bpfgen(arguments)
    #expect(result.status == .exited(1) && result.stdout == "" && access(output, F_OK) != 0, "\(result.stdout)")
    #expect(result.stderr.contains(/^nosuch\.\w+: error: .*No such file/), "\(result.stderr)")
    #expect(try !Self.bpftool(arguments).succeeded)
  }

  // MARK: JSON

  @Test("with --json an error is an object on standard output", arguments: ["-j", "-p", "--json", "--pretty"])
  func jsonErrors(_ option: String) throws {
    for arguments in [["gen", "skeleton", "nosuch.o"], ["gen", "skeleton", "OBJ", "more", "words"]] {
      let result = try Self.bpfgen([option] + arguments)
      #expect(!result.succeeded && result.stderr == "")
      let answer = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: String]
      #expect(answer?.keys.sorted() == ["error"])
      let isLong = option.contains("p")
      #expect(result.stdout.hasPrefix(isLong ? "{\n    \"error\": \"" : "{\"error\":\""), "\(result.stdout)")
    }
  }

  // MARK: Version

  /// Of a bpfgen with the libbpf of the system's bpftool.
  @Test("the version has the lines that build systems look for, however it is asked for", .needs(.systemLibbpf))
  func version() throws {
    let theirs = try Self.bpftool(["version"]).checked().stdout.split(separator: "\n").map(String.init)
    for arguments in [["version"], ["--version"], ["-V"], ["v"], ["vers"], ["-d", "version"]] {
      let answer = try Shell.run(SystemLibbpf.bpfgen, arguments).checked()
      let lines = answer.stdout.split(separator: "\n").map(String.init)
      #expect(lines[0].hasPrefix("bpfgen ") && lines[4] == theirs[1], "\(arguments): \(lines)")
      // bpftool prints the path by which it was called.
      #expect(lines[3].hasPrefix("bpftool v") && theirs[0].hasSuffix(lines[3]))
      #expect(lines[5].contains(/^features:.*skeletons/))
    }
  }

  @Test(
    "as JSON it has bpftool's members", .needs(.systemLibbpf),
    arguments: [["-j", "version"], ["-Vj"], ["version", "-j"], ["-p", "v"]])
  func jsonVersion(_ arguments: [String]) throws {
    func answer(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
    let ours = try answer(Shell.run(SystemLibbpf.bpfgen, arguments).checked().stdout)
    let theirs = try answer(Self.bpftool(arguments).checked().stdout)
    #expect(ours["version"] as? String == theirs["version"] as? String)
    #expect(ours["libbpf_version"] as? String == theirs["libbpf_version"] as? String)
    #expect((ours["features"] as? [String: Bool])?["skeletons"] == true)
  }

  // MARK: The name bpftool

  @Test("a symbolic link called bpftool behaves as bpftool")
  func linkedName() throws {
    let scratch = try Scratch()
    let link = try Self.link(in: scratch)
    let version = try Shell.run(link, ["version"]).checked().stdout
    #expect(version.hasPrefix("bpftool v"))
    #expect(version == (try Shell.run(link, ["--version"]).checked().stdout))
    let header = try Shell.run(link, ["gen", "skeleton", Self.object()]).checked().stdout
    #expect(try header == Self.bpfgen(["skeleton", "OBJ", "-o", "-"]).checked().stdout)
    for arguments in [[], ["help"], ["-h"], ["--help"], ["gen", "help"], ["btf", "h"], ["help", "me"]] {
      #expect(try Shell.run(link, arguments).checked().stdout.contains("Usage: "), "\(arguments)")
    }
    #expect(try Shell.run(link, ["-j", "help"]).checked().stdout == "null\n")
    // Here these are bpftool's words, not our own commands.
    for word in ["link", "skeleton", "build"] {
      #expect(try Shell.run(link, [word, "show"]).status == .exited(2), "\(word)")
    }
  }

  // MARK: Objects

  @Test("gen object links as bpftool does", .needs(.corpus))
  func linkedObjects() throws {
    let scratch = try Scratch()
    let parts = ["linked_vars1", "linked_vars2"].map { "\(Corpus.folder)/obj/\($0).bpf.o" }
    let (ours, theirs) = (scratch.file("ours.bpf.o"), scratch.file("theirs.bpf.o"))
    try Self.bpfgen(["gen", "object", ours] + parts).checked()
    try Self.bpftool(["gen", "object", theirs] + parts).checked()
    for kind in HeaderKind.allCases {
      let headers = try [ours, theirs].map {
        try Self.bpftool(["gen", kind.rawValue, $0, "name", "linked"]).checked().stdout
      }
      // Only bytes that are in no program may differ.
      let withoutBytes = headers.map { $0.split(separator: "\n").filter { !$0.contains("\\x") } }
      #expect(withoutBytes[0] == withoutBytes[1] && !withoutBytes[0].isEmpty)
    }
  }

  @Test("an unchanged object is as new as bpftool's would be: rules made for bpftool compare its time")
  func touched() throws {
    let output = try Self.folder.get().file("touched.bpf.o")
    try Self.bpfgen(["gen", "object", output, "OBJ"]).checked()
    let (bytes, before) = (FileManager.default.contents(atPath: output), try FileState(output))
    Thread.sleep(forTimeInterval: 0.02)
    try Self.bpfgen(["gen", "object", output, "OBJ"]).checked()
    #expect(try FileManager.default.contents(atPath: output) == bytes && FileState(output) != before)
  }

  @Test("an object is not linked to its own path")
  func overItself() throws {
    let result = try Self.bpfgen(["gen", "object", "OBJ", "OBJ"])
    #expect(result.status == .exited(2) && result.stderr.contains("is both an input and an output"))
    #expect(try Self.bpfgen(["gen", "skeleton", "OBJ"]).succeeded)
  }

  @Test(
    "the corpus: bpfgen writes a header for each object that bpftool does, the same as with its own command",
    .needs(.corpus))
  func corpus() throws {
    let objects = try Tier.sample(Corpus.objects(), quick: 20)
    let reports = try Parallel.map(objects) { object in
      try HeaderKind.allCases.compactMap { kind -> String? in
        let arguments = ["gen", kind.rawValue, object.path]
        let made = try Self.bpfgen(arguments)
        guard made.succeeded else {
          return try Self.bpftool(arguments).succeeded ? "\(object.name): \(kind): \(made.stderr)" : nil
        }
        let command = try Self.bpfgen([kind.rawValue, object.path, "-o", "-"])
        return made.stdout == command.stdout ? nil : "\(object.name): \(kind): another text"
      }
    }.flatMap { $0 }
    #expect(objects.count >= Tier.count(quick: 20, full: 400) && reports == [], "\(reports.joined(separator: "\n"))")
  }

  // MARK: A build

  /// Rules in the shape of the kernel selftests': three passes of the linker, of which the last must change nothing.
  private static let makefile = """
    BPFTOOL ?= bpftool
    all: app.skel.h app.subskel.h vmlinux.h
    %.skel.h: %.bpf.o
    \t$(BPFTOOL) gen object $(<:.o=.linked1.o) $<
    \t$(BPFTOOL) gen object $(<:.o=.linked2.o) $(<:.o=.linked1.o)
    \t$(BPFTOOL) gen object $(<:.o=.linked3.o) $(<:.o=.linked2.o)
    \tdiff $(<:.o=.linked2.o) $(<:.o=.linked3.o)
    \t$(BPFTOOL) gen skeleton $(<:.o=.linked3.o) name $(notdir $(<:.bpf.o=)) > $@
    %.subskel.h: %.linked.o
    \t$(BPFTOOL) gen subskeleton $< name $(notdir $(<:.linked.o=)) > $@
    %.linked.o: %.bpf.o
    \t$(BPFTOOL) gen object $@ $<
    vmlinux.h: app.bpf.o
    \t$(BPFTOOL) btf dump file $< format c > $@
    .SECONDARY:
    .DELETE_ON_ERROR:

    """

  @Test("only BPFTOOL changes in a Makefile", arguments: ["bpftool", "bpfgen", "a link called bpftool"])
  func makefile(_ tool: String) throws {
    let scratch = try Scratch()
    let program =
      switch tool {
      case "bpftool": try Tool.bpftool.required()
      case "bpfgen": try Toolchain.bpfgen()
      default: try Self.link(in: scratch)
      }
    _ = try BPFCompiler.compile(Self.source, named: "app", in: scratch)
    _ = try scratch.write(Self.makefile, to: "Makefile")
    func make(_ arguments: String...) throws -> Shell.Result {
      try Shell.run("/usr/bin/env", ["make", "-C", scratch.path, "BPFTOOL=\(program)"] + arguments)
    }
    try make("-j4").checked()
    try make("-q").checked()
    let user = """
      #include "vmlinux.h"
      #include "app.skel.h"
      int use(struct app *s) { return app__load(s) + s->bss->pair.a; }

      """
    try Shell.run(
      Tool.clang.required(),
      ["-fsyntax-only", "-Wall", "-Werror", "-DBPF_NO_PRESERVE_ACCESS_INDEX", try scratch.write(user, to: "user.c")]
    ).checked()
    // The object is made again, and is the same: what is made of it is up to date afterwards all the same.
    Thread.sleep(forTimeInterval: 0.02)
    _ = try BPFCompiler.compile(Self.source, named: "app", in: scratch)
    #expect(try !make("-q").succeeded)
    try make().checked()
    try make("-q").checked()
  }

  /// What Makefiles of projects do with the variable in addition to calling it.
  private static let shapes = [
    // libbpf-bootstrap and its children: rules depend on the program, and make it where there is none.
    """
    OUTPUT := .output
    BPFTOOL ?= $(abspath $(OUTPUT)/bpftool/bootstrap/bpftool)
    all: $(OUTPUT)/app.skel.h
    $(OUTPUT):
    \tmkdir -p $@
    $(OUTPUT)/bpftool/bootstrap/bpftool:
    \techo "bpftool would be built" >&2; false
    $(OUTPUT)/app.tmp.bpf.o: app.bpf.o | $(OUTPUT) $(BPFTOOL)
    \tcp $< $@
    $(OUTPUT)/%.bpf.o: $(OUTPUT)/%.tmp.bpf.o
    \t$(BPFTOOL) gen object $@ $<
    $(OUTPUT)/%.skel.h: $(OUTPUT)/%.bpf.o | $(OUTPUT) $(BPFTOOL)
    \t$(BPFTOOL) gen skeleton $< > $@

    """,
    // libbpf-tools: the program is an ordinary prerequisite, and a newer one makes the headers again.
    """
    BPFTOOL ?= bpftool
    all: app.skel.h
    app.skel.h: app.bpf.o $(BPFTOOL)
    \t$(BPFTOOL) gen skeleton $< > $@

    """,
    // The path is taken apart, and looked for.
    """
    BPFTOOL := $(shell command -v $(BPFTOOL))
    ifeq ($(notdir $(BPFTOOL)),)
    $(error no bpftool)
    endif
    all: app.skel.h
    app.skel.h: app.bpf.o | $(BPFTOOL)
    \t"$(BPFTOOL)" gen skeleton $< name app > $@

    """,
  ]

  @Test("BPFTOOL=PATH works in Makefiles whose rules depend on the file", arguments: shapes)
  func shape(_ makefile: String) throws {
    let scratch = try Scratch()
    _ = try BPFCompiler.compile(Self.source, named: "app", in: scratch)
    _ = try scratch.write(makefile, to: "Makefile")
    let command = "make -C \"$1\" BPFTOOL=\"$(command -v bpfgen)\""
    let tools = scratch.file("tools")
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: "\(tools)/bpfgen", withDestinationPath: Toolchain.bpfgen())
    let path = "\(tools):\(Toolchain.setting("PATH") ?? "/usr/bin:/bin")"
    for arguments in ["", " -q"] {
      try Shell.run(
        "/bin/bash", ["-c", command + arguments, "make", scratch.path], environment: ["PATH": path]
      ).checked()
    }
  }
}
