import Foundation
import GenGraph
import Testing

@testable import TestSupport

/// What the shells themselves offer, with the scripts that `bpfgen completion` prints.
@Suite("Completions", .runsTools, .needs(.tool(.bash), .tool(.zsh), .tool(.fish)))
struct CompletionTests {
  /// A command line up to the cursor, and all that is offered there.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let offers: Set<String>
    var testDescription: String { "'\(line)'" }

    init(_ line: String, _ offers: String...) {
      self.line = line
      self.offers = Set(offers)
    }
  }

  static let cases: [Case] = [
    Case("bpfgen bu", "build"), Case("bpfgen ske", "skeleton"), Case("bpfgen nosuch"), Case("bpfgen nosuch "),
    Case("bpfgen -", "-h", "--help", "--version"), Case("bpfgen --v", "--version"),
    Case("bpfgen build --dr", "--dry-run"), Case("bpfgen build --dep", "--depfile"), Case("bpfgen build -- --de"),
    Case("bpfgen graph --format ", "dot", "svg", "json", "html"), Case("bpfgen graph --format j", "json"),
    Case("bpfgen graph --format=", "dot", "svg", "json", "html"), Case("bpfgen graph --format=j", "json"),
    Case("bpfgen diff a.o --color a", "auto", "always"), Case("bpfgen build --jobs "), Case("bpfgen build -j "),
    Case("bpfgen emit m", "make"), Case("bpfgen emit -o out n", "ninja"), Case("bpfgen emit --output=out n", "ninja"),
    Case("bpfgen emit ninja "), Case("bpfgen query in", "inputs"), Case("bpfgen query --transitive r", "rdeps"),
    Case("bpfgen query rdeps my", "my file.o"), Case("bpfgen query rdeps x "),
    Case("bpfgen completion ", "bash", "zsh", "fish"), Case("bpfgen completion fish "),
    Case("bpfgen man lin", "link"), Case("bpfgen help li", "light-skeleton", "link"), Case("bpfgen help link "),
    // Files, and folders only.
    Case("bpfgen build -f s", "sub dir", "subway", "sum.json"),
    Case("bpfgen build --file=s", "sub dir", "subway", "sum.json"),
    Case("bpfgen build -C s", "sub dir", "subway"), Case("bpfgen build --directory s", "sub dir", "subway"),
    Case("bpfgen build --directory=s", "sub dir", "subway"), Case("bpfgen man --all s", "sub dir", "subway"),
    Case("bpfgen link one.o two.o m", "my file.o"), Case("bpfgen link -o x -- m", "my file.o"),
    Case("bpfgen diff one.o m", "my file.o"), Case("bpfgen skeleton m", "my file.o"),
    Case("bpfgen skeleton x.o --payload m", "my file.o"), Case("bpfgen skeleton x.o --name m"),
  ]

  @Test("each shell offers the possible words", arguments: CompletingShell.allCases, cases)
  func offers(_ shell: CompletingShell, _ given: Case) throws {
    #expect(try shell.offers(at: given.line, in: Self.folder.get()) == given.offers)
  }

  @Test("every command is offered, and every option of each", arguments: CompletingShell.allCases)
  func everything(_ shell: CompletingShell) throws {
    let commands = try CommandHelp.all.get()
    let folder = try Self.folder.get()
    #expect(try shell.offers(at: "bpfgen ", in: folder) == Set(commands.map(\.name)))
    for command in commands {
      let options = Set(command.options.flatMap(\.words))
      #expect(try shell.offers(at: "bpfgen \(command.name) -", in: folder) == options, "\(command)")
    }
  }

  // A new option with such a value and no kind in its table would complete nothing, and no one would notice.
  @Test("every option whose value is a file or a folder completes it")
  func kinds() throws {
    for command in try CommandHelp.all.get() {
      for option in command.options where option.value == "file" || option.value == "folder" {
        for word in option.words {
          let offers = try CompletingShell.bash.offers(at: "bpfgen \(command.name) \(word) s", in: Self.folder.get())
          #expect(offers.isSuperset(of: ["sub dir", "subway"]), "\(command) \(word)")
          #expect(offers.contains("sum.json") == (option.value == "file"), "\(command) \(word)")
        }
      }
    }
  }

  @Test("every build tool and every query of the library is a word of the command line")
  func choices() throws {
    let folder = try Self.folder.get()
    let tools = BuildTool.allCases.map(\.rawValue)
    let questions = Project.Question.allCases.map(\.rawValue) + ["files", "headers"]
    #expect(try CompletingShell.bash.offers(at: "bpfgen emit ", in: folder) == Set(tools))
    #expect(try CompletingShell.bash.offers(at: "bpfgen query ", in: folder) == Set(questions))
  }

  @Test("a script that a startup file sources works, even with the shell's strictest settings")
  func sourced() throws {
    let (bash, zsh) = try (Tool.bash.required(), Tool.zsh.required())
    let bpfgen = try Toolchain.bpfgen()
    let inBash = """
      set -u; shopt -s failglob nocaseglob; source <("$1" completion bash); complete -p bpfgen
      COMP_WORDS=(bpfgen b); COMP_CWORD=1; _bpfgen; echo "$COMPREPLY"
      """
    let reported = try Shell.run(bash, ["--norc", "-c", inBash, "bash", bpfgen]).checked()
    #expect(reported.stdout == "complete -F _bpfgen bpfgen\nbuild\n" && reported.stderr == "")
    let inZsh = "autoload -Uz compinit; compinit -D -u; source <(\"$1\" completion zsh); print $_comps[bpfgen]"
    let known = try Shell.run(zsh, ["-f", "-c", inZsh, "zsh", bpfgen]).checked()
    #expect(known.stdout == "_bpfgen\n" && known.stderr == "")
  }

  /// The typed text, with `\t` for Tab, and the arguments that the command receives.
  static let typed: [(keys: String, words: [String])] = [
    ("bpfgen bu\\t", ["build"]), ("bpfgen graph --format=sv\\t", ["graph", "--format=svg"]),
    ("bpfgen link my\\t", ["link", "my file.o"]), ("bpfgen link -o \"my\\t", ["link", "-o", "my file.o"]),
    ("bpfgen link --output=my\\t", ["link", "--output=my file.o"]),
    ("bpfgen build -C sub\\\\ \\t", ["build", "-C", "sub dir/"]), ("bpfgen build -C sum\\t", ["build", "-C", "sum"]),
  ]

  @Test("bash on a terminal passes the words to the command, including spaces", arguments: typed)
  func terminal(_ keys: String, _ words: [String]) throws {
    let scratch = try Scratch()
    let setup = try scratch.write(
      "source \(CompletingShell.bash.script.get())\nbpfgen() { printf '<%s>' \"$@\" >\(scratch.file("words")); }\n",
      to: "setup")
    // `script` gives it a terminal.
    let line = "cd \"$1\" && printf '\(keys)\\nexit\\n' | TERM=dumb script -qec \"bash --rcfile $2 -i\" /dev/null"
    try Shell.run("/bin/sh", ["-c", line, "sh", Self.folder.get(), setup], timeoutSeconds: 30).checked()
    let given = try String(contentsOfFile: scratch.file("words"), encoding: .utf8)
    #expect(given == words.map { "<\($0)>" }.joined())
  }

  /// A folder with files and folders to complete.
  private static let folder = Result {
    let folder = files.file("here")
    for name in ["sub dir", "subway"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for name in ["my file.o", "sum.json"] { _ = try files.write("", to: "here/\(name)") }
    return folder
  }

  // Kept for the life of the process.
  private static let files = try! Scratch()
}
