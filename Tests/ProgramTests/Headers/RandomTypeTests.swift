import Foundation
import Testing

@testable import TestSupport

/// Whatever types variables have, a header compiles and has every member where the BPF program has it: see
/// ``SectionOfTypes``.
///
/// `BPFGEN_TEST_TYPES=COUNT[:SEED]` takes more sections, and every dialect.
@Suite("Types of random data sections", .runsTools, .needs(.tool(.clang), .tool(.clangxx), .tool(.gcc), .tool(.gxx)))
struct RandomTypeTests {
  private static let wanted = Toolchain.setting("BPFGEN_TEST_TYPES")?.split(separator: ":").map(String.init)
  private static let count = wanted?.first.flatMap { Int($0) } ?? 20
  private static let seed = wanted?.dropFirst().first.flatMap { UInt64($0) } ?? 12
  private static let dialects =
    wanted == nil
    ? [Dialect(compiler: .gcc, standard: "gnu11"), Dialect(compiler: .gxx, standard: "c++17")] : Dialect.all

  @Test("every value is where the object has it, in C and in C++, on machines of either width and byte order")
  func random() throws {
    let sections = (0..<Self.count).map { RandomSection(seed: Self.seed, number: $0).section }
    let batches = stride(from: 0, to: sections.count, by: 20).map { Array(sections[$0..<min($0 + 20, sections.count)]) }
    let wrong = try Parallel.map(batches) { try TypeBench(dialects: Self.dialects).wrong(in: $0) }.flatMap { $0 }
    for complaint in wrong { Issue.record("seed \(Self.seed): \(complaint)") }
    print("types: \(Self.count) random data sections of seed \(Self.seed), \(wrong.count) complaints")
  }
}
