import Foundation

/// The corpus's programs, compiled again in another way.
extension Corpus {
  private static let selftests = "\(folder)/kernel/tools/testing/selftests/bpf"

  /// The host's own include folders, as clang tells them.
  private static let systemFolders: Result<[String], any Error> = Result {
    let told = try Shell.run(Tool.clang.required(), ["-v", "-E", "-", "-o", "/dev/null"]).checked().stderr
    let lines = told.split(separator: "\n").drop { !$0.hasPrefix("#include <...>") }.dropFirst()
    return lines.prefix { $0.hasPrefix(" ") }.map { String($0.dropFirst()) }
  }

  /// Compiles `progs/NAME.c` with the flags of `Tests/corpus/build`.
  /// - Parameters:
  ///   - target: `bpf`, `bpfel` or `bpfeb`.
  ///   - vmlinux: a folder with another `vmlinux.h` than bpftool's.
  static func compile(_ name: String, target: String = "bpf", vmlinux: String? = nil, to object: String) throws {
    let flags = ["-g", "-O2", "-target", target, "-mcpu=v3", "-w", "-D__TARGET_ARCH_x86", "-DENABLE_ATOMICS_TESTS"]
    let folders = [
      "\(vmlinux ?? "\(folder)/include")", selftests, "\(selftests)/progs", "\(folder)/kernel/tools/include/uapi",
    ]
    let includes = folders.flatMap { ["-I", $0] } + (try systemFolders.get()).flatMap { ["-idirafter", $0] }
    try Shell.run(
      Tool.clang.required(), flags + includes + ["-c", "\(selftests)/progs/\(name).c", "-o", object]
    ).checked()
  }
}
