import Foundation
import Testing

@testable import TestSupport

/// What scripts/install puts into a prefix, with the program under test instead of one that it would build.
@Suite("scripts/install", .runsTools, .needs(.tool(.man)))
struct InstallTests {
  @Test("the program, its rules, its manual and its completions are installed, readable by all users")
  func tree() throws {
    let scratch = try Scratch()
    let install = "umask 077 && exec \"$1\" /usr"
    try Shell.run(
      "/bin/sh", ["-c", install, "sh", "\(Toolchain.root)/scripts/install"],
      environment: ["DESTDIR": scratch.file("root"), "BPFGEN": Toolchain.bpfgen()]
    ).checked()
    let prefix = scratch.file("root/usr")
    let pages = try CommandHelp.all.get().map { "share/man/man1/bpfgen-\($0.name).1" }
    let completions = [
      "bash": "share/bash-completion/completions/bpfgen", "zsh": "share/zsh/site-functions/_bpfgen",
      "fish": "share/fish/vendor_completions.d/bpfgen.fish",
    ]
    let others = ["bin/bpfgen", "share/man/man1/bpfgen.1", "share/man/man5/bpfgen.json.5"]
    let rules = try ["bazel", "make", "meson", "ninja"].flatMap { tool in
      try Self.files(below: "\(Toolchain.root)/\(tool)").map { "share/bpfgen/\(tool)/\($0)" }
    }
    let package = try Self.files(below: "\(Toolchain.root)/cmake").filter { $0.hasSuffix(".cmake") }
    let texts = try Self.files(below: "\(Toolchain.root)/docs").filter { !$0.contains("/") }.map { "docs/\($0)" }
    let examples = try Shell.run("/usr/bin/env", ["git", "-C", Toolchain.root, "ls-files", "examples"]).checked()
      .stdout.split(separator: "\n").map(String.init)
      .filter { !$0.hasSuffix(".gitignore") }
    let docs = (["README.md"] + texts + examples).map { "share/doc/bpfgen/\($0)" }
    let wanted = Set(pages + completions.values + others + rules + docs + package.map { "share/cmake/Bpfgen/\($0)" })
    #expect(try Self.files(below: prefix) == wanted)

    for page in docs where page.hasSuffix(".md") {
      let text = try String(contentsOfFile: "\(prefix)/\(page)", encoding: .utf8)
      let folder = ("\(prefix)/\(page)" as NSString).deletingLastPathComponent
      let links = text.matches(of: /\]\(([^)#:]+)[)#]/).map { "\(folder)/\($0.1)" }
      #expect(links.filter { !FileManager.default.fileExists(atPath: $0) } == [], "\(page)")
    }

    let bpfgen = "\(prefix)/bin/bpfgen"
    let version = try Shell.run(Toolchain.bpfgen(), ["--version"]).checked().stdout
    #expect(try Shell.run(bpfgen, ["--version"]).checked().stdout == version)
    for (shell, path) in completions {
      let script = try String(contentsOfFile: "\(prefix)/\(path)", encoding: .utf8)
      #expect(try Shell.run(bpfgen, ["completion", shell]).checked().stdout == script)
    }
    for (section, page) in [("1", "bpfgen"), ("1", "bpfgen-build"), ("5", "bpfgen.json")] {
      let found = try Shell.run(Tool.man.required(), ["-M", "\(prefix)/share/man", "-w", section, page]).checked()
      #expect(found.stdout == "\(prefix)/share/man/man\(section)/\(page).\(section)\n")
    }
    let closed = try Shell.run("/usr/bin/env", ["find", prefix, "!", "-perm", "-o=r"]).checked()
    #expect(closed.stdout == "")
  }

  @Test("a packager sets the folder of zsh's completions")
  func zshFolder() throws {
    let scratch = try Scratch()
    try Shell.run(
      "\(Toolchain.root)/scripts/install", ["/usr"],
      environment: [
        "DESTDIR": scratch.path, "BPFGEN": Toolchain.bpfgen(), "ZSH_COMPLETIONS": "zsh/vendor-completions",
      ]
    ).checked()
    #expect(try Self.files(below: scratch.file("usr/share/zsh")) == ["vendor-completions/_bpfgen"])
  }

  @Test("a prefix that looks like an option is refused, and nothing is built")
  func usage() throws {
    for arguments in [[], ["--prefix=/usr"], ["/usr", "/opt"]] {
      let result = try Shell.run("\(Toolchain.root)/scripts/install", arguments)
      #expect(result.status == .exited(2) && result.stderr.hasPrefix("usage: scripts/install PREFIX"))
    }
  }

  private static func files(below folder: String) throws -> Set<String> {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
    return Set(
      paths.filter { path in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
          && !isFolder.boolValue
      })
  }
}
