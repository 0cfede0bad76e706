import Foundation
import Testing

@testable import TestSupport

/// Whatever types variables have, a header compiles and has every member where the BPF program has it: see
/// ``SectionOfTypes``.
///
/// `BPFGEN_TEST_TYPES=COUNT[:SEED]` asks for other sections, each of which is compiled in every dialect.
@Suite("Types of random data sections", .runsTools, .needs(.tool(.clang), .tool(.clangxx), .tool(.gcc), .tool(.gxx)))
struct RandomTypeTests {
  private static let wanted = Toolchain.setting("BPFGEN_TEST_TYPES")?.split(separator: ":").map(String.init)
  private static let count = wanted?.first.flatMap { Int($0) } ?? Tier.count(quick: 20, full: 300)
  private static let seed = wanted?.dropFirst().first.flatMap { UInt64($0) } ?? 12

  /// Two dialects for each batch of sections, one of C and one of C++: all in turn.
  private static func dialects(_ batch: Int) -> [Dialect] {
    if wanted != nil { return Dialect.all }
    return [Dialect.c[batch % Dialect.c.count], Dialect.cxx[batch % Dialect.cxx.count]]
  }

  @Test("every value is at the object's offset, in C and C++, on machines of either width and byte order")
  func random() throws {
    let sections = (0..<Self.count).map { RandomSection(seed: Self.seed, number: $0).section }
    let wrong = try Parallel.map(Array(0..<(sections.count + 9) / 10)) { batch in
      try TypeBench(dialects: Self.dialects(batch)).wrong(in: Array(sections.dropFirst(10 * batch).prefix(10)))
    }.flatMap { $0 }
    for complaint in wrong { Issue.record("seed \(Self.seed): \(complaint)") }
    print("types: \(Self.count) random data sections of seed \(Self.seed), \(wrong.count) complaints")
  }
}
