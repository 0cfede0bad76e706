import Foundation
import Testing

/// Something that the machine must have for a test to mean anything.
enum Requirement: Sendable {
  case tool(Tool)
  /// A tool that has a fixed path.
  case file(String)
  /// Compilers that build 32-bit programs, with the C library's headers for them.
  case multilib
  /// Something that can give the corpus: its sources, or objects that were made before.
  case corpus
  /// The BTF of another kernel than the running one.
  case otherKernel
  /// Another kernel that a virtual machine can start here.
  case guestKernel
  /// A bpfgen with a libbpf of 1.5 or newer inside.
  case newerLibbpf
  /// A bpfgen with the system's libbpf inside.
  case systemLibbpf
  /// A user who may load BPF programs.
  case loading

  /// Why it is not met; `nil` when it is.
  var unmet: String? {
    switch self {
    case .tool(let tool): tool.path == nil ? "\(tool.rawValue) is not installed" : nil
    case .file(let path): access(path, F_OK) == 0 ? nil : "\(path) is not installed"
    case .multilib: Requirement.multilibUnmet
    case .corpus: Corpus.unavailable
    case .otherKernel:
      Corpus.otherKernel == nil ? "no second kernel's BTF in \(Corpus.folder)/kernels: Tests/corpus/kernel-btf" : nil
    case .guestKernel: Requirement.guestUnmet
    case .newerLibbpf: NewerLibbpf.unavailable
    case .systemLibbpf: SystemLibbpf.unavailable
    case .loading: geteuid() == 0 ? nil : "loading a BPF program needs root"
    }
  }

  private static var guestUnmet: String? {
    if Tool.qemu.path == nil { return "qemu-system-x86_64 is not installed (apt-get install qemu-system-x86)" }
    return GuestKernel() == nil ? "no kernel in \(Corpus.folder)/kernels: Tests/corpus/kernel-btf" : nil
  }

  private static let multilibUnmet: String? = {
    guard let gcc = Tool.gcc.path, let scratch = try? Scratch(),
      let source = try? scratch.write("#include <stdlib.h>\n#include <linux/types.h>\n", to: "probe.c"),
      let result = try? Shell.run(gcc, ["-m32", "-fsyntax-only", source])
    else { return "gcc is not installed" }
    return result.succeeded ? nil : "gcc cannot build for 32 bits (apt-get install gcc-multilib)"
  }()
}

extension Trait where Self == ConditionTrait {
  /// Runs the test only if the machine has all of this; prints `SKIPPED: why` otherwise.
  static func needs(_ requirements: Requirement...) -> Self {
    let unmet = requirements.compactMap(\.unmet)
    return .enabled(if: unmet.isEmpty, "SKIPPED: \(unmet.joined(separator: "; "))")
  }
}
