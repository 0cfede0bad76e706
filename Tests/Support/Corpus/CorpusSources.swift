import Foundation

/// The corpus's programs, compiled again with other options.
extension Corpus {
  private static let selftests = "\(folder)/kernel/tools/testing/selftests/bpf"

  /// The host's own include folders, as printed by clang; a compiler finds its own ones by itself.
  private static let systemFolders: Result<[String], any Error> = Result {
    let reported = try Shell.run(Tool.clang.required(), ["-v", "-E", "-", "-o", "/dev/null"]).checked().stderr
    let lines = reported.split(separator: "\n").drop { !$0.hasPrefix("#include <...>") }.dropFirst()
    return lines.prefix { $0.hasPrefix(" ") }.map { String($0.dropFirst()) }.filter { !$0.contains("/clang/") }
  }

  /// All programs by name, whether they compile or not.
  static func programs() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(selftests)/progs").filter { $0.hasSuffix(".c") }
      .map { String($0.dropLast(2)) }.sorted()
  }

  /// Compiles `progs/NAME.c` with the flags of `Tests/corpus/build`.
  /// - Parameters:
  ///   - target: `bpf`, `bpfel` or `bpfeb`.
  ///   - vmlinux: a folder with another `vmlinux.h` than bpftool's.
  static func compile(
    _ name: String, with compiler: Tool = .clang, target: String = "bpf", vmlinux: String? = nil, to object: String
  ) throws {
    let flags = compiler.bpfFlags(target: target) + ["-w", "-DENABLE_ATOMICS_TESTS"]
    let folders = [
      "\(vmlinux ?? "\(folder)/include")", selftests, "\(selftests)/progs", "\(folder)/kernel/tools/include/uapi",
    ]
    let includes = folders.flatMap { ["-I", $0] } + (try systemFolders.get()).flatMap { ["-idirafter", $0] }
    try Shell.run(
      compiler.required(), flags + includes + ["-c", "\(selftests)/progs/\(name).c", "-o", object]
    ).checked()
  }
}

extension Tool {
  /// BPF compilers other than the one that compiles the corpus, with Debian's names.
  static let otherBPFCompilers: [Tool] = [.clang14, .clang15, .clang16, .clang19, .bpfgcc]

  /// The options with which a compiler writes BPF objects with BTF.
  func bpfFlags(target: String = "bpf") -> [String] {
    (self == .bpfgcc ? ["-gbtf", "-mco-re"] : ["-g", "-target", target])
      + ["-O2", "-mcpu=v3", "-D__TARGET_ARCH_x86"]
  }
}
