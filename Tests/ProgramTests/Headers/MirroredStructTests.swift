import Foundation
import Testing

@testable import TestSupport

/// A user's struct that C code declares a second time by hand, right and wrong: what a header's asserts refuse.
@Suite("Structs mirrored by hand", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct MirroredStructTests {
  private static let types = "struct shape { int width, height; short depth; short edges[3]; };\n"

  private static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    \(types)
    int count = 1;
    struct shape shape = { 1, 2, 3, { 4, 5, 6 } };
    SEC("syscall") int run(void *ctx) { return shape.width + count; }
    char LICENSE[] SEC("license") = "GPL";

    """

  enum Header: String, CaseIterable, Sendable {
    case skeleton, subskeleton
    case light = "light-skeleton"

    /// A subskeleton has no asserts of members.
    var options: [[String]] { self == .subskeleton ? [[]] : [[], ["--assert-members"]] }
  }

  struct Mirror: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    /// The asserts of each header that fail.
    var failing: Set<String> = []
    /// Those that fail as well in headers that have the variables themselves, and not pointers to them.
    var failingOffsets: Set<String> = []
    /// Those that fail as well in headers that were made with `--assert-members`.
    var failingMembers: Set<String> = []
  }

  private static let wrongSize: Set = ["size of 'shape' in 'data' is not 16"]

  static let mirrors = [
    Mirror(testDescription: "right", text: types),
    Mirror(
      testDescription: "right, in other words",
      text: "typedef short edge; struct shape { signed int width; int height; edge depth, edges[3]; };\n"),
    Mirror(
      testDescription: "a member too many",
      text: "struct shape { int width, height; short depth; short edges[3]; int more; };\n", failing: wrongSize,
      failingMembers: ["size of 'struct shape' is not 16"]),
    Mirror(
      testDescription: "a shorter array", text: "struct shape { int width, height; short depth; short edges[1]; };\n",
      failing: wrongSize,
      failingMembers: ["size of 'struct shape' is not 16", "size of 'edges' in 'struct shape' is not 6"]),
    Mirror(
      testDescription: "moved members", text: "struct shape { int height, width; short edges[3]; short depth; };\n",
      failingMembers: [
        "offset of 'width' in 'struct shape' is not 0", "offset of 'height' in 'struct shape' is not 4",
        "offset of 'depth' in 'struct shape' is not 8", "offset of 'edges' in 'struct shape' is not 10",
      ]),
    Mirror(
      testDescription: "a member of another size",
      text: "struct shape { short width, reserved; int height; short depth; short edges[3]; };\n",
      failingMembers: ["size of 'width' in 'struct shape' is not 4"]),
    Mirror(
      testDescription: "another alignment",
      text: "struct shape { int width, height; short depth; short edges[3]; } __attribute__((aligned(16)));\n",
      failingOffsets: ["offset of 'shape' in 'data' is not 4"]),
  ]

  @Test(
    "a mirror that differs is refused by an assert that names what differs, and a right one compiles",
    arguments: mirrors)
  func mirror(_ mirror: Mirror) throws {
    let scratch = try Scratch()
    let object = try BPFCompiler.compile(Self.source, named: "drawing", in: scratch)
    for header in Header.allCases {
      for options in header.options {
        let path = scratch.file("drawing.h")
        try Shell.run(
          Toolchain.bpfgen(), [header.rawValue, object, "--name", "drawing", "-o", path] + options
        ).checked()
        let user = try scratch.write(mirror.text + "#include \"drawing.h\"\n", to: "user.c")
        let compiled = try Dialect(compiler: .gcc, standard: "gnu11").check(user)
        // gcc before 14 writes \' for '.
        let messages = compiled.stderr.replacing("\\'", with: "'").split(separator: "\n")
        let errors = messages.filter { $0.contains("error: ") }
        let asserts = errors.compactMap {
          $0.firstMatch(of: /error: static assertion failed: "(.*)"/).map { String($0.1) }
        }
        let wanted = mirror.failing
          .union(header == .subskeleton ? [] : mirror.failingOffsets)
          .union(options.isEmpty ? [] : mirror.failingMembers)
        #expect(Set(asserts) == wanted, "\(header) \(options)")
        #expect(asserts.count == errors.count, "\(header) \(options): \(errors)")
        #expect(compiled.succeeded == wanted.isEmpty, "\(header) \(options): \(compiled.stderr.prefix(1000))")
      }
    }
  }
}
