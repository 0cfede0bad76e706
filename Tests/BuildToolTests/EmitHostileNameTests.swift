import Foundation
import Testing

@testable import TestSupport

/// Paths in a graph file with a special meaning in Ninja, make or a shell: they work, or they are refused.
@Suite(
  "bpfgen emit and hostile names", .runsTools, .needs(.tool(.clang)),
  .enabled(if: EmitTool.unmet == nil, "SKIPPED: \(EmitTool.unmet ?? "")"))
struct EmitHostileNameTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let tool: EmitTool
    let name: String
    /// Whether the tool must be able to do it.
    let works: Bool
    var testDescription: String { "\(tool): \(name)" }
  }

  /// Names that both tools support.
  static let harmless = [
    "plain", "with space", "two  spaces", "größe", "-dash", "--help", "-o", "a-b+c_d,e@f!g~h", "x.stamp", "x.d",
    "define x", "include x", "load x", "rule", "build", "default", "pool", "subninja", "phony", "all", "Makefile.in",
    "src/~tilde",
    "src/.hidden", "a..b",
  ]

  /// Names that only Ninja supports.
  static let onlyNinja = [
    "hash#tag", "#", "dollar$sign", "$", "$$", "$in", "${out}", "$(touch pwned)", "percent%", "%", "colon:inside",
    "a=b", "brackets[x]", "braces{a,b}", "~", "~root", ".PHONY", ".IGNORE", ".SILENT", ".DELETE_ON_ERROR", ".c.o",
    ".WAIT",
    "$(shell touch pwned)", "$(eval x)", "lib(member)", "define", "include", "export", "-include", "else", "endif",
    "ifeq", "override", "private", "vpath",
  ]

  /// Names that neither supports.
  static let refused = [
    "a b$(touch pwned)'\";#", "quote'", "'; touch pwned; '", "\"", "`touch pwned`", "a;touch pwned", "a|touch pwned",
    "a&touch pwned", "a>pwned", "a<b", "*", "a?", "a^b", "back\\slash", "end\\", "tab\there", "return\rhere",
    "x\u{85}y", "\u{1b}[31m", " leading", "trailing ", "-", "a: b ; touch pwned \\", "bpfgen-all", "\u{7f}",
  ]

  static let cases: [Case] = EmitTool.allCases.flatMap { tool in
    harmless.map { Case(tool: tool, name: $0, works: true) }
      + onlyNinja.map { Case(tool: tool, name: $0, works: tool == .ninja) }
      + refused.map { Case(tool: tool, name: $0, works: false) }
      + [Case(tool: tool, name: "bpfgen-clean", works: tool == .ninja), Case(tool: tool, name: "a:", works: false)]
  }

  /// A graph in which the name is that of a source, of a linked object, of a header and of a payload.
  private static func graph(_ name: String) throws -> Data {
    let graph: [String: Any] = [
      "bpfgen": 1, "objects": ["a": "\(name).bpf.o"], "libraries": ["l": ["inputs": ["a"], "output": "gen/\(name)"]],
      "skeletons": [
        ["of": "l", "header": name, "payload": "payload/\(name).o", "name": "a", "like": "like/\(name)"]
          as [String: Any],
        ["of": "a", "header": "embedded/\(name)", "name": "b"],
      ],
    ]
    return try JSONSerialization.data(withJSONObject: graph)
  }

  @Test("each works, or is refused with its name", arguments: Tier.sample(cases, quick: 30))
  func name(_ c: Case) throws {
    let project = try EmitProject(c.tool)
    let folder = project.scratch.path
    try Self.graph(c.name).write(to: URL(fileURLWithPath: "\(folder)/hostile.json"))
    for source in ["\(c.name).bpf.o", "like/\(c.name)"] {
      let parent = ("\(folder)/\(source)" as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    }
    try project.put("main", at: "\(c.name).bpf.o")
    try EmitObjects.host.get().write(to: URL(fileURLWithPath: "\(folder)/like/\(c.name)"))
    try project.use(project.program)

    let emitted = try project.emit(["-f", "hostile.json", "-o", "steps"])
    if c.works {
      try emitted.checked()
      try Self.build(project, c)
    } else {
      #expect(emitted.status == .exited(2))
      #expect(emitted.stderr.hasPrefix("hostile.json: error: ") && emitted.stderr.contains("'"), "\(emitted.stderr)")
      #expect(access("\(folder)/steps", F_OK) != 0)
    }
    let left = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { ($0 as NSString).lastPathComponent == "pwned" }
    #expect(left.isEmpty)
  }

  private static func build(_ project: EmitProject, _ c: Case) throws {
    let arguments = ["-C", project.scratch.path, "-f", c.tool == .ninja ? "main" : "steps"]
    if c.tool == .ninja { _ = try project.scratch.write("include steps\nbpfgen = ./program\n", to: "main") }
    func run() throws -> String {
      try Shell.run(c.tool.path!, arguments, environment: ["BPFGEN": "./program"]).checked().stdout
    }
    _ = try run()
    for made in [c.name, "gen/\(c.name)", "payload/\(c.name).o", "embedded/\(c.name)"] {
      #expect(access(project.scratch.file(made), F_OK) == 0, "\(made)")
    }
    #expect(try run().contains(c.tool == .ninja ? "no work to do" : "Nothing to be done"))
    // A change of the source reaches it through all names.
    usleep(20_000)
    try project.put("main with a variable more", at: "\(c.name).bpf.o")
    _ = try run()
    for made in [c.name, "embedded/\(c.name)"] {
      #expect(try String(contentsOfFile: project.scratch.file(made), encoding: .utf8).contains("more"), "\(made)")
    }
    #expect(try run().contains(c.tool == .ninja ? "no work to do" : "Nothing to be done"))
  }
}
