import Foundation
import Testing

@testable import TestSupport

/// `bpfgen diff` reports what users of a header would notice, down to the member.
@Suite("bpfgen diff", .runsTools, .needs(.tool(.clang)))
struct DiffCommandTests {
  /// An edit of the application, and the changes that it makes: subject, name, kind, and property where there is one.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var edits: [(String, String)]
    var changes: [[String]]
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing", edits: [("errors += retries", "errors -= retries")], changes: []),
    Case(
      testDescription: "a member of a nested struct whose size stayed", edits: [("__u32 hard; }", "float hard; }")],
      changes: [["variable", "config", "retyped", "limits.hard"], ["map", "counts", "retyped", "value.hard"]]),
    Case(
      testDescription: "two members that changed places",
      edits: [("__u32 soft; __u32 hard;", "__u32 hard; __u32 soft;")],
      changes: [
        ["variable", "config", "retyped", "limits.hard"], ["variable", "config", "retyped", "limits.soft"],
        ["map", "counts", "retyped", "value.hard"], ["map", "counts", "retyped", "value.soft"],
      ]),
    Case(
      testDescription: "an array's length in a struct that grew", edits: [("char tag[8]", "char tag[16]")],
      changes: [
        ["variable", "config", "resized", "size"], ["variable", "config", "retyped", "tag"],
        ["variable", "config", "retyped", "mask"],
      ]),
    Case(
      testDescription: "a variable added",
      edits: [("unsigned int retries = 4;", "unsigned int retries = 4; int added = 1;")],
      changes: [["variable", "added", "added"]]),
    Case(
      testDescription: "a variable removed", edits: [("unsigned int retries = 4;", "static unsigned int retries = 4;")],
      changes: [["variable", "retries", "removed"]]),
    Case(
      testDescription: "a variable of another type of the same size", edits: [("unsigned int retries", "int retries")],
      changes: [["variable", "retries", "retyped"]]),
    Case(
      testDescription: "a map's properties",
      edits: [("max_entries, 64", "max_entries, 65"), ("BPF_MAP_TYPE_HASH", "BPF_MAP_TYPE_LRU_HASH")],
      changes: [["map", "counts", "changed", "type"], ["map", "counts", "changed", "max_entries"]]),
    Case(
      testDescription: "a program renamed", edits: [("int on_exit", "int at_exit")],
      changes: [["program", "on_exit", "removed"], ["program", "at_exit", "added"]]),
    Case(
      testDescription: "a program's section", edits: [("raw_tp/sys_exit", "raw_tp/sched_switch")],
      changes: [["program", "on_exit", "changed", "section"]]),
    Case(
      testDescription: "another section",
      edits: [("unsigned int retries = 4;", "unsigned int retries SEC(\".data.more\") = 4;")],
      changes: [
        ["section", ".data.more", "added"], ["variable", "retries", "added"], ["variable", "retries", "removed"],
      ]),
  ]

  @Test("each change is reported once, in JSON and in text", arguments: cases)
  func changes(_ expected: Case) throws {
    let scratch = try Scratch()
    let old = try BPFCompiler.compile(LayoutIDSource.application.text, named: "old", in: scratch)
    var text = LayoutIDSource.application.text
    for (before, after) in expected.edits {
      try #require(text.contains(before))
      text = text.replacingOccurrences(of: before, with: after)
    }
    let new = try BPFCompiler.compile(text, named: "new", in: scratch)

    let json = try Shell.run(Toolchain.bpfgen(), ["diff", old, new, "--format", "json"]).checked().stdout
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let changes = try #require(document["changes"] as? [[String: String]])
    let reported = changes.map { [$0["subject"]!, $0["name"]!, $0["kind"]!] + ($0["property"].map { [$0] } ?? []) }
    #expect(Set(reported) == Set(expected.changes) && reported.count == expected.changes.count, "\(reported)")

    let lines = try Shell.run(Toolchain.bpfgen(), ["diff", old, new]).checked().stdout.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("  ") }.count == expected.changes.count, "\(lines)")
    for change in expected.changes where change.count == 4 && change[2] == "retyped" && change[0] == "variable" {
      #expect(lines.contains { $0.contains("\(change[1]).\(change[3])") }, "\(lines)")
    }

    let checked = try Shell.run(Toolchain.bpfgen(), ["diff", "--exit-code", old, new])
    #expect(checked.status == .exited(expected.changes.isEmpty ? 0 : 1) && checked.stderr == "")
  }

  @Test("the same change is reported in reverse if the objects are swapped")
  func backwards() throws {
    let scratch = try Scratch()
    let old = try BPFCompiler.compile(LayoutIDSource.application.text, named: "old", in: scratch)
    let text = LayoutIDSource.application.text.replacingOccurrences(of: "__u64 seen;", with: "__u64 seen; int added;")
    let new = try BPFCompiler.compile(text, named: "new", in: scratch)
    let forth = try Shell.run(Toolchain.bpfgen(), ["diff", old, new]).checked().stdout
    let back = try Shell.run(Toolchain.bpfgen(), ["diff", new, old]).checked().stdout
    #expect(forth.contains("+ added  added") && back.contains("- added  removed"), "\(forth)\(back)")
  }

  @Test("names from an object are valid JSON, whatever they are", .needs(.corpus))
  func jsonIsValid() throws {
    let objects = try Corpus.objects().filter { $0.sizeBytes < 40_000 }.prefix(60)
    let pairs = Array(zip(objects, objects.dropFirst()))
    let complaints = try Parallel.map(pairs) { old, new -> String? in
      let result = try Shell.run(Toolchain.bpfgen(), ["diff", old.path, new.path, "--format", "json"])
      guard result.succeeded else {
        return result.complaint(about: old.path) == nil || result.complaint(about: new.path) == nil
          ? nil : result.stderr
      }
      let parsed = try? JSONSerialization.jsonObject(with: Data(result.stdout.utf8))
      return parsed == nil ? "\(old.name) \(new.name): \(result.stdout.prefix(300))" : nil
    }.compactMap(\.self)
    for complaint in complaints { Issue.record("\(complaint)") }
  }
}
