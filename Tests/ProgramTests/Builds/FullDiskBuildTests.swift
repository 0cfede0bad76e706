import Foundation
import Testing

@testable import TestSupport

/// A build whose disk is full, or whose folder of the state cannot be: one clear error, nothing partial, nothing lost.
@Suite("A build that cannot write", .runsTools, .needs(.tool(.clang)))
struct FullDiskBuildTests {
  /// The disk is in the script's own mount namespace, and disappears with the script. The project is copied
  /// there, `fill` leaves so many KiB of it free.
  private static let prelude = """
    set -u
    generator=$1 project=$2 disk=$3
    mount -t tmpfs -o size=600k tmpfs "$disk" && cd "$disk" && cp "$project"/*.bpf.o "$project"/bpfgen.json . || exit 9
    build() { "$generator" build "$@" 2>&1; echo "status $?"; }
    fill() { dd if=/dev/zero of=filler bs=1k 2>/dev/null; truncate -s -"$1"k filler; }
    temporaries() { find . -name '*.tmp-*' | sed 's/^/left: /'; find .bpfgen/tmp -type f | sed 's/^/left: /'; }
    sums() { [ ! -d gen ] || (cd gen && cksum * | sed 's/^/sum: /'); }

    """

  /// Runs the lines on such a disk, with a project of ten objects; returns the output.
  private func onDisk(_ project: ManyCopies, _ lines: String) throws -> String {
    let disk = try Scratch()
    let result = try Shell.run(
      "/usr/bin/unshare",
      ["-m", "/bin/bash", "-c", Self.prelude + lines, "bash", Toolchain.bpfgen(), project.scratch.path, disk.path],
      timeoutSeconds: 60)
    #expect(result.succeeded, "\(result.stderr)")
    return result.stdout
  }

  /// The lines of a text that begin with a word, without that word.
  private func lines(_ text: String, _ word: String) -> [String] {
    text.split(separator: "\n").filter { $0.hasPrefix(word) }.map { String($0.dropFirst(word.count)) }
  }

  struct Disk: Sendable, CustomTestStringConvertible {
    /// How much of it is free when the build begins.
    let freeKiB: Int
    /// Whether everything was built here before, and the outputs were removed.
    let hasState: Bool
    var testDescription: String { "\(freeKiB) KiB free, \(hasState ? "a state" : "no state")" }
  }

  static let disks = [0, 8, 40, 80].flatMap { [Disk(freeKiB: $0, hasState: false), Disk(freeKiB: $0, hasState: true)] }

  /// All outputs that exist are complete. The next build runs the rest. If the state was written, it runs nothing else:
  /// unchanged outputs are known by their content. Without a state it also reads the objects again, and runs the tasks
  /// whose records did not fit.
  @Test(
    "on a full disk: one error, complete outputs or none, and later only the remaining tasks",
    .enabled(if: geteuid() == 0, "SKIPPED: only root can mount"), arguments: disks)
  func outputs(_ disk: Disk) throws {
    let project = try ManyCopies(objects: 10)
    try project.build().checked()
    let wanted = try Shell.run("/bin/sh", ["-c", "cd \(project.scratch.path)/gen && cksum *"]).checked()
    let text = try onDisk(
      project,
      """
      \(disk.hasState ? "build >/dev/null; rm -r gen" : "")
      fill \(disk.freeKiB); build -k 0; temporaries; sums
      echo "then"; rm filler; build; temporaries; build
      sums
      """)
    let parts = text.components(separatedBy: "then\n")
    try #require(parts.count == 2, "\(text)")
    let sums = wanted.stdout.split(separator: "\n").map(String.init)
    let made = lines(parts[0], "sum: ")
    #expect(lines(parts[0], "status ") == ["1"], "\(text)")
    #expect(
      parts[0].contains("error: cannot write: No space left on device\n    hint   free some space and run again"),
      "\(text)")
    #expect(Set(made).isSubset(of: sums) && made.count < sums.count, "\(text)")

    #expect(lines(parts[1], "status ") == ["0", "0"], "\(text)")
    #expect(lines(parts[1], "sum: ") == sums, "\(text)")
    let ran = try #require(parts[1].firstMatch(of: /bpfgen: ([0-9]+) ran/).flatMap { Int($0.1) })
    let left = sums.count - made.count
    #expect(disk.hasState ? ran == left : left <= ran && ran <= project.taskCount, "\(text)")
    #expect(parts[1].contains("nothing to do"), "\(text)")
    #expect(lines(text, "left: ") == [])
  }

  /// Only the state does not fit: the outputs exist, and the next build only checks them again.
  @Test(
    "a state that does not fit costs the next build work, and is not an error of this one",
    .enabled(if: geteuid() == 0, "SKIPPED: only root can mount"))
  func stateAlone() throws {
    let project = try ManyCopies(objects: 10)
    try project.build().checked()
    project.remove(".bpfgen")
    let text = try onDisk(
      project,
      """
      build; sums >/dev/shm/sums.$$; rm .bpfgen/bpfgen.json.state; fill 0
      build; temporaries; sums | cmp - /dev/shm/sums.$$ && echo same; rm /dev/shm/sums.$$
      rm filler; build; build
      """)
    #expect(lines(text, "status ") == ["0", "0", "0", "0"], "\(text)")
    #expect(
      lines(text, "bpfgen: ").map { $0.prefix(while: { $0 != "," }) } == [
        "40 ran", "40 ran", "40 ran", "nothing to do (40 tasks)",
      ], "\(text)")
    #expect(text.contains("same\n") && lines(text, "left: ") == [], "\(text)")
  }

  /// What is at the path of the state folder.
  struct BadState: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What a shell does in the project's folder before the build.
    let prepare: String
    let says: String
    var hint: String? = nil
  }

  static let states: [BadState] = [
    BadState(
      testDescription: "a file in the place of the folder", prepare: "echo mine >.bpfgen",
      says: ".bpfgen/lock: error: cannot open: Not a directory"),
    BadState(
      testDescription: "a folder that may not be written to", prepare: "mkdir .bpfgen; chmod 555 .bpfgen",
      says: ".bpfgen/lock: error: cannot open: Permission denied"),
    BadState(
      testDescription: "a folder that may not be entered", prepare: "mkdir .bpfgen; chmod 000 .bpfgen",
      says: ".bpfgen/lock: error: cannot open: Permission denied"),
    BadState(
      testDescription: "a project's folder that may not be written to", prepare: "chmod 555 .",
      says: ".bpfgen: error: cannot create: Permission denied"),
    BadState(
      testDescription: "a lock of another user",
      prepare: "mkdir -m 777 .bpfgen; touch .bpfgen/lock; chmod 600 .bpfgen/lock",
      says: ".bpfgen/lock: error: cannot open: Permission denied"),
    BadState(
      testDescription: "a lock that is a folder", prepare: "mkdir -p .bpfgen/lock; chmod 777 .bpfgen",
      says: ".bpfgen/lock: error: cannot open: Is a directory"),
  ]

  @Test(
    "a state that cannot be is one error", .enabled(if: geteuid() == 0, "SKIPPED: only root can become another"),
    arguments: states)
  func badState(_ state: BadState) throws {
    let project = try ManyCopies(objects: 1)
    let tools = try Scratch()
    chmod(tools.path, 0o755)
    chmod(project.scratch.path, 0o777)
    try Shell.run("/bin/cp", [Toolchain.bpfgen(), tools.file("bpfgen")]).checked()
    try Shell.run("/bin/sh", ["-c", "cd \(project.scratch.path); \(state.prepare)"]).checked()
    let result = try Shell.run(
      "/usr/bin/setpriv",
      ["--reuid=65534", "--regid=65534", "--clear-groups", tools.file("bpfgen"), "build", "-C", project.scratch.path])
    #expect(result.status == .exited(1))
    #expect(result.stderr.hasPrefix(state.says), "\(result.stderr)")
    #expect(result.stderr.contains("\n    hint "), "\(result.stderr)")
    #expect(!FileManager.default.fileExists(atPath: project.scratch.file("gen")))
  }

  @Test(
    "a folder for temporaries that cannot be used is done without",
    arguments: ["echo >.bpfgen/tmp", "ln -s /dev/null .bpfgen/tmp"])
  func badStaging(_ prepare: String) throws {
    let project = try ManyCopies(objects: 1)
    try Shell.run("/bin/sh", ["-c", "cd \(project.scratch.path); mkdir .bpfgen; \(prepare)"]).checked()
    try project.build().checked()
    #expect(try project.outputs().count == project.outputCount)
    #expect(try project.build().checked().ranCount == 0)
  }
}
