import Foundation
import Testing

@testable import TestSupport

/// All types of the running kernel as C, compared with the system's bpftool and a newer one.
@Suite("The kernel's types as C", .runsTools, .needs(.tool(.clang), .tool(.bpftool)))
struct KernelTypesTests {
  private static let kernel = "/sys/kernel/btf/vmlinux"

  @Test("those of the running kernel compile for BPF, each with its size in the kernel")
  func kernelSizes() throws {
    let scratch = try Scratch()
    let programs = try [Toolchain.bpfgen(), Tool.bpftool.required()]
    let headers = try programs.map { try TypesAsC(of: Self.kernel, by: $0, in: scratch) }
    let (ours, theirs) = (headers[0], headers[1])
    #expect(ours.sizes.count > 5000 && ours.sizes == theirs.sizes)
    let (found, reference) = try (ours.wrongSizes(), theirs.wrongSizes())
    // A va_list has another size in a BPF program than in the kernel: no header can help that.
    #expect(found.isSubset(of: reference) && found.isSubset(of: ["struct warn_args"]), "\(found)")
    print("types: \(ours.sizes.count) compared, of which bpftool's header has \(reference.count) in another size")
    let name = try #require(ours.sizes.keys.min())
    #expect(try ours.wrongSizes([name: ours.sizes[name]! + 1]) == [name], "a wrong size does not pass")
  }

  /// The declarations of types in a header, and those of functions without what bpftool 7.5 does not know of them.
  private static func declarations(_ header: String) -> (types: [String], functions: [String]) {
    let types = header.components(separatedBy: "\n\n").filter {
      !$0.isEmpty && !$0.contains("#if") && !$0.contains("#endif")
    }
    let functions = TypesAsC.prototypes(header).map {
      $0.replacing("__bpf_fastcall ", with: "")
        .replacing(/__attribute__\(\(btf_type_tag\("(address_space\(\d\))"\)\)\)/) { "__attribute__((\($0.1)))" }
    }
    return (types, functions)
  }

  @Test(
    "the kernel's types are a newer bpftool's, sorted and not",
    .enabled(if: NewerLibbpf.bpftool != nil, "SKIPPED: Debian gave no newer bpftool (Tests/libbpf/fetch)"))
  func newerText() throws {
    for order in [["unsorted"], []] {
      let arguments = ["btf", "dump", "file", Self.kernel, "format", "c"] + order
      let (ours, theirs) = try (
        Self.declarations(Shell.run(Toolchain.bpfgen(), arguments).checked().stdout),
        Self.declarations(Shell.run(NewerLibbpf.bpftool!, arguments).checked().stdout)
      )
      let isSame = ours.functions == theirs.functions
      #expect(isSame && ours.functions.count > 50)
      guard order.isEmpty else {
        let areSame = ours.types == theirs.types
        #expect(areSame && ours.types.count > 9000)
        continue
      }
      // bpftool loses the first of its sorted types; those of one name are in another order than before 7.7.
      let difference = Set(ours.types).symmetricDifference(theirs.types)
      #expect(difference.count <= 3, "\(difference.sorted().prefix(10))")
    }
  }
}
