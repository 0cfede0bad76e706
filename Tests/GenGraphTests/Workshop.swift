import Foundation

/// Objects for graphs: small BPF programs, each in variants with other code or another layout.
enum Workshop {
  enum Variant: String, CaseIterable, Sendable {
    case plain, otherCode, otherLayout
  }

  static let objectCount = 12

  /// Larger graphs use each kind of object several times.
  static func kind(_ number: Int) -> Int { number % objectCount }

  /// The bytes of an object's variant, compiled once in a process.
  static func object(_ number: Int, _ variant: Variant) throws -> Data {
    try compiled.get()["\(kind(number)) \(variant)"]!
  }

  private static func source(_ number: Int, _ variant: Variant) -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    \(variant == .otherLayout ? "long" : "int") var_\(number) = 1;
    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int); } map_\(number) SEC(".maps");
    SEC("raw_tracepoint/sys_enter") int prog_\(number)(void *ctx) { var_\(number) += \(variant == .otherCode ? 7 : 3); return 0; }
    char LICENSE_\(number)[] SEC("license") = "GPL";
    """
  }

  private static let compiled: Result<[String: Data], any Error> = Result {
    let folder = NSTemporaryDirectory() + "workshop-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var objects: [String: Data] = [:]
    for number in 0..<objectCount {
      for variant in Variant.allCases {
        let path = folder + "/x"
        try source(number, variant).write(toFile: path + ".bpf.c", atomically: true, encoding: .utf8)
        let clang = Process()
        clang.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        clang.arguments = [
          ProcessInfo.processInfo.environment["CLANG"] ?? "clang", "-g", "-O2", "-target", "bpf", "-idirafter",
          "/usr/include/x86_64-linux-gnu", "-c", path + ".bpf.c", "-o", path + ".bpf.o",
        ]
        try clang.run()
        clang.waitUntilExit()
        objects["\(number) \(variant)"] = try Data(contentsOf: URL(fileURLWithPath: path + ".bpf.o"))
      }
    }
    return objects
  }
}
