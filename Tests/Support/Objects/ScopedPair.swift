import Foundation
import Testing

/// One BPF source, compiled twice with another value into programs of one name and one layout; two static libraries with
/// a skeleton each, and a program that asks both what their BPF programs answer.
enum ScopedPair {
  static let files = [
    "pair.bpf.c": """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    int answer;
    SEC("syscall") int run(void *ctx) { answer = VALUE; return 0; }
    char LICENSE[] SEC("license") = "GPL";

    """,
    // FUNCTION and HEADER are the compiler's -D.
    "library.c": """
    #include <bpf/bpf.h>
    #include HEADER
    int FUNCTION(void);
    int FUNCTION(void)
    {
    \tLIBBPF_OPTS(bpf_test_run_opts, options);
    \tstruct pair *skel = pair__open_and_load();
    \tint answer = -1;

    \tif (skel && !bpf_prog_test_run_opts(bpf_program__fd(skel->progs.run), &options))
    \t\tanswer = skel->bss->answer;
    \tpair__destroy(skel);
    \treturn answer;
    }

    """,
    "app.c": """
    #include <stdio.h>
    int one(void), two(void);
    int main(void) { return printf("%d %d\\n", one(), two()) < 0; }

    """,
  ]

  static func write(to folder: String, and more: [String: String] = [:]) throws {
    for (name, text) in files.merging(more, uniquingKeysWith: { $1 }) {
      let path = "\(folder)/\(name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  /// What the program prints: the answers of the two libraries.
  static func answers(_ program: String) throws -> String { try Shell.run(program, []).checked().stdout }

  /// The linker names of the payloads in a program or an object.
  static func payloads(_ file: String) throws -> Set<String> {
    let lines = try Shell.run("/usr/bin/env", ["nm", file]).checked().stdout.split(separator: "\n")
    return Set(
      lines.compactMap { $0.split(separator: " ").last.map(String.init) }.filter { $0.contains("_payload_of_") })
  }
}
