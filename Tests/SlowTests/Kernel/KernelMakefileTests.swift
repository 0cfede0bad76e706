import Foundation
import Testing

@testable import TestSupport

/// The Makefile of the kernel's selftests with `BPFTOOL=bpfgen`. `Tests/selftests/make` does the work.
@Suite(
  "The kernel's own Makefile", .runsTools, .needs(.tool(.clang), .tool(.bpftool), .corpus),
  .enabled(if: Corpus.hasSources, "SKIPPED: linux-source-6.1 is not installed"))
struct KernelMakefileTests {
  /// In addition to the linked ones: plain skeletons, light ones, one with struct_ops, one that does not compile, and
  /// one whose types
  /// have an enumeration of one byte.
  private static let programs = [
    "test_skeleton", "test_core_extern", "bpf_cubic", "bpf_iter_unix", "bpf_iter_ksym", "atomics", "test_ringbuf",
    "trace_vprintk", "test_ksyms_weak",
  ]

  @Test("makes the same with bpfgen as with bpftool, and each header has the same interface")
  func sample() throws {
    let scratch = try Scratch()
    // The unpacked sources and the built libbpf stay from run to run.
    let made = "\(Toolchain.root)/.build/kernel-make-sample"
    let environment = try ["BPFGEN": Toolchain.bpfgen(), "BPFGEN_KERNEL_MAKE": made]
    let script = "\(Toolchain.root)/Tests/selftests/make"
    let run = try Shell.run(script, Self.programs, environment: environment, timeoutSeconds: 600)
    print(run.stdout, terminator: "")
    try run.checked()

    let headers = try FileManager.default.contentsOfDirectory(atPath: "\(made)/bpftool").filter {
      $0.hasSuffix("skel.h")
    }
    #expect(headers.count { $0.hasSuffix(".subskel.h") } >= 12 && headers.count { $0.hasSuffix(".lskel.h") } >= 4)
    let reports = try Parallel.map(headers.sorted()) { header in
      try Self.compare(header, in: made, types: scratch.file("\(header).types.h"))
    }
    InterfaceReport.record(reports)
    print("kernel's Makefile: \(reports.count) headers compared, \(reports.count { $0.differences.isEmpty }) equal")
  }

  private static func compare(_ header: String, in folder: String, types path: String) throws -> InterfaceReport {
    let stem = String(header.prefix { $0 != "." })
    let name = header.hasSuffix(".lskel.h") ? "\(stem)_lskel" : stem
    // The Makefile's names: of several objects, of one, of one for a light skeleton.
    let objects = ["\(stem).linked3.o", "\(stem).bpf.linked3.o", "\(stem).bpf.llinked3.o"].map {
      "\(folder)/bpftool/\($0)"
    }
    let object = try #require(objects.first { access($0, R_OK) == 0 })
    do {
      let types = try TypesHeader(of: object, writingTo: path)
      let interfaces = try ["bpftool", "bpfgen"].map {
        try HeaderInterface(header: "\(folder)/\($0)/\(header)", name: name, types: types)
      }
      return .init(
        object: header, differences: interfaces[0].missing(from: interfaces[1], name: name).map(\.description))
    } catch let failure as Shell.Failure {
      return .init(object: header, differences: ["\(failure)"])
    }
  }
}
