import Foundation
import SeededRandom
import Testing

@testable import BPF
@testable import BTF
@testable import Bytes
@testable import TestSupport

/// The result of each relocation, compared with libbpf's own instructions: with kernels' BTF, and with randomly altered
/// BTF.
@Suite("Relocations resolve as libbpf's", .runsTools, .needs(.corpus, .tool(.gcc)))
struct RelocationDifferenceTests {
  private static let running = "/sys/kernel/btf/vmlinux"

  /// An object, read once for all kernels.
  private struct Asking: Sendable {
    let name: String
    let path: String
    let checked: CheckedObject

    init?(_ object: Corpus.Object) throws {
      guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: object.path)),
        let checked = try? CheckedObject(Array(bytes)), !checked.needs.questions.isEmpty
      else { return nil }
      (name, path, self.checked) = (object.name, object.path, checked)
    }

    static let all = Result { try Corpus.objects().compactMap { try Asking($0) } }
  }

  /// The differences between libbpf's instructions and what is predicted of them; `nil` when libbpf stops for another reason.
  private static func differences(
    _ asking: Asking, _ btf: String, _ types: BTFSpec, _ relocated: RelocatedPrograms
  ) throws -> [String]? {
    let kernel = KernelTypes(types, asked: asking.checked.needs.names)
    let predicted = asking.checked.relocatedInstructions(kernel)
    let run = try relocated.run(asking.path, btf)
    let isRefused = run.stderr.contains("failed to relocate") || run.stderr.contains("failed to patch")
    guard run.succeeded || isRefused else { return nil }
    guard let predicted else { return isRefused ? [] : ["is not refused by libbpf"] }
    if isRefused {
      // Here libbpf loads all programs, and of those in a section with a question mark nothing is predicted.
      let isOptional = asking.checked.code.functions.contains { function in
        function.isProgram && !function.isLoaded
          && run.stderr.split(separator: "\n").contains {
            $0.contains("prog '\(function.name)': relo #") && $0.contains("failed to relocate")
          }
      }
      return isOptional ? nil : ["is refused by libbpf: \(run.stderr.suffix(200))"]
    }
    var found: [String: [UInt8]] = [:]
    var twice: Set<String> = []
    for line in run.stdout.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2 else { continue }
      let digits = Array(words[1].utf8)
      if found[String(words[0])] != nil { twice.insert(String(words[0])) }
      found[String(words[0])] = stride(from: 0, to: digits.count - 1, by: 2).map {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)!
      }
    }
    return predicted.compactMap { instruction in
      // The kernel's names of programs have fifteen bytes.
      let name = String(instruction.program.prefix(15))
      guard let bytes = found[name], !twice.contains(name) else { return nil }
      let at = 8 * instruction.index
      guard at + 8 <= bytes.count else { return "\(instruction.program) is shorter" }
      let ours = instruction.bytes
      return Array(bytes[at..<at + 8]) == ours
        ? nil : "\(instruction.program) \(instruction.index): \(bytes[at..<at + 8]) and not \(ours)"
    }
  }

  @Test("with the BTF of the running kernel and of Debian's")
  func kernels() throws {
    let scratch = try Scratch()
    let relocated = try RelocatedPrograms(in: scratch)
    let all = try Tier.sample(Asking.all.get(), quick: 20)
    for path in [Self.running] + (Tier.isFull ? [Corpus.otherKernel].compactMap { $0 } : []) {
      let types = try TypesFile(Array(Data(contentsOf: URL(fileURLWithPath: path)))).checked(base: nil)
      let results = try Parallel.map(all) { asking in
        (asking.name, try Self.differences(asking, path, types, relocated))
      }
      for (name, differences) in results where differences?.isEmpty == false {
        Issue.record("\(name): \(differences!.prefix(3))")
      }
      let compared = results.count { $0.1 != nil }
      print("relocations: \(compared) of \(results.count) objects compared with libbpf's, with \(path)")
      #expect(compared >= Tier.count(quick: 10, full: 70))
    }
  }

  @Test("with BTF that was altered at random")
  func altered() throws {
    let seed = Toolchain.seed()
    print("altered BTF: BPFGEN_SEED=\(seed)")
    let scratch = try Scratch()
    let relocated = try RelocatedPrograms(in: scratch)
    let whole = try Array(Data(contentsOf: URL(fileURLWithPath: Self.running)))
    let all = try Tier.sample(Asking.all.get(), quick: 12)
    let rounds = Tier.count(quick: 8, full: 20)
    let counts = try Parallel.map(all) { asking -> (compared: Int, refused: Int, absent: Int) in
      let object = try Array(Data(contentsOf: URL(fileURLWithPath: asking.path)))
      let minimal = try MinimalBTF.bytes(of: whole, for: [CoreNeeds(object: object)])
      var counts = (compared: 0, refused: 0, absent: 0)
      guard minimal.count > 40 else { return counts }
      for round in 0..<rounds {
        var random = SeededRandom(seed: seed, number: round)
        let altered = try round == 0 ? Self.enlarged(minimal) : Self.altered(minimal, &random)
        guard let types = try? TypesFile(altered).checked(base: nil) else { continue }
        let path = scratch.file("\(asking.name)-\(round).btf")
        try Data(altered).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard let differences = try Self.differences(asking, path, types, relocated) else { continue }
        #expect(differences.isEmpty, "\(asking.name), round \(round): \(differences.prefix(2))")
        counts.compared += 1
        let kernel = KernelTypes(types, asked: asking.checked.needs.names)
        let outcomes = asking.checked.needs.outcomes(kernel)
        if outcomes.contains(.absent) { counts.absent += 1 }
        if outcomes.contains(where: { if case .refused = $0 { true } else { false } }) { counts.refused += 1 }
      }
      return counts
    }
    let sums = counts.reduce((0, 0, 0)) { ($0.0 + $1.compared, $0.1 + $1.refused, $0.2 + $1.absent) }
    print("altered BTF: \(sums.0) compared, \(sums.1) refused, \(sums.2) with something absent")
    #expect(sums.0 >= Tier.count(quick: 20, full: 500) && sums.2 > 0)
  }

  /// Structs and unions are larger than any could be.
  private static func enlarged(_ bytes: [UInt8]) throws -> [UInt8] {
    let types = try TypesFile(bytes).checked(base: nil)
    var bytes = bytes
    for type in types.ids where types.kind(type).isComposite {
      bytes.store(UInt32(0x8400_0002), at: 24 + 4 * (Int(types.starts[type.index]) + 2))
    }
    return bytes
  }

  /// Names and words changed: members renamed, offsets moved, types exchanged.
  private static func altered(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = bytes
    func word(_ at: Int) -> Int { (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[at + $1]) } }
    let (types, typeBytes, strings, stringBytes) = (24, word(12), 24 + word(16), word(20))
    for _ in 0...Int.random(in: 0..<4, using: &random) {
      if Bool.random(using: &random), stringBytes > 2 {
        let at = strings + Int.random(in: 1..<stringBytes - 1, using: &random)
        if bytes[at] != 0 { bytes[at] = [UInt8(ascii: "x"), UInt8(ascii: "_")].randomElement(using: &random)! }
      } else if typeBytes >= 4 {
        let at = types + 4 * Int.random(in: 0..<typeBytes / 4, using: &random)
        let other = types + 4 * Int.random(in: 0..<typeBytes / 4, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.replaceSubrange(at..<at + 4, with: Array(bytes[other..<other + 4]))
        default: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
      }
    }
    return bytes
  }
}
