import Foundation
import Testing

@testable import TestSupport

/// Each system call of a small build fails once, in turn: the build says so, leaves nothing that is half, and the next one
/// is right.
///
/// strace has the kernel refuse the call. What a program of Swift cannot survive is memory that is not given: those runs
/// may end by a signal, and are held to the same outputs.
@Suite(
  "A build in which a system call fails", .runsTools, .needs(.tool(.clang), .file("/usr/bin/strace")), .serialized)
struct FaultInjectionTests {
  /// Calls of one kind, and the error that they are answered with.
  struct Fault: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    let calls: String
    let error: String
    /// As people read it.
    let message: String
    /// Whether a run may end by a signal.
    var mayKill = false

    var testDescription: String { "\(calls): \(error)" }
    var description: String { testDescription }
  }

  static let faults = [
    Fault(calls: "openat", error: "EACCES", message: "Permission denied"),
    Fault(calls: "openat", error: "ENOSPC", message: "No space left on device"),
    Fault(calls: "read,pread64", error: "EIO", message: "Input/output error"),
    Fault(calls: "write,pwrite64", error: "ENOSPC", message: "No space left on device"),
    Fault(calls: "write,pwrite64", error: "EDQUOT", message: "Disk quota exceeded"),
    Fault(calls: "linkat,rename,renameat,renameat2", error: "ENOSPC", message: "No space left on device"),
    Fault(calls: "mkdir,mkdirat", error: "ENOSPC", message: "No space left on device"),
    Fault(calls: "stat,fstat,newfstatat,statx", error: "EIO", message: "Input/output error"),
    Fault(calls: "fsync,fdatasync,ftruncate,flock,fchmod,unlink,close", error: "EIO", message: "Input/output error"),
    Fault(calls: "mmap,brk", error: "ENOMEM", message: "Cannot allocate memory", mayKill: true),
  ]

  /// Messages about a file that was not found and then was, from libraries, and for a missing command line.
  private static let otherMessages = [
    "changed while it was being read", "libbpf cannot ", "libelf cannot write", "command line cannot be read",
  ]

  /// A project of which everything was built, and then an object changed so that each output is to be another.
  private struct Project {
    let scratch: Scratch
    private let log: String

    init() throws {
      scratch = try Scratch()
      log = scratch.file("trace")
      _ = try scratch.write(
        """
        { "bpfgen": 1, "objects": { "main": "main.bpf.o", "net": "net.bpf.o" },
          "finals": { "app": { "inputs": ["main", "net"], "output": "gen/app.bpf.o" } },
          "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o" } ],
          "subskeletons": [ { "of": "net", "header": "gen/net.subskel.h" } ] }
        """, to: "bpfgen.json")
      for name in ["main", "net"] { try compile(name, "first_\(name)") }
    }

    func compile(_ name: String, _ variable: String) throws {
      let source = try scratch.write("int \(variable) = 1;\n", to: "\(name).bpf.c")
      let flags = ["-g", "-O2", "-target", "bpf", "-c", source, "-o", scratch.file("\(name).bpf.o")]
      try Shell.run(Tool.clang.required(), flags).checked()
    }

    func build() throws -> Shell.Result {
      try Shell.run(Toolchain.bpfgen(), ["build", "-j1", "-k0", "-C", scratch.path])
    }

    /// How many of some calls the dynamic loader makes before the program begins; none where it is static.
    func loaderCalls(_ fault: Fault) throws -> Int {
      try Shell.run(
        "/usr/bin/strace", ["-y", "-qq", "-o", log, "-e", "trace=\(fault.calls)", Toolchain.bpfgen(), "version"]
      ).checked()
      let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
      return (calls.lastIndex { $0.contains(".so") } ?? -1) + 1
    }

    /// With the n-th of some calls failing in each thread.
    func build(_ fault: Fault, _ number: Int) throws -> Shell.Result {
      let inject = "inject=\(fault.calls):error=\(fault.error):when=\(number)"
      return try Shell.run(
        "/usr/bin/strace",
        ["-f", "-qq", "-o", log, "-e", "trace=\(fault.calls)", "-e", inject, Toolchain.bpfgen(), "build", "-j1", "-k0"]
          + ["-C", scratch.path])
    }

    /// The call that failed in the last build; `nil` when there were less of them.
    func injected() throws -> Substring? {
      try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").first { $0.hasSuffix("(INJECTED)") }
    }

    /// Whether some call failed: each thread counts its own.
    func injected(in call: String) throws -> Bool {
      try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        .contains { $0.hasSuffix("(INJECTED)") && $0.contains(call) }
    }

    func outputs() throws -> [String: Data] {
      let folder = scratch.file("gen")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))) })
    }

    func temporaries() throws -> [String] {
      let found = try FileManager.default.subpathsOfDirectory(atPath: scratch.path)
      return found.filter { $0.contains(".tmp-") }
    }

    /// A folder as it was before the builds.
    func copy() throws -> Scratch {
      let copy = try Scratch()
      try Shell.run("/usr/bin/env", ["cp", "-a", scratch.path + "/.", copy.path]).checked()
      return copy
    }

    func restore(_ copy: Scratch) throws {
      try Shell.run("/usr/bin/env", ["rm", "-rf", scratch.file(".bpfgen"), scratch.file("gen")]).checked()
      try Shell.run("/usr/bin/env", ["cp", "-a", copy.path + "/.", scratch.path]).checked()
    }
  }

  @Test("each of them, in a first build and in one after an edit", arguments: faults, [false, true])
  func each(_ fault: Fault, _ isFirst: Bool) throws {
    let project = try Project()
    try project.build().checked()
    let old = try project.outputs()
    for name in ["main", "net"] { try project.compile(name, "second_\(name)") }
    if isFirst {
      try Shell.run("/usr/bin/env", ["rm", "-rf", project.scratch.file(".bpfgen"), project.scratch.file("gen")])
        .checked()
    }
    let before = try project.copy()
    try project.build().checked()
    let new = try project.outputs()
    #expect(old.keys.sorted() == new.keys.sorted() && old.allSatisfy { new[$0.key] != $0.value })

    let loaderCalls = try project.loaderCalls(fault)
    var (number, runs, failed, harmless, killed) = (loaderCalls + 1, 0, 0, 0, 0)
    while true {
      defer { number += Tier.count(quick: 3, full: 1) }
      try project.restore(before)
      let result = try project.build(fault, number)
      guard let call = try project.injected() else { break }
      runs += 1
      let label: Comment = "\(fault) \(number): \(call)\n\(result.stderr)"
      for (name, bytes) in try project.outputs() {
        #expect(bytes == new[name] || !isFirst && bytes == old[name], "\(name) after \(label)")
      }
      switch result.status {
      case .exited(0):
        harmless += 1
        #expect(try project.outputs() == new, label)
      case .exited(1), .exited(2):
        failed += 1
        // libbpf and libelf say in words of their own that a file cannot be read or written.
        let messages = [fault.message] + Self.otherMessages
        let isMute = try project.injected(in: "write(2, ")
        #expect(isMute || result.stderr.contains("error: ") && messages.contains { result.stderr.contains($0) }, label)
      default:
        killed += 1
        #expect(fault.mayKill, "\(result.status): \(label)")
      }
      #expect(try project.temporaries() == [] || result.status != .exited(0), label)
      let next = try project.build()
      #expect(next.succeeded, "the next build after \(label): \(next.stderr)")
      #expect(try project.outputs() == new, "the next build after \(label)")
      #expect(try project.temporaries() == [], "the next build after \(label)")
    }
    print(
      "faults: \(fault), \(isFirst ? "first build" : "after an edit"): \(runs) of \(number - loaderCalls - 1) calls, "
        + "\(failed) reported, \(harmless) harmless, \(killed) killed")
    #expect(runs > 0 || fault.calls.hasPrefix("mkdir") && !isFirst)
  }

  @Test("too few descriptors are errors, never the end of the process", arguments: [1, 8])
  func descriptors(_ jobs: Int) throws {
    let scratch = try Scratch()
    let names = (0..<8).map { "object\($0)" }
    for name in names {
      let source = try scratch.write("int \(name) = 1;\n", to: "\(name).bpf.c")
      try Shell.run(
        Tool.clang.required(), ["-g", "-O2", "-target", "bpf", "-c", source, "-o", scratch.file("\(name).bpf.o")]
      ).checked()
    }
    let objects = names.map { "\"\($0)\": \"\($0).bpf.o\"" }.joined(separator: ", ")
    let skeletons = names.map { "{ \"of\": \"\($0)\", \"header\": \"gen/\($0).skel.h\" }" }.joined(separator: ", ")
    _ = try scratch.write(
      "{ \"bpfgen\": 1, \"objects\": { \(objects) }, \"skeletons\": [ \(skeletons) ] }", to: "bpfgen.json")
    var failed = 0
    // Up to what is surely enough: the streams, and for each thread the file that it reads or writes.
    for limit in 3...(6 + 4 * jobs) {
      try Shell.run("/usr/bin/env", ["rm", "-rf", scratch.file(".bpfgen"), scratch.file("gen")]).checked()
      let result = try Shell.run(
        "/usr/bin/prlimit",
        ["--nofile=\(limit)", Toolchain.bpfgen(), "build", "-j\(jobs)", "-k0", "-C", scratch.path])
      let label: Comment = "\(limit) descriptors: \(result.status)\n\(result.stderr)"
      switch result.status {
      case .exited(0): continue
      case .exited(127) where result.stderr.contains("shared libraries"): continue
      case .exited(1), .exited(2): #expect(result.stderr.contains("Too many open files"), label)
      default: Issue.record(label)
      }
      failed += 1
    }
    #expect(failed > 0 && failed < 4 + 4 * jobs, "\(failed) failed")
  }
}
