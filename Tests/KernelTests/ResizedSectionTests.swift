import Foundation
import Testing

@testable import TestSupport

/// A program may resize a data section that ends with an array before it loads the object; subskeletons must still
/// open.
@Suite("A subskeleton is opened on an object with a resized section", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct ResizedSectionTests {
  /// The libbpf that the user's program is linked with.
  enum Library: String, CaseIterable, Sendable { case system, newer }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The library's variables, of which `slots` is what the program resizes the section of.
    let variables: String
    /// The section's size after resizing; `nil` where it stays.
    let bytes: Int?
    let outcome: String
    /// What replaces the library's text in the final.
    var final: (old: String, new: String) = ("", "")
    /// Whether libbpf before 1.3 gives the same: it has no memory for a larger section, nor changes the BTF.
    var isForAll = false
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing was resized", variables: alone, bytes: nil, outcome: "opened 7", isForAll: true),
    Case(testDescription: "larger", variables: alone, bytes: 16 * 8, outcome: "opened 5"),
    Case(testDescription: "larger than a page", variables: alone, bytes: 10_000 * 8, outcome: "opened 5"),
    Case(
      testDescription: "the same size", variables: alone, bytes: 2 * 8, outcome: "opened 5", isForAll: true),
    Case(testDescription: "smaller", variables: alone, bytes: 8, outcome: "EINVAL"),
    Case(
      testDescription: "after another variable",
      variables: "int count SEC(\".data.slots\") = 3; long slots[2] SEC(\".data.slots\") = {7};", bytes: 8 + 16 * 8,
      outcome: "opened 5"),
    Case(
      testDescription: "an array of arrays", variables: "long slots[2][3] SEC(\".data.slots\") = {{7}};",
      bytes: 20 * 24,
      outcome: "opened 5"),
    Case(
      testDescription: "an array of structs",
      variables: "struct { long a, b; } slots[1] SEC(\".data.slots\") = {{7}};", bytes: 9 * 16,
      outcome: "opened 5"),
    Case(
      testDescription: "an array in .bss", variables: "long slots[2] SEC(\".bss.slots\");", bytes: 32 * 8,
      outcome: "opened 5"),
    // libbpf then takes the section's types from its map, and bpftool's subskeleton does not open.
    Case(
      testDescription: "larger by half an element", variables: alone, bytes: 2 * 8 + 4, outcome: "opened 5"),
    Case(
      testDescription: "a section that no array ends", variables: "long slots SEC(\".data.slots\") = 7;", bytes: 16,
      outcome: "opened 5"),
    Case(
      testDescription: "a section that no array ends, smaller", variables: "long slots SEC(\".data.slots\") = 7;",
      bytes: 4, outcome: "EINVAL"),
    Case(
      testDescription: "a longer array in the final", variables: alone, bytes: nil, outcome: "opened 7",
      final: ("slots[2]", "slots[4]"), isForAll: true),
    Case(
      testDescription: "a longer array that does not end its section", variables: alone, bytes: nil, outcome: "EINVAL",
      final: (" = {7};", " = {7}; long more SEC(\".data.slots\") = 1;"), isForAll: true),
    Case(
      testDescription: "an array of another element", variables: alone, bytes: nil, outcome: "EINVAL",
      final: ("long slots[2]", "int slots[5]"), isForAll: true),
    Case(
      testDescription: "a larger struct", variables: alone, bytes: nil, outcome: "EINVAL",
      final: ("long slots[2] SEC(\".data.slots\") = {7}", "struct { long a, b, c; } slots SEC(\".data.slots\") = {7}"),
      isForAll: true),
    Case(
      testDescription: "a shorter array in the final", variables: alone, bytes: nil, outcome: "EINVAL",
      final: ("slots[2]", "slots[1]"), isForAll: true),
  ]

  private static let alone = "long slots[2] SEC(\".data.slots\") = {7};"

  @Test(
    "larger is fine where an array ends its section, and everything else of another size is EINVAL", arguments: cases)
  func resized(_ c: Case) throws {
    for library in Library.allCases where library == .newer || c.isForAll {
      guard library == .system || NewerLibbpf.unavailable == nil else {
        if !c.isForAll { try Test.cancel("SKIPPED: \(NewerLibbpf.unavailable ?? "no newer libbpf")") }
        continue
      }
      let scratch = try Scratch()
      let text = Self.source(c.variables)
      let object = try BPFCompiler.compile(text, named: "lib", in: scratch)
      var changed = text.replacingOccurrences(of: c.final.old, with: c.final.new)
      // The array that does not end its section has to be longer as well.
      if c.outcome == "EINVAL", c.final.new.contains("more") {
        changed = changed.replacingOccurrences(of: "slots[2]", with: "slots[4]")
      }
      let final = try BPFCompiler.compile(changed, named: "final", in: scratch)
      try Generator.bpfgen(.skeleton, of: final, name: "app", header: scratch.file("app.h")).checked()
      try Generator.bpfgen(.subskeleton, of: object, name: "lib", header: scratch.file("lib.h")).checked()
      let section = c.variables.contains(".bss") ? "bss_slots" : "data_slots"
      let main = try scratch.write(Self.program(section, c.bytes), to: "main.c")
      let flags = library == .system ? ["-lbpf"] : NewerLibbpf.flags
      try Shell.run(Tool.gcc.required(), ["-w", main, "-o", scratch.file("main")] + flags).checked()
      let result = try Shell.run(scratch.file("main"), [])
      if result.status == .exited(77) { try Test.cancel("SKIPPED: this kernel lets this user load no program") }
      #expect(result.stdout == "before \(c.outcome)\nafter \(c.outcome)\n", "\(library): \(result.stderr)")
    }
  }

  private static func source(_ variables: String) -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    \(variables)
    SEC("raw_tp/sys_enter") int p(void *ctx) { return *(volatile char *)&slots; }
    char LICENSE[] SEC("license") = "GPL";

    """
  }

  /// Opens the subskeleton before and after loading; what it prints begins with the first bytes of `slots`.
  private static func program(_ section: String, _ bytes: Int?) -> String {
    """
    #include "app.h"
    #include "lib.h"
    #include <stdio.h>
    #include <string.h>
    static int quiet(enum libbpf_print_level level, const char *format, va_list args) { return 0; }
    static void look(const char *when, struct app *app)
    {
    	struct lib *lib;
    	errno = 0;
    	lib = lib__open(app->obj);
    	if (lib)
    		printf("%s opened %ld\\n", when, *(long *)lib->\(section).slots);
    	else
    		printf("%s %s\\n", when, errno == EINVAL ? "EINVAL" : strerror(errno));
    	lib__destroy(lib);
    }
    int main(void)
    {
    	struct app *app = app__open();
    	size_t size = 0;
    	if (!app)
    		return 1;
    	libbpf_set_print(quiet);
    	if (\(bytes ?? 0)) {
    		if (bpf_map__set_value_size(app->maps.\(section), \(bytes ?? 0)))
    			return 2;
    		app->\(section) = bpf_map__initial_value(app->maps.\(section), &size);
    		if (size >= sizeof(long) + ((char *)&app->\(section)->slots - (char *)app->\(section)))
    			*(long *)&app->\(section)->slots = 5;
    	}
    	look("before", app);
    	if (app__load(app))
    		return errno == EPERM ? 77 : 3;
    	look("after", app);
    	app__destroy(app);
    	return 0;
    }

    """
  }
}
