import Foundation
import Testing

@testable import TestSupport

/// The SARIF of `bpfgen check-kernels`, held to a table of what SARIF 2.1.0 has.
///
/// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", sections 3.13 to 3.49: the objects that
/// bpfgen writes, with all of their properties that it may ever write. Another one is to be looked up there, and added here.
@Suite("SARIF", .runsTools, .needs(.tool(.clang)))
struct SARIFSchemaTests {
  private indirect enum Form: Sendable {
    case text
    /// A text of a certain form.
    case matching(String)
    case oneOf([String])
    case integer(atLeast: Int)
    case flag
    case list(Form)
    case object(String)
    /// A property bag: any names, any values.
    case bag
  }

  private struct Kind: Sendable {
    let required: [String: Form]
    let optional: [String: Form]
  }

  private static let kinds: [String: Kind] = [
    "sarifLog": Kind(
      required: ["version": .oneOf(["2.1.0"]), "runs": .list(.object("run"))],
      optional: ["$schema": .matching("^https://[^ ]*sarif[^ ]*2\\.1\\.0[^ ]*$"), "properties": .bag]),
    "run": Kind(
      required: ["tool": .object("tool")],
      optional: [
        "results": .list(.object("result")), "columnKind": .oneOf(["utf16CodeUnits", "unicodeCodePoints"]),
        "invocations": .list(.object("invocation")), "properties": .bag,
      ]),
    "invocation": Kind(
      required: ["executionSuccessful": .flag],
      optional: ["toolExecutionNotifications": .list(.object("notification")), "properties": .bag]),
    "notification": Kind(
      required: ["message": .object("message")],
      optional: ["level": .oneOf(["none", "note", "warning", "error"]), "locations": .list(.object("location"))]),
    "tool": Kind(required: ["driver": .object("toolComponent")], optional: ["properties": .bag]),
    "toolComponent": Kind(
      required: ["name": .text],
      optional: [
        "version": .text, "semanticVersion": .matching("^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$"),
        "informationUri": .matching("^https://"), "rules": .list(.object("reportingDescriptor")), "properties": .bag,
      ]),
    "reportingDescriptor": Kind(
      required: ["id": .matching("^[a-z0-9-]+$")],
      optional: ["name": .text, "shortDescription": .object("multiformatMessageString"), "properties": .bag]),
    "multiformatMessageString": Kind(required: ["text": .text], optional: ["markdown": .text]),
    "result": Kind(
      required: ["message": .object("message")],
      optional: [
        "ruleId": .text, "ruleIndex": .integer(atLeast: 0), "level": .oneOf(["none", "note", "warning", "error"]),
        "locations": .list(.object("location")), "properties": .bag,
        "baselineState": .oneOf(["new", "unchanged", "updated", "absent"]),
      ]),
    "message": Kind(required: ["text": .text], optional: ["markdown": .text]),
    "location": Kind(
      required: ["physicalLocation": .object("physicalLocation")], optional: ["message": .object("message")]),
    "physicalLocation": Kind(
      required: ["artifactLocation": .object("artifactLocation")], optional: ["region": .object("region")]),
    // RFC 3986: a blank, a quote or an accent has an escape.
    "artifactLocation": Kind(
      required: ["uri": .matching("^([a-z][a-z0-9+.-]*:)?[A-Za-z0-9._~!$&'()*+,;=:@/?#%-]+$")],
      optional: ["uriBaseId": .text, "index": .integer(atLeast: 0)]),
    "region": Kind(
      required: ["startLine": .integer(atLeast: 1)],
      optional: ["startColumn": .integer(atLeast: 1), "endLine": .integer(atLeast: 1)]),
  ]

  /// What is wrong with a value, by its path.
  private static func faults(_ value: Any, _ form: Form, at path: String) -> [String] {
    switch form {
    case .text: return value is String ? [] : ["\(path): not a string"]
    case .matching(let pattern):
      guard let text = value as? String else { return ["\(path): not a string"] }
      return text.range(of: pattern, options: .regularExpression) == nil ? ["\(path): '\(text)'"] : []
    case .oneOf(let arguments):
      return (value as? String).map(arguments.contains) ?? false ? [] : ["\(path): not one of \(arguments)"]
    case .integer(let least):
      guard let number = value as? Int, number >= least else {
        return ["\(path): not a number of \(least) or more"]
      }
      return []
    case .flag: return value is Bool ? [] : ["\(path): neither true nor false"]
    case .list(let element):
      guard let list = value as? [Any] else { return ["\(path): not a list"] }
      return list.enumerated().flatMap { faults($1, element, at: "\(path)[\($0)]") }
    case .bag: return value is [String: Any] ? [] : ["\(path): not an object"]
    case .object(let name):
      guard let members = value as? [String: Any], let kind = kinds[name] else { return ["\(path): not an object"] }
      var found = kind.required.keys.filter { members[$0] == nil }.map { "\(path): no '\($0)'" }
      for (key, member) in members {
        guard let form = kind.required[key] ?? kind.optional[key] else {
          found.append("\(path): '\(key)' is not in the table")
          continue
        }
        found += faults(member, form, at: "\(path).\(key)")
      }
      return found
    }
  }

  private static func faults(_ text: String) throws -> [String] {
    let log = try JSONSerialization.jsonObject(with: Data(text.utf8))
    var found = faults(log, .object("sarifLog"), at: "$")
    guard found.isEmpty, let log = log as? [String: Any], let runs = log["runs"] as? [[String: Any]] else {
      return found
    }
    for run in runs {
      let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any]
      let rules = (driver?["rules"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
      if Set(rules).count != rules.count { found.append("two rules of one id") }
      for result in run["results"] as? [[String: Any]] ?? [] {
        if let rule = result["ruleId"] as? String, !rules.contains(rule) { found.append("no rule '\(rule)'") }
      }
    }
    return found
  }

  /// An object with something of each rule, in a folder whose name needs escapes.
  private static let object = """
    struct thing { int gone; } __attribute__((preserve_access_index));
    struct some_ops { int (*call)(void); };
    extern void no_such_function(void) __ksym;
    extern int weak_function(void) __ksym __weak;
    extern bool CONFIG_SOME __kconfig __weak;
    SEC("raw_tp/sys_enter") int reads(void *ctx) {
    	if (bpf_core_field_exists(((struct thing *)0)->gone))
    		return BPF_CORE_READ((struct thing *)ctx, gone);
    	return CONFIG_SOME ? BPF_CORE_READ((struct thing *)ctx, gone) : 0;
    }
    SEC("raw_tp/sys_exit") int always(void *ctx) { return BPF_CORE_READ((struct thing *)ctx, gone); }
    SEC("fentry/no_such_target") int enters(void *ctx) { return 0; }
    SEC("syscall") int calls(void *ctx) { no_such_function(); return weak_function(); }
    SEC("struct_ops/call") int operation(void) { return 0; }
    SEC(".struct_ops") struct some_ops ops = { .call = (void *)operation };
    """

  @Test("what check-kernels writes is SARIF 2.1.0, with every level and nearly every rule")
  func valid() throws {
    let scratch = try Scratch()
    let folder = scratch.file("a b é%")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let compiled = try KernelCases.compile(Self.object, named: "app", in: scratch)
    try FileManager.default.moveItem(atPath: compiled, toPath: "\(folder)/app.bpf.o")
    // Older verifiers, without these, read no constants.
    let verifier = "enum bpf_attach_type { BPF_CGROUP_GETSOCKOPT, BPF_TRACE_FENTRY } type;"
    let kernel = try BPFCompiler.compile(
      "\(verifier) struct thing { int other; } thing;", named: "kernel", in: scratch)
    try FileManager.default.moveItem(atPath: kernel, toPath: "\(folder)/5.4.0-1.btf")
    let arguments = ["check-kernels", "--btf", "\(folder)/5.4.0-1.btf", "\(folder)/app.bpf.o"]
    let text = try Shell.run(Toolchain.bpfgen(), arguments + ["--format", "sarif"]).checked().stdout
    #expect(try Self.faults(text) == [])
    for rule in ["core-relocation", "kernel-symbol", "attach-target", "struct-ops"] {
      #expect(text.contains("\"ruleId\": \"\(rule)\""), "\(rule)")
    }
    for level in ["note", "warning", "error"] { #expect(text.contains("\"level\": \"\(level)\""), "\(level)") }
    // Without anything to report it is one too.
    let nothing = try KernelCases.compile("PROGRAM { return 0; }", named: "nothing", in: scratch)
    let empty = try Shell.run(
      Toolchain.bpfgen(), ["check-kernels", "--btf", "\(folder)/5.4.0-1.btf", "--format", "sarif", nothing]
    ).checked().stdout
    #expect(try Self.faults(empty) == [] && empty.contains("\"results\": []"))
  }

  @Test("the table refuses what is not SARIF")
  func table() throws {
    let good = """
      {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": [{"id": "a"}]}}, "results": [
        {"ruleId": "a", "message": {"text": "m"}, "locations": [{"physicalLocation":
          {"artifactLocation": {"uri": "a%20b"}, "region": {"startLine": 1}}}]}]}]}
      """
    #expect(try Self.faults(good) == [])
    for (old, new) in [
      ("2.1.0", "2.1"), ("\"name\": \"x\", ", ""), ("\"text\"", "\"txt\""), ("a%20b", "a b"), (": 1}", ": 0}"),
      (": 1}", ": \"1\"}"), ("\"ruleId\": \"a\"", "\"ruleId\": \"b\""), ("{\"driver\"", "{\"drivers\""),
      ("\"message\"", "\"level\": \"fatal\", \"message\""),
    ] {
      #expect(try !Self.faults(good.replacing(old, with: new)).isEmpty, "\(old) -> \(new)")
    }
  }
}
