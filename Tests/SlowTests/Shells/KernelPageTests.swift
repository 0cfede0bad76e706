import Foundation
import Testing

@testable import TestSupport

/// The page of `bpfgen check-kernels --format html` in a real browser.
@Suite("The page of a check against kernels", .runsTools, .serialized, .needs(.tool(.chromium), .tool(.clang)))
struct KernelPageTests {
  private static let kernels = [
    "5.4.0-9": "int count;", "5.4.0-10": "int count;", "5.10.0-1": "int count; int depth;", "6.1.0-1": "int depth;",
  ]
  /// By object the field that it reads; `?` for one that it tests for before.
  private static let objects = ["count": "count", "depth": "depth", "guarded": "?depth", "<i>odd": "count"]

  private static let page: Result<(scratch: Scratch, file: String), any Error> = Result {
    let scratch = try Scratch()
    for folder in ["kernels", "in"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    for (name, members) in kernels {
      let compiled = try BPFCompiler.compile("struct thing { \(members) } thing;", named: "kernel", in: scratch)
      try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file("kernels/\(name).btf"))
    }
    for (name, field) in objects {
      let isTested = field.hasPrefix("?")
      let field = isTested ? String(field.dropFirst()) : field
      let compiled = try KernelCases.compile(
        """
        struct thing { int \(field); } __attribute__((preserve_access_index));
        PROGRAM {
        	\(isTested ? "if (!bpf_core_field_exists(((struct thing *)0)->\(field))) return 0;" : "")
        	return BPF_CORE_READ((struct thing *)ctx, \(field));
        }
        """, named: "object", in: scratch)
      try FileManager.default.moveItem(atPath: compiled, toPath: scratch.file("in/\(name).bpf.o"))
    }
    let names = objects.keys.sorted().map { "in/\($0).bpf.o" }
    let page = try Shell.run(
      "/usr/bin/env",
      ["-C", scratch.path, Toolchain.bpfgen(), "check-kernels", "--btf", "kernels", "--format", "html"] + names
    ).checked()
    return (scratch, try scratch.write(page.stdout, to: "kernels.html"))
  }

  private func open(_ fragment: (String, String)..., doing script: String = "") throws -> Browser {
    try Browser(opening: Self.page.get().file, fragment: fragment, doing: script)
  }

  /// Each cell's outcome, by row.
  private func rows(_ browser: Browser) -> [String: [String]] {
    var rows: [String: [String]] = [:]
    for row in (browser.element("matrix") ?? "").components(separatedBy: "<tr").dropFirst(2) {
      let name = Browser.text(of: row.firstMatch(of: /<th.*?<\/th>/).map { String($0.output) }) ?? ""
      rows[name] = row.matches(of: /class="cell ([\w-]+)"/).map { String($0.output.1) }
    }
    return rows
  }

  @Test("objects are rows, and kernels on which all have the same outcomes are one column")
  func matrix() throws {
    let browser = try open()
    let cells = rows(browser)
    #expect(cells["in/count.bpf.o"] == ["ok", "ok", "fails"])
    #expect(cells["in/depth.bpf.o"] == ["fails", "ok", "ok"])
    #expect(cells["in/guarded.bpf.o"] == ["guarded", "ok", "ok"])
    #expect(cells["in/<i>odd.bpf.o"] == cells["in/count.bpf.o"] && !browser.document.contains("<i>"))
    #expect(Browser.text(of: browser.element("matrix"))?.contains("5.4.0-9 to 5.4.0-10") == true)
    #expect(Browser.text(of: browser.element("summary")) == "4 objects on 4 kernels")
    let dark = try String(contentsOfFile: Self.page.get().file, encoding: .utf8)
    #expect(dark.contains("prefers-color-scheme: dark") && !dark.contains("http://") && !dark.contains("https://"))
  }

  @Test("a cell shows what the kernels lack, and its address opens it again")
  func details() throws {
    for browser in try [
      open(("object", "in/depth.bpf.o"), ("kernel", "5.4.0-10")),
      open(doing: "document.querySelector('[data-object=\"2\"][data-column=\"0\"]').click();"),
    ] {
      let text = try #require(Browser.text(of: browser.element("details")))
      #expect(text.hasPrefix("in/depth.bpf.ofails on 2 kernels"), "\(text)")
      #expect(text.contains("thing.depth: no such field") && text.contains("5.4.0-9 to 5.4.0-10"), "\(text)")
    }
  }

  @Test("kernels that could not be read are a column, and known failures say so")
  func unreadAndKnown() throws {
    let scratch = try Self.page.get().scratch
    let copy = try Scratch()
    try Shell.run("/bin/cp", ["-a", scratch.path + "/.", copy.path]).checked()
    func check(_ format: String, _ words: String...) throws -> String {
      try Shell.run(
        "/usr/bin/env",
        [
          "-C", copy.path, Toolchain.bpfgen(), "check-kernels", "--btf", "kernels", "in/count.bpf.o", "in/depth.bpf.o",
          "--format", format,
        ] + words
      ).stdout
    }
    _ = try copy.write(check("json"), to: "known.json")
    _ = try copy.write("no BTF", to: "kernels/5.4.0-9.btf")
    let compiled = try BPFCompiler.compile("struct thing { int other; } thing;", named: "kernel", in: copy)
    try FileManager.default.moveItem(atPath: compiled, toPath: copy.file("kernels/6.2.0-1.btf"))
    let page = try copy.write(check("html", "--baseline", "known.json"), to: "kernels.html")
    let browser = try Browser(opening: page, fragment: [("object", "in/count.bpf.o"), ("kernel", "6.1.0-1")])
    let cells = rows(browser)
    #expect(cells["in/count.bpf.o"] == ["not-checked", "ok", "ok", "fails", "fails"], "\(cells)")
    #expect(cells["in/depth.bpf.o"] == ["not-checked", "fails", "ok", "ok", "fails"], "\(cells)")
    let matrix = try #require(browser.element("matrix"))
    #expect(matrix.components(separatedBy: ">fails (known)<").count == 3)
    let details = try #require(Browser.text(of: browser.element("details")))
    #expect(details.hasPrefix("in/count.bpf.ofails as in the baseline on 1 kernel"), "\(details)")
    let unread = try Browser(
      opening: page, fragment: [("object", "in/count.bpf.o"), ("kernel", "5.4.0-9"), ("outcome", "not-checked")])
    let text = try #require(Browser.text(of: unread.element("details")))
    #expect(text.hasPrefix("in/count.bpf.onot checked on 1 kernel") && text.contains("cannot be read"), "\(text)")
    #expect(rows(unread).values.allSatisfy { $0 == ["not-checked"] })
  }

  @Test("a search and outcomes leave out rows and columns")
  func filters() throws {
    #expect(Set(try rows(open(("search", "guarded"))).keys) == ["in/guarded.bpf.o"])
    #expect(try rows(open(("search", "6.1"))).values.allSatisfy { $0.count == 1 })
    let failing = try rows(open(("outcome", "guarded")))
    #expect(failing == ["in/guarded.bpf.o": ["guarded"]])
    #expect(try rows(open(("search", "no such name"))).isEmpty)
  }

  @Test("by keyboard: / searches, arrows move from cell to cell, Enter chooses, Escape clears")
  func keyboard() throws {
    let press = """
      const press = key => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      document.querySelector(".cell[tabindex='0']").focus();
      press("ArrowDown"); press("ArrowDown"); press("ArrowRight"); press("End"); press("Home");
      document.activeElement.click();
      """
    let chosen = try open(doing: press)
    #expect(Browser.text(of: chosen.element("details"))?.hasPrefix("in/depth.bpf.o") == true)
    let cleared = try open(doing: press + "press('Escape');")
    #expect(Browser.text(of: cleared.element("details"))?.contains("Choose a cell") == true)
    let searched = try open(
      doing: """
        dispatchEvent(new KeyboardEvent("keydown", { key: "/" }));
        document.activeElement.value = "guarded";
        document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
        """)
    #expect(Set(rows(searched).keys) == ["in/guarded.bpf.o"])
  }
}
