import Foundation
import SeededRandom
import Testing

@testable import TestSupport

/// Random objects whose variables differ in linkage, visibility, section and type: headers show those that others can name.
///
/// `BPFGEN_SEED` gives another run, `BPFGEN_TEST_VISIBILITY_CASES` more cases.
@Suite("Random mixes of visibility", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct VisibilityMixTests {
  static let seed = Toolchain.setting("BPFGEN_SEED").flatMap(UInt64.init) ?? 1
  static let count =
    Toolchain.setting("BPFGEN_TEST_VISIBILITY_CASES").flatMap(Int.init) ?? Tier.count(quick: 3, full: 8)

  @Test("headers, links and subskeletons have the visible variables and all maps", arguments: 0..<count)
  func mix(_ number: Int) throws {
    let object = RandomVariables(seed: Self.seed, number: number)
    do { try check(object) } catch {
      Issue.record("seed \(Self.seed), case \(number): \(error)\n\(object.text)")
    }
  }

  private func check(_ object: RandomVariables) throws {
    let scratch = try Scratch()
    let path = try BPFCompiler.compile(object.text, named: "lib", in: scratch)
    let other = try BPFCompiler.compile(RandomVariables.application, named: "app", in: scratch)
    let final = object.isLinkable ? scratch.file("final.bpf.o") : path
    if object.isLinkable {
      try Shell.run(Toolchain.bpfgen(), ["link", "-o", final, other, path, "--check", path]).checked()
    }
    for kind in HeaderKind.allCases {
      let header = scratch.file("\(kind.rawValue).h")
      let of = kind == .skeleton ? final : path
      try Generator.bpfgen(kind, of: of, name: kind == .skeleton ? "app" : "lib", header: header).checked()
      let text = try String(contentsOfFile: header, encoding: .utf8)
      let shown = Self.sections(text)
      for (section, names) in object.visible {
        #expect((shown[section] ?? []).sorted() == names.sorted(), "\(object): \(kind), \(section)")
      }
      for section in shown.keys where object.hiddenOnly.contains(section) {
        #expect(Bool(false), "\(object): \(kind) has a struct for \(section)")
      }
      for section in object.sections { #expect(text.contains("struct bpf_map *\(section);"), "\(object): \(section)") }
      try compareWithBpftool(of, kind, shown, object, scratch)
    }
    try run(object, scratch)
  }

  /// The newest bpftool at hand writes the same structs.
  private func compareWithBpftool(
    _ path: String, _ kind: HeaderKind, _ shown: [String: [String]], _ object: RandomVariables, _ scratch: Scratch
  ) throws {
    guard let bpftool = NewerLibbpf.bpftool else { return }
    let name = kind == .skeleton ? "app" : "lib"
    let reference = try Shell.run(bpftool, ["gen", kind.rawValue, path, "name", name]).checked().stdout
    // Ours has an empty struct where bpftool 7.1 has one, of a section of static variables.
    let ours = shown.filter { !$0.value.isEmpty }
    #expect(Self.sections(reference) == ours, "\(object): \(kind)")
  }

  /// Opens both, loads them if this user may, and finds each variable at the same address through both.
  private func run(_ object: RandomVariables, _ scratch: Scratch) throws {
    let checks = object.visible.sorted { $0.key < $1.key }.flatMap { section, names in
      ["if (!app->\(section)) return 3;"]
        + names.map { "if ((void *)lib->\(section).\($0) != (void *)&app->\(section)->\($0)) return 4;" }
    }.joined(separator: "\n\t")
    let main = try scratch.write(
      """
      #include "skeleton.h"
      #include "subskeleton.h"
      static int check(struct app *app)
      {
      	struct lib *lib = lib__open(app->obj);
      	if (!lib) return 2;
      	\(checks)
      	lib__destroy(lib);
      	return 0;
      }
      int main(void)
      {
      	struct app *app = app__open();
      	int result = app ? check(app) : 1;
      	if (result) return result;
      	if (app__load(app)) return errno == EPERM ? 0 : 5;
      	return check(app);
      }
      """, to: "main.c")
    try Shell.run(Tool.gcc.required(), ["-w", main, "-lbpf", "-o", scratch.file("main")]).checked()
    let result = try Shell.run(scratch.file("main"), [])
    #expect(result.succeeded, "\(object): \(result.status) \(result.stderr)")
  }

  /// The members of each data section's struct, paddings left out.
  private static func sections(_ text: String) -> [String: [String]] {
    var found: [String: [String]] = [:]
    var members: [String]?
    for line in text.split(separator: "\n") {
      if line.wholeMatch(of: /\t(?:__extension__ )?struct (?:app|lib)__\w+ \{/) != nil {
        members = []
      } else if let end = line.wholeMatch(of: /\t\} \*?(\w+);/) {
        if let members { found[String(end.1)] = members }
        members = nil
      } else if let name = line.firstMatch(of: /(v\d+)\)?(?:\[\d+\])?;/) {
        members?.append(String(name.1))
      }
    }
    return found
  }
}

/// A source with random variables, and what others can name of it.
struct RandomVariables: CustomStringConvertible {
  let description: String
  let text: String
  /// The names in each section's struct, by the section's member.
  private(set) var visible: [String: [String]] = [:]
  /// The sections with hidden variables and none that others can name: no header has a struct for them.
  private(set) var hiddenOnly: Set<String> = []
  /// The members of all sections' maps.
  private(set) var sections: Set<String> = []

  /// What is linked with it: it has no variables of its own.
  static let application = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    SEC("raw_tp/sys_exit") int other(void *ctx) { return 0; }
    """

  /// Whether it can be linked: libbpf's linker takes default and hidden visibility only.
  let isLinkable: Bool

  private struct Storage {
    let words: String
    let isVisible: Bool
    var isLinkable = true
    var isHidden: Bool { !isVisible && !words.hasPrefix("static") }
  }

  private static let storages = [
    Storage(words: "static", isVisible: false), Storage(words: "", isVisible: true),
    Storage(words: "__attribute__((visibility(\"hidden\")))", isVisible: false),
    Storage(words: "__attribute__((visibility(\"internal\")))", isVisible: false, isLinkable: false),
    Storage(words: "__attribute__((visibility(\"protected\")))", isVisible: true, isLinkable: false),
    Storage(words: "__attribute__((weak))", isVisible: true),
    Storage(words: "__attribute__((weak, visibility(\"hidden\")))", isVisible: false),
  ]

  private static let sectionKinds: [(member: String, section: String, isConstant: Bool, value: String)] = [
    ("data", "", false, " = {1}"), ("bss", "", false, ""), ("rodata", "", true, " = {1}"),
    ("data_A", " SEC(\".data.A\")", false, " = {1}"), ("rodata_B", " SEC(\".rodata.B\")", true, " = {1}"),
    ("bss_C", " SEC(\".bss.C\")", false, ""),
  ]

  init(seed: UInt64, number: Int) {
    var random = SeededRandom(seed: seed, number: number)
    description = "seed \(seed), case \(number)"
    var lines: [String] = []
    var uses: [String] = []
    var order: [String: [String]] = [:]
    var isLinkable = true
    for index in 0..<Int.random(in: 1...12, using: &random) {
      let kind = Self.sectionKinds.randomElement(using: &random)!
      let storage = Self.storages.randomElement(using: &random)!
      let name = "v\(index)"
      // Only hidden variables may have a type that no other variable has.
      let types = ["int", "long", "char", "short", "unsigned long long"] + (storage.isVisible ? [] : ["struct secret"])
      let type = types.randomElement(using: &random)!
      let length = Bool.random(using: &random) && type != "struct secret" ? Int.random(in: 1...9, using: &random) : nil
      let array = length.map { "[\($0)]" } ?? ""
      let qualifier = kind.isConstant ? "const volatile " : "volatile "
      lines.append("\(storage.words) \(qualifier)\(type) \(name)\(array)\(kind.section)\(kind.value);")
      uses.append("sum += (long)*(volatile const char *)&\(name);")
      sections.insert(kind.member)
      if storage.isVisible { order[kind.member, default: []].append(name) }
      isLinkable = isLinkable && storage.isLinkable
      if storage.isHidden { hiddenOnly.insert(kind.member) }
    }
    visible = order
    self.isLinkable = isLinkable
    hiddenOnly.subtract(order.keys)
    text = """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      struct secret { int inside; long more; };
      \(lines.joined(separator: "\n"))
      SEC("raw_tp/sys_enter") int p(void *ctx)
      {
      	long sum = 0;
      	\(uses.joined(separator: "\n\t"))
      	return sum & 1;
      }
      char LICENSE[] SEC("license") = "GPL";

      """
  }
}
