import Foundation
import SeededRandom
import Testing

@testable import TestSupport

/// Random programs that compute a number from constants, and compare it with what it is, or with what it is not.
///
/// Whether the verifier knows the number is seen by the branch that it must not reach. The number itself comes from an
/// interpreter of this test's own.
@Suite(
  "Constants that a program computes, compared with the verifier", .runsTools,
  .needs(.tool(.clang), .tool(.gcc), .file("/sys/kernel/btf/vmlinux"), .loading))
struct ConstantArithmeticTests {
  @Test("what is said to be dead is dead, what is said to be reached is reached, and the number is right")
  func random() throws {
    let scratch = try Scratch()
    let newest =
      (try? KernelCases.compile("PROGRAM { return 0; }", named: "probe", in: scratch, flags: ["-mcpu=v4"])) != nil
    let seed = Toolchain.seed()
    var random = SeededRandom(seed: seed)
    let files = Tier.count(quick: 6, full: 60)
    let objects = try (0..<files).map { file in
      let programs = (0..<12).map { RandomArithmetic(&random, isNewest: newest).source(named: "p\(file)_\($0)") }
      return try KernelCases.compile(
        programs.joined(separator: "\n"), named: "random\(file)", in: scratch, flags: newest ? ["-mcpu=v4"] : [])
    }
    let report = try KernelCheckReport(["--btf", "/sys/kernel/btf/vmlinux"] + objects)
    try #require(report.objects.map(\.object) == objects)
    let truths = try KernelTruth.ofRunningKernel(objects, in: scratch)
    var counts: [String: Int] = [:]
    for (object, truth) in zip(report.objects, truths) {
      try #require(truth.programs.count == 24)
      for program in truth.programs {
        let name = try #require(program.name)
        let findings = object.outcomes[0].findings.filter { $0.program == name }.map(\.outcome)
        let outcome = try #require(findings.count == 1 ? findings.first : nil, "\(name): \(findings)")
        let isRight = name.hasSuffix("_right")
        let place = "\(name) of \(object.object), seed \(seed), \(outcome): \(program.reason)"
        counts["\(isRight ? "right" : "wrong") \(outcome) \(program.loads ? "loads" : "refused")", default: 0] += 1
        // The running program never reads the field where it has the right number, and always with another one.
        if isRight {
          #expect(outcome != "fails", "\(place)")
        } else {
          #expect(outcome == "fails" && !program.loads && program.isAsked, "\(place)")
        }
        if outcome == "guarded" { #expect(program.loads, "\(place)") }
      }
    }
    print("check-kernels: random programs by number, prediction and truth: \(counts)")
    #expect(counts["right guarded loads", default: 0] * 4 > 12 * files, "\(counts)")
  }
}

/// A program of arithmetic, with its result.
private struct RandomArithmetic {
  private var lines: [String] = []
  private var registers = [UInt64](repeating: 0, count: 6)
  private var stack = [UInt8](repeating: 0, count: 32)

  init(_ random: inout SeededRandom, isNewest: Bool) {
    for register in 1...5 {
      let interesting: [UInt64] = [0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 63, .max, .max - 6]
      registers[register] =
        random.isTrue(in: 2)
        ? interesting[random.number(below: interesting.count)] : random.next() >> UInt64(random.number(below: 60))
      lines.append("r\(register) = \(Int64(bitPattern: registers[register])) ll")
    }
    for word in 0..<4 {
      lines.append("*(u64 *)(r10 - \(8 * (word + 1))) = r\(word + 1)")
      write(registers[word + 1], at: 24 - 8 * word, bytes: 8)
    }
    for _ in 0..<random.number(below: 10) + 2 { step(&random, isNewest) }
  }

  /// Two programs: one with the number that is computed, and one with another.
  func source(named name: String) -> String {
    [("right", registers[1]), ("wrong", registers[1] ^ 4)].map { suffix, number in
      let text = (lines + ["r0 = \(Int64(bitPattern: number)) ll", "if r1 == r0 goto %l0"])
        .joined(separator: "; ").replacingOccurrences(of: "%=", with: "%%=")
      return """
        SEC("raw_tp/sys_enter") int \(name)_\(suffix)(void *ctx) {
        	asm volatile goto("\(text)" : : : "r0", "r1", "r2", "r3", "r4", "r5" : equal);
        	return bpf_core_enum_value(enum no_such_enum, NO_SUCH_VALUE);
        equal:
        	return 0;
        }
        """
    }.joined(separator: "\n")
  }

  private mutating func write(_ value: UInt64, at start: Int, bytes: Int) {
    for index in 0..<bytes { stack[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  private func read(at start: Int, bytes: Int) -> UInt64 {
    (0..<bytes).reduce(0) { $0 | UInt64(stack[start + $1]) << UInt64(8 * $1) }
  }

  private mutating func step(_ random: inout SeededRandom, _ isNewest: Bool) {
    let (to, from) = (random.number(below: 5) + 1, random.number(below: 5) + 1)
    let is64 = random.isTrue(in: 2)
    let letter = is64 ? "r" : "w"
    let width: UInt64 = is64 ? 64 : 32
    let all = UInt64.max >> (64 - width)
    switch random.number(below: 12) {
    case 0:
      let bytes = 1 << random.number(below: 4)
      let start = random.number(below: 32 / bytes) * bytes
      lines.append("*(u\(8 * bytes) *)(r10 - \(32 - start)) = \(bytes == 8 ? "r" : "w")\(from)")
      return write(registers[from], at: start, bytes: bytes)
    case 1:
      let bytes = 1 << random.number(below: 4)
      let start = random.number(below: 32 / bytes) * bytes
      lines.append("\(bytes == 8 ? "r" : "w")\(to) = *(u\(8 * bytes) *)(r10 - \(32 - start))")
      registers[to] = read(at: start, bytes: bytes)
      return
    case 2:
      lines.append("\(letter)\(to) = -\(letter)\(to)")
      registers[to] = (0 &- registers[to]) & all
      return
    case 3:
      let bits = [16, 32, 64][random.number(below: 3)]
      let kind = ["be", "le", isNewest ? "bswap" : "be"][random.number(below: 3)]
      lines.append("r\(to) = \(kind)\(bits) r\(to)")
      let value = bits == 64 ? registers[to] : registers[to] & (1 << UInt64(bits) - 1)
      registers[to] = kind == "le" ? value : value.byteSwapped >> UInt64(64 - bits)
      return
    case 4 where isNewest:
      let bits = is64 ? [8, 16, 32][random.number(below: 3)] : [8, 16][random.number(below: 2)]
      lines.append("\(letter)\(to) = (s\(bits))\(letter)\(from)")
      registers[to] =
        UInt64(bitPattern: Int64(bitPattern: registers[from] << UInt64(64 - bits)) >> Int64(64 - bits)) & all
      return
    case 4, 5:
      lines.append("\(letter)\(to) = \(letter)\(from)")
      registers[to] = registers[from] & all
      return
    default: break
    }
    var operations = ["+=", "-=", "*=", "|=", "&=", "^=", "<<=", ">>=", "s>>=", "/=", "%="]
    if isNewest { operations += ["s/=", "s%="] }
    let operation = operations[random.number(below: operations.count)]
    let isShift = operation.hasSuffix("<<=") || operation.hasSuffix(">>=")
    var right = registers[from]
    if random.isTrue(in: 2) {
      let number =
        isShift ? Int32(random.number(below: Int(width))) : Int32(truncatingIfNeeded: Int(random.next() % 200)) - 100
      let immediate = number == 0 && !isShift ? 3 : number
      lines.append("\(letter)\(to) \(operation) \(immediate)")
      right = UInt64(bitPattern: Int64(immediate))
    } else {
      lines.append("\(letter)\(to) \(operation) \(letter)\(from)")
    }
    registers[to] = RandomArithmetic.result(operation, registers[to] & all, right & all, width) & all
  }

  private static func result(_ operation: String, _ a: UInt64, _ b: UInt64, _ width: UInt64) -> UInt64 {
    func signed(_ value: UInt64) -> Int64 { Int64(bitPattern: value << (64 - width)) >> Int64(64 - width) }
    let count = b % width
    switch operation {
    case "+=": return a &+ b
    case "-=": return a &- b
    case "*=": return a &* b
    case "|=": return a | b
    case "&=": return a & b
    case "^=": return a ^ b
    case "<<=": return a << count
    case ">>=": return a >> count
    case "s>>=": return UInt64(bitPattern: signed(a) >> Int64(count))
    case "/=": return b == 0 ? 0 : a / b
    case "%=": return b == 0 ? a : a % b
    case "s/=":
      if b == 0 { return 0 }
      return signed(b) == -1 ? 0 &- a : UInt64(bitPattern: signed(a) / signed(b))
    default:
      if b == 0 { return a }
      return signed(b) == -1 ? 0 : UInt64(bitPattern: signed(a) % signed(b))
    }
  }
}

extension SeededRandom {
  fileprivate mutating func number(below bound: Int) -> Int { Int(next() >> 1) % bound }
  fileprivate mutating func isTrue(in count: Int) -> Bool { number(below: count) == 0 }
}
