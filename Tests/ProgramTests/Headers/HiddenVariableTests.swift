import Foundation
import Testing

@testable import TestSupport

/// Variables of hidden visibility are static for all but their own object: libbpf 1.1 and newer make them so at opening.
@Suite("Hidden variables", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.gxx)))
struct HiddenVariableTests {
  private static let application = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    int others;
    SEC("raw_tp/sys_exit") int other(void *ctx) { return others++; }
    """

  /// The same with the kinds of visibility that bpftool links as well.
  private static let linkable = HiddenVariables.library.replacingOccurrences(of: "\"internal\"", with: "\"hidden\"")
    .replacingOccurrences(of: "\"protected\"", with: "\"default\"")

  @Test("of internal and protected visibility keep it in a link; bpftool cannot link them", .needs(.tool(.clang)))
  func visibilities() throws {
    let scratch = try Scratch()
    let library = try BPFCompiler.compile(HiddenVariables.library, named: "lib", in: scratch)
    let linked = scratch.file("final.bpf.o")
    try Shell.run(Toolchain.bpfgen(), ["link", "-o", linked, library]).checked()
    let symbols = try [library, linked].map { object -> [String] in
      let lines = try Shell.run("/usr/bin/env", ["readelf", "-sW", object]).checked().stdout.split(separator: "\n")
      let words = lines.map { $0.split(separator: " ").map(String.init) }
      return words.filter { $0.count > 7 && ["INTERNAL", "PROTECTED"].contains($0[5]) }.map { $0[5] + " " + $0[7] }
        .sorted()
    }
    #expect(symbols[0] == symbols[1] && !symbols[0].isEmpty)
    let headers = try [library, linked].map { object in
      try Shell.run(Toolchain.bpfgen(), ["subskeleton", object, "--name", "lib", "-o", "-"]).checked().stdout
    }
    #expect(headers[0] == headers[1])
  }

  private static let compilers: [Tool] = Tier.isFull ? [.clang, .clang14, .clang19, .bpfgcc] : [.clang]

  @Test("are not in any header, and neither are types that only they need", arguments: compilers)
  func headers(_ compiler: Tool) throws {
    guard compiler.path != nil else { try Test.cancel("SKIPPED: \(compiler.rawValue) is not installed") }
    let scratch = try Scratch()
    let object = try Self.compile(HiddenVariables.library, named: "lib", by: compiler, in: scratch)
    for command in ["skeleton", "subskeleton", "light-skeleton"] {
      let header = scratch.file("\(command).h")
      try Shell.run(
        Toolchain.bpfgen(),
        [command, object, "--name", "lib", "-o", header] + (command == "subskeleton" ? [] : ["--assert-members"])
      ).checked()
      let text = try String(contentsOfFile: header, encoding: .utf8)
      for name in HiddenVariables.names { #expect(!text.contains(name), "\(command): \(name)") }
      #expect(text.contains("data_A;") && text.contains("limit;") && text.contains("calls;"), "\(command)")
      #expect(!text.contains("} *data_A;") && !text.contains("} data_A;"), "\(command)")
      for (tool, language) in [(Tool.gcc, "c"), (.gxx, "c++")] {
        // A light skeleton's own headers warn in C++.
        let flags = command == "light-skeleton" ? ["-w"] : ["-Wall", "-Wextra", "-Werror"]
        let file = try scratch.write("#include \"\(command).h\"\nint unused;\n", to: "use")
        try Shell.run(
          tool.required(), flags + ["-Wno-unused-function", "-fsyntax-only", "-x", language, file]
        ).checked()
      }
    }
  }

  @Test("are not part of the contract between a library and a final, and a subskeleton opens on the final")
  func final() throws {
    let scratch = try Scratch()
    let bpfgen = try Toolchain.bpfgen()
    let library = try BPFCompiler.compile(Self.linkable, named: "lib", in: scratch)
    let application = try BPFCompiler.compile(Self.application, named: "app", in: scratch)
    let final = scratch.file("final.bpf.o")
    try Shell.run(bpfgen, ["link", "-o", final, application, library, "--check", library]).checked()
    let diff = try Shell.run(bpfgen, ["diff", library, final])
    for name in HiddenVariables.names { #expect(!diff.stdout.contains(name), "\(diff.stdout)") }
    try Generator.bpfgen(.skeleton, of: final, name: "app", header: scratch.file("app.h")).checked()
    try Generator.bpfgen(.subskeleton, of: library, name: "lib", header: scratch.file("lib.h")).checked()
    let main = try scratch.write(
      """
      #include "app.h"
      #include "lib.h"
      #include <stdio.h>
      #include <string.h>
      int main(void)
      {
      	struct app *app = app__open();
      	struct lib *lib = app ? lib__open(app->obj) : NULL;
      	if (!lib)
      		return printf("%s\\n", strerror(errno)), 1;
      	return lib->bss.calls != &app->bss->calls || *lib->data.limit != 3 || !lib->maps.data_A;
      }
      """, to: "main.c")
    try Shell.run(Tool.gcc.required(), ["-w", main, "-lbpf", "-o", scratch.file("main")]).checked()
    let run = try Shell.run(scratch.file("main"), [])
    #expect(run.succeeded, "\(run.stdout)")
  }

  @Test("change nothing for others, until one is hidden or shown")
  func identity() throws {
    let scratch = try Scratch()
    let bpfgen = try Toolchain.bpfgen()
    func object(_ name: String, _ old: String = "", _ new: String = "") throws -> String {
      try BPFCompiler.compile(
        HiddenVariables.library.replacingOccurrences(of: old, with: new), named: name, in: scratch)
    }
    let retyped = try object("retyped", "int own_count", "long own_count")
    #expect(try Shell.run(bpfgen, ["diff", object("base"), retyped]).checked().stdout.isEmpty)
    let hidden = try object("hidden", "int calls;", "__attribute__((visibility(\"hidden\"))) int calls;")
    let change = try Shell.run(bpfgen, ["diff", object("base"), hidden])
    #expect(change.stdout.contains("calls  removed"), "\(change.stdout)")
    // The section has no variable that others could name any more.
    #expect(change.stdout.contains("section is gone"), "\(change.stdout)")
  }

  @Test("a declaration that hides a library's variable from its users is an error")
  func hiddenByAnother() throws {
    let scratch = try Scratch()
    let library = try BPFCompiler.compile(Self.linkable, named: "lib", in: scratch)
    let application = try BPFCompiler.compile(
      Self.application.replacingOccurrences(
        of: "int others;", with: "extern __attribute__((visibility(\"hidden\"))) int calls;\nint others;"
      ).replacingOccurrences(of: "others++", with: "others++ + calls"), named: "app", in: scratch)
    let result = try Shell.run(
      Toolchain.bpfgen(), ["link", "-o", scratch.file("final.bpf.o"), application, library, "--check", library])
    #expect(result.status == .exited(1))
    #expect(result.stderr.contains("the variable 'calls' of its library"), "\(result.stderr)")
    #expect(result.stderr.contains("final     hidden"), "\(result.stderr)")
    #expect(result.stderr.contains("remove __hidden"), "\(result.stderr)")
  }

  @Test("that are maps are an error that names the map")
  func hiddenMap() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(
      HiddenVariables.library + """

        __attribute__((visibility("hidden"))) struct {
        	__uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int);
        } own_map SEC(".maps");
        """, named: "map", in: scratch)
    let result = try Shell.run(Toolchain.bpfgen(), ["skeleton", object, "-o", scratch.file("map.h")])
    #expect(result.status == .exited(1) && result.stderr.contains("'own_map'"), "\(result.stderr)")
    #expect(result.stderr.contains("remove `static` or `__hidden`"), "\(result.stderr)")
  }

  static func compile(_ text: String, named name: String, by compiler: Tool, in scratch: Scratch) throws -> String {
    let source = try scratch.write(text, to: "\(name).bpf.c")
    let object = scratch.file("\(name).bpf.o")
    let folders = ["/usr/include", "/usr/include/x86_64-linux-gnu", "/usr/include/aarch64-linux-gnu"]
    try Shell.run(
      compiler.required(),
      compiler.bpfFlags() + folders.flatMap { ["-idirafter", $0] } + ["-c", source, "-o", object]
    ).checked()
    return object
  }
}
