import Foundation
import Testing

@testable import HandmadeObjects
@testable import TestSupport

/// The objects that the unit tests refuse, through the program: each command ends by itself, with one clear error.
@Suite("Malformed input", .runsTools)
struct MalformedInputTests {
  @Test("no command crashes, and commands that read a whole object report the problem")
  func objects() throws {
    let complaints = try Parallel.map(Tier.sample(MalformedObject.all, quick: 30)) { object -> String? in
      try complaint(about: object.bytes, object.description, isRefused: object.isRefused)
    }
    for case let complaint? in complaints { Issue.record("\(complaint)") }
  }

  @Test("no command crashes on what crashed libbpf", arguments: KnownCrash.all)
  func crashes(_ crash: KnownCrash) throws {
    let scratch = try Scratch()
    let paths = try crash.inputs().enumerated().map { number, bytes in
      let path = scratch.file("\(number).bpf.o")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      return path
    }
    for command in ObjectCommand.all(paths[0], paths.last!, scratch) {
      let run = try Shell.run(Toolchain.bpfgen(), command, timeoutSeconds: 30)
      #expect([.exited(0), .exited(1)].contains(run.status), "\(command[0]): \(run.status)")
    }
  }

  @Test("a wrong linkage is named", arguments: ["variable", "function"], ["skeleton", "link"])
  func linkage(of kind: String, _ command: String) throws {
    var btf = BTFBuilder()
    let int = btf.int()
    if kind == "variable" {
      btf.section(".bss", bytes: 4, [(btf.variable("v", int, linkage: 7), 0, 4)])
    } else {
      btf.add(.function, name: btf.string("f"), vlen: 7, btf.add(.functionPrototype))
    }
    var object = ObjectBuilder()
    object.symbol("v", type: 1, section: object.zeroSection(".bss", bytes: 4), at: 0, size: 4)
    object.section(".BTF", btf.bytes)
    let scratch = try Scratch()
    let path = scratch.file("linkage.bpf.o")
    try Data(object.bytes).write(to: URL(fileURLWithPath: path))
    let run = try Shell.run(Toolchain.bpfgen(), [command, path, "-o", scratch.file("out")])
    #expect(run.status == .exited(1) && run.stderr.contains("a \(kind), has the linkage 7, which"), "\(run.stderr)")
  }

  private func complaint(about bytes: [UInt8], _ name: String, isRefused: Bool) throws -> String? {
    let scratch = try Scratch()
    let path = scratch.file("malformed.bpf.o")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    for command in ObjectCommand.all(path, path, scratch) {
      let run = try Shell.run(Toolchain.bpfgen(), command, timeoutSeconds: 30)
      if isRefused, ["skeleton", "subskeleton", "light-skeleton", "fingerprint", "diff"].contains(command[0]) {
        if let complaint = run.complaint(about: path) { return "\(name), \(command[0]): \(complaint)" }
      } else if ![.exited(0), .exited(1)].contains(run.status) {
        return "\(name), \(command[0]): \(run.status)"
      }
    }
    return nil
  }
}

extension MalformedObject {
  fileprivate var isRefused: Bool { if case .refused = answer { true } else { false } }
}
