import Foundation
import Testing

@testable import TestSupport

/// A run that cannot read or write prints one error and changes nothing.
@Suite("Inputs and outputs that cannot be", .runsTools, .needs(.tool(.clang)))
struct BadOutputTests {
  /// A folder with an object, and what an earlier run made of it.
  private struct Setup {
    let scratch: Scratch
    let object: String
    let header: String
    let payload: String
    let depfile: String

    init() throws {
      scratch = try Scratch()
      object = try BPFCompiler.compile(LayoutIDSource.library.text, named: "lib", in: scratch)
      header = scratch.file("lib.skel.h")
      payload = scratch.file("lib.skel.o")
      depfile = scratch.file("lib.d")
      try run(object).checked()
      // Readable for a user who is not root, as far as the folder goes.
      chmod(scratch.path, 0o755)
    }

    var outputs: [String] { [header, payload, depfile] }

    func run(_ object: String, header: String? = nil) throws -> Shell.Result {
      try Shell.run(Toolchain.bpfgen(), arguments(object, header: header ?? self.header), timeoutSeconds: 20)
    }

    /// As a user whom permissions hold back, with a generator that this user may run.
    func runAsNobody(_ object: String) throws -> Shell.Result {
      let folder = try Scratch()
      chmod(folder.path, 0o755)
      // In a child: a file that this process has open for writing could not be run, nor one that a sibling inherited.
      try Shell.run("/bin/cp", [Toolchain.bpfgen(), folder.file("bpfgen")]).checked()
      let wrapper = ["--reuid=65534", "--regid=65534", "--clear-groups", folder.file("bpfgen")]
      return try Shell.run("/usr/bin/setpriv", wrapper + arguments(object, header: header), timeoutSeconds: 20)
    }

    private func arguments(_ object: String, header: String) -> [String] {
      ["skeleton", object, "-o", header, "--payload", payload, "--depfile", depfile, "--name", "lib"]
    }

    /// Another object under the same name, for which a run would write everything again.
    func changedObject() throws -> String {
      let text = LayoutIDSource.library.text.replacingOccurrences(of: "long wide;", with: "long wide; int added;")
      return try BPFCompiler.compile(text, named: "changed", in: scratch)
    }

    /// Every file's name, state and bytes.
    func snapshot() throws -> [String: [String]] {
      var found: [String: [String]] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
        let path = scratch.file(name)
        let bytes = outputs.contains(path) ? try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString() : ""
        found[name] = ["\(try FileState(path))", bytes]
      }
      return found
    }
  }

  /// One input that gives no header.
  struct BadInput: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Puts it at a path.
    var make: @Sendable (String, Scratch) throws -> Void
    var says: String
  }

  static let inputs: [BadInput] = [
    BadInput(testDescription: "missing", make: { _, _ in }, says: "cannot open: No such file or directory"),
    BadInput(testDescription: "a folder", make: { path, _ in mkdir(path, 0o755) }, says: "is a folder"),
    BadInput(testDescription: "a pipe", make: { path, _ in mkfifo(path, 0o644) }, says: "is a pipe"),
    BadInput(testDescription: "a device", make: { path, _ in symlink("/dev/null", path) }, says: "is a device"),
    BadInput(
      testDescription: "a link to nothing", make: { path, _ in symlink("/nonexistent", path) },
      says: "cannot open: No such file or directory"),
    BadInput(
      testDescription: "a link to itself", make: { path, _ in symlink(path, path) },
      says: "cannot open: Too many levels of symbolic links"),
    BadInput(
      testDescription: "below a file", make: { path, _ in try Data("x".utf8).write(to: URL(fileURLWithPath: path)) },
      says: "not an ELF file"),
    BadInput(
      testDescription: "empty", make: { path, _ in try Data().write(to: URL(fileURLWithPath: path)) },
      says: "the file is empty"),
    BadInput(
      testDescription: "text", make: { path, _ in try Data("int x;\n".utf8).write(to: URL(fileURLWithPath: path)) },
      says: "not an ELF file"),
    BadInput(
      testDescription: "an object of this machine",
      make: { path, scratch in
        let source = try scratch.write("int x;\n", to: "host.c")
        try Shell.run(Tool.clang.required(), ["-c", source, "-o", path]).checked()
      }, says: "not a BPF object"),
    BadInput(
      testDescription: "an object without BTF",
      make: { path, scratch in
        let source = try scratch.write("int x;\n", to: "nobtf.c")
        try Shell.run(Tool.clang.required(), ["-O2", "-target", "bpf", "-c", source, "-o", path]).checked()
      }, says: "no BTF type information"),
    BadInput(
      testDescription: "BTF of a newer kind",
      make: { path, scratch in
        let source = try scratch.write("int x;\n", to: "newer.c")
        try Shell.run(Tool.clang.required(), ["-g", "-O2", "-target", "bpf", "-c", source, "-o", path]).checked()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let magic = try #require(bytes.range(of: Data([0x9f, 0xeb, 1, 0, 24, 0, 0, 0])))
        // The kind of the first type, immediately after the header.
        bytes[magic.lowerBound + 24 + 7] = 29
        try bytes.write(to: URL(fileURLWithPath: path))
      }, says: "this bpfgen does not know a kind of type in the BTF"),
  ]

  @Test("an input that is not an object is one error, and outputs are kept", arguments: BadOutputTests.inputs)
  func badInput(_ input: BadInput) throws {
    let setup = try Setup()
    let path = setup.scratch.file("bad.bpf.o")
    try input.make(path, setup.scratch)
    let before = try input.testDescription.hasPrefix("a link") ? [:] : setup.snapshot()
    let result = try setup.run(path)
    #expect(result.complaint(about: path) == nil)
    #expect(result.stderr.hasPrefix("\(path): error: \(input.says)"), "\(result.stderr)")
    #expect(result.stdout == "")
    if !before.isEmpty { #expect(try setup.snapshot() == before) }
  }

  @Test(
    "an input without permission is one error", .enabled(if: geteuid() == 0, "SKIPPED: only root can become another"))
  func unreadable() throws {
    let setup = try Setup()
    let path = setup.scratch.file("secret.bpf.o")
    try FileManager.default.copyItem(atPath: setup.object, toPath: path)
    chmod(path, 0o600)
    let before = try setup.snapshot()
    let result = try setup.runAsNobody(path)
    #expect(result.complaint(about: path) == nil)
    #expect(result.stderr.hasPrefix("\(path): error: cannot open: Permission denied"), "\(result.stderr)")
    #expect(try setup.snapshot() == before)
  }

  @Test(
    "a folder that may not be written to is one error",
    .enabled(if: geteuid() == 0, "SKIPPED: only root can become another"))
  func readOnlyFolder() throws {
    let setup = try Setup()
    let changed = try setup.changedObject()
    let before = try setup.snapshot()
    let result = try setup.runAsNobody(changed)
    #expect([setup.header, setup.payload].contains { result.complaint(about: $0) == nil }, "\(result.stderr)")
    #expect(result.stderr.contains("cannot create: Permission denied"), "\(result.stderr)")
    #expect(try setup.snapshot() == before)
  }

  /// A path at which no header can be written: relative to the scratch folder, or absolute.
  struct BadOutput: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var path: String
    var says: String
    var status: Int32 = 1
  }

  static let outputs: [BadOutput] = [
    BadOutput(
      testDescription: "a folder that is missing", path: "missing/x.h", says: "cannot create: No such file or directory"
    ),
    BadOutput(testDescription: "a folder", path: "folder", says: "is a folder"),
    BadOutput(testDescription: "below a file", path: "lib.bpf.o/x.h", says: "cannot stat: Not a directory"),
    BadOutput(
      testDescription: "a name that is too long", path: String(repeating: "x", count: 300),
      says: "cannot stat: File name too long"),
    BadOutput(testDescription: "a full device", path: "/dev/full", says: "cannot write: No space left on device"),
  ]

  @Test(
    "an output that cannot be written is one error, and earlier headers are kept", arguments: BadOutputTests.outputs)
  func badOutput(_ output: BadOutput) throws {
    let setup = try Setup()
    mkdir(setup.scratch.file("folder"), 0o755)
    let path = output.path.hasPrefix("/") ? output.path : setup.scratch.file(output.path)
    let before = try setup.snapshot()
    let result = try setup.run(setup.object, header: path)
    #expect(result.complaint(about: path) == nil)
    #expect(result.stderr.hasPrefix("\(path): error: \(output.says)"), "\(result.stderr)")
    #expect(try setup.snapshot() == before)
  }

  @Test("no output overwrites an input or another output")
  func twiceNamed() throws {
    let setup = try Setup()
    symlink("lib.bpf.o", setup.scratch.file("link.h"))
    link(setup.object, setup.scratch.file("hard.h"))
    let before = try setup.snapshot()
    let names = ["lib.bpf.o", "./lib.bpf.o", "link.h", "hard.h", "lib.skel.o", "lib.d", "folder/../lib.d"]
    mkdir(setup.scratch.file("folder"), 0o755)
    for name in names {
      let result = try setup.run(setup.object, header: setup.scratch.file(name))
      #expect(result.status == .exited(2), "\(name)")
      #expect(
        result.stderr.contains("is used for two outputs") || result.stderr.contains("is both an input and an output"),
        "\(name): \(result.stderr)")
    }
    rmdir(setup.scratch.file("folder"))
    #expect(try setup.snapshot() == before)
  }

  @Test("two spellings of an output that does not exist yet are one output")
  func twiceNamedAndNew() throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(LayoutIDSource.library.text, named: "lib", in: scratch)
    let result = try Shell.run(
      Toolchain.bpfgen(), ["skeleton", object, "-o", scratch.file("new.o"), "--payload", scratch.file("./new.o")])
    #expect(result.status == .exited(2), "\(result.stderr)")
  }

  @Test("/dev/null stays a device")
  func devNull() throws {
    let setup = try Setup()
    try setup.run(setup.object, header: "/dev/null").checked()
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test(
    "an answer that standard output does not take is an error", arguments: ["fingerprint", "diff", "-o -", "--help"])
  func standardOutputIsFull(_ command: String) throws {
    let setup = try Setup()
    let arguments: [String] =
      switch command {
      case "fingerprint": ["fingerprint", setup.object]
      case "diff": ["diff", setup.object, try setup.changedObject()]
      case "-o -": ["skeleton", setup.object, "-o", "-"]
      default: [command]
      }
    let result = try Shell.run("/bin/sh", ["-c", "exec \"$@\" >/dev/full", "sh", Toolchain.bpfgen()] + arguments)
    #expect(result.status == .exited(1))
    #expect(result.stderr.contains("error: cannot write: No space left on device"), "\(result.stderr)")
  }

  /// The disk is in the script's own mount namespace: it is invisible outside, and disappears with the script.
  private static let fullDisk = """
    set -e
    generator=$1 old=$2 new=$3 disk=$4
    mount -t tmpfs -o size=128k tmpfs "$disk"
    cd "$disk"
    run() { "$generator" skeleton "$1" --name lib -o x.h --payload x.o --depfile x.d; }
    run "$old"
    state() { ls -A | grep -v filler; stat -c '%n %i %s %y' x.h x.o x.d; cat x.h x.o x.d | cksum; }
    state >/dev/shm/before.$$
    dd if=/dev/zero of=filler bs=1k 2>/dev/null || true
    status=0; run "$new" 2>/dev/shm/errors.$$ || status=$?
    echo "status $status"
    state | cmp - /dev/shm/before.$$ && echo unchanged
    cat /dev/shm/errors.$$ >&2
    rm -f /dev/shm/before.$$ /dev/shm/errors.$$ filler
    run "$new" && echo written
    """

  @Test(
    "a full disk is one error, and what was there stays", .enabled(if: geteuid() == 0, "SKIPPED: only root can mount"))
  func diskIsFull() throws {
    let setup = try Setup()
    let disk = try Scratch()
    let result = try Shell.run(
      "/usr/bin/unshare",
      ["-m", "/bin/sh", "-c", Self.fullDisk, "sh", Toolchain.bpfgen(), setup.object, setup.changedObject(), disk.path],
      timeoutSeconds: 20)
    #expect(result.stdout == "status 1\nunchanged\nwritten\n", "\(result.stdout)\(result.stderr)")
    let errors = result.stderr.split(separator: "\n").filter { $0.contains(": error: ") }
    #expect(errors.count == 1, "\(result.stderr)")
    #expect(result.stderr.contains("No space left on device"), "\(result.stderr)")
  }
}
