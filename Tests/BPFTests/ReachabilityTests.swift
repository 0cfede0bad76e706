import BTF
import ELF
import Testing

@testable import BPF
@testable import HandmadeObjects

/// What the verifier comes to, instruction by instruction, by the numbers that relocations give.
@Suite("What a program reaches on a kernel")
struct ReachabilityTests {
  /// A program with what its instructions become, and how each of them is reached: `#` always, `?` perhaps, `.` never.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: [Word]
    var function: [Word] = []
    /// Whether the function is one that the verifier checks by itself.
    var isGlobal = false
    /// By instruction what a relocation makes of it.
    var effects: [Int: KernelAnswers.Effect] = [:]
    var traits = VerifierTraits(attachTypes: [
      "BPF_CGROUP_GETSOCKOPT", "BPF_TRACE_FENTRY", "BPF_SK_REUSEPORT_SELECT", "BPF_TRACE_KPROBE_SESSION",
    ])
    let reached: String
    /// Of the function.
    var inside = ""
  }

  /// A program's use of an argument: the instructions that load or store through each.
  @Test("arguments are followed through registers, the stack, constants and calls, and not through what changes them")
  func arguments() throws {
    let uses = try [
      // r2 is the second argument.
      Self.load(2, 1, 8) + Self.load(0, 2, 16) + Self.exit,
      Self.load(2, 1, 8) + Self.word(0x07, 2, 8) + Self.store(10, -8, 2) + Self.load(3, 10, -8) + Self.load(0, 3, 0)
        + Self.exit,
      Self.load(2, 1, 8) + Self.word(0x0f, 2, 3, at: 0) + Self.load(0, 2, 0) + Self.exit,
      Self.word(0x61, 2, 1, at: 8) + Self.load(0, 2, 0) + Self.exit,
    ].map { code in
      let code = try Self.program(Case(testDescription: "", code: code, reached: ""))
      let answers = KernelAnswers(effects: [], symbols: [], traits: VerifierTraits(attachTypes: []))
      let reached = Reachability(code, KernelFacts(code, [], answers), program: 0)
      let uses = reached.argumentUses.keys.sorted { $0.instruction < $1.instruction }
      return uses.map { "\($0.slot) at \($0.instruction)" }
    }
    #expect(uses == [["1 at 1"], ["1 at 4"], [], []])
  }

  /// One instruction, or the half of one.
  struct Word: Sendable {
    var opcode: UInt8
    var registers: UInt8 = 0
    var offset: Int16 = 0
    var immediate: Int32 = 0
    /// What its relocation names.
    var symbol: String?

    var bytes: [UInt8] { [opcode, registers] + littleEndian(offset) + littleEndian(immediate) }
  }

  // MARK: The language of the table

  private static func word(
    _ opcode: UInt8, _ destination: UInt8 = 0, _ source: UInt8 = 0, at offset: Int16 = 0, _ immediate: Int32 = 0
  ) -> [Word] {
    [Word(opcode: opcode, registers: source << 4 | destination, offset: offset, immediate: immediate)]
  }
  private static func set(_ register: UInt8, _ number: Int32) -> [Word] { word(0xb7, register, number) }
  private static func word(_ opcode: UInt8, _ destination: UInt8, _ immediate: Int32) -> [Word] {
    word(opcode, destination, 0, immediate)
  }
  private static func move(_ to: UInt8, _ from: UInt8) -> [Word] { word(0xbf, to, from) }
  private static func load(_ to: UInt8, _ from: UInt8, _ offset: Int16) -> [Word] { word(0x79, to, from, at: offset) }
  private static func store(_ to: UInt8, _ offset: Int16, _ from: UInt8) -> [Word] { word(0x7b, to, from, at: offset) }
  /// Skips instructions when a register is a number.
  private static func skip(_ count: Int16, if register: UInt8, is number: Int32) -> [Word] {
    word(0x15, register, 0, at: count, number)
  }
  private static func skip(_ count: Int16, if register: UInt8, isAbove number: Int32) -> [Word] {
    word(0x25, register, 0, at: count, number)
  }
  private static func jump(_ count: Int16) -> [Word] { word(0x05, at: count) }
  private static func call(_ helper: Int32) -> [Word] { word(0x85, 0, 0, helper) }
  private static let callFunction = [Word(opcode: 0x85, registers: 0x10, immediate: -1, symbol: "function")]
  private static func address(_ register: UInt8, of symbol: String) -> [Word] {
    [Word(opcode: 0x18, registers: (symbol == "function" ? 0x40 : 0) | register, symbol: symbol), Word(opcode: 0)]
  }
  private static let exit = word(0x95)
  /// What no program is to reach where it is dead.
  private static let dead = set(0, 99)

  private static let (yes, no) = ([0: KernelAnswers.Effect.constant(1)], [0: KernelAnswers.Effect.constant(0)])
  /// r1 is what the relocation gives; 0 skips one instruction.
  private static let guarded = set(1, 7) + skip(1, if: 1, is: 0) + dead + exit

  static let cases: [Case] = [
    Case(testDescription: "a test that is false", code: guarded, effects: no, reached: "##.#"),
    Case(testDescription: "a test that is true", code: guarded, effects: yes, reached: "####"),
    Case(
      testDescription: "the result of an offset relocation is not compared as a constant", code: guarded,
      effects: [0: .unknown], reached: "##?#"),
    Case(
      testDescription: "the number in an instruction without a relocation", code: guarded, reached: "####"),
    Case(
      testDescription: "a number that went over the stack",
      code: set(1, 7) + store(10, -8, 1) + set(1, 5) + load(2, 10, -8) + skip(1, if: 2, is: 0) + dead + exit,
      effects: no, reached: "#####.#"),
    Case(
      testDescription: "a number that went over the stack, for a verifier that forgets it: both branches are followed",
      code: set(1, 7) + store(10, -8, 1) + load(2, 10, -8) + skip(1, if: 2, is: 0) + dead + exit, effects: no,
      traits: VerifierTraits(attachTypes: []), reached: "######"),
    Case(
      testDescription: "a slot that a helper may have written",
      code: set(1, 7) + store(10, -8, 1) + move(2, 10) + word(0x07, 2, -8) + call(67) + load(3, 10, -8)
        + skip(1, if: 3, is: 0) + dead + exit, effects: no, reached: "#######?#"),
    Case(
      testDescription: "a slot below what a helper may have written",
      code: set(1, 7) + store(10, -16, 1) + move(2, 10) + word(0x07, 2, -8) + call(67) + load(3, 10, -16)
        + skip(1, if: 3, is: 0) + dead + exit, effects: no, reached: "#######.#"),
    Case(
      testDescription: "a slot of which a part was written again",
      code: set(1, 7) + store(10, -8, 1) + word(0x62, 10, 0, at: -8, 3) + load(3, 10, -8) + skip(1, if: 3, is: 0)
        + dead + exit, effects: no, reached: "#######"),
    Case(
      testDescription: "a slot of which a part was written again with the same",
      code: set(1, 7) + store(10, -8, 1) + word(0x62, 10, 0, at: -8, 0) + load(3, 10, -8) + skip(1, if: 3, is: 0)
        + dead + exit, effects: no, reached: "#####?#"),
    Case(
      testDescription: "a number in four bytes at the beginning of a word",
      code: set(1, 7) + word(0x63, 10, 1, at: -8) + word(0x61, 2, 10, at: -8) + skip(1, if: 2, is: 1) + dead + exit,
      effects: yes, reached: "####.#"),
    Case(
      testDescription: "a number in four bytes, for a verifier that may forget it there",
      code: set(1, 7) + word(0x63, 10, 1, at: -8) + word(0x61, 2, 10, at: -8) + skip(1, if: 2, is: 1) + dead + exit,
      effects: yes, traits: VerifierTraits(attachTypes: ["BPF_CGROUP_GETSOCKOPT"]), reached: "####?#"),
    Case(
      testDescription: "a number in four bytes at the end of a word, which no verifier keeps, unless it is zero",
      code: set(1, 7) + word(0x63, 10, 1, at: -4) + word(0x61, 2, 10, at: -4) + skip(1, if: 2, is: 1) + dead + exit,
      effects: yes, reached: "####?#"),
    Case(
      testDescription: "zero in a byte in the middle of a word",
      code: set(1, 7) + word(0x73, 10, 1, at: -3) + word(0x71, 2, 10, at: -3) + skip(1, if: 2, is: 0) + dead + exit,
      effects: no, reached: "####.#"),
    Case(
      testDescription: "a number of two halves",
      code: set(1, 7) + word(0x63, 10, 1, at: -8) + word(0x62, 10, 0, at: -4, 0) + load(2, 10, -8)
        + skip(1, if: 2, is: 1) + dead + exit, effects: yes, reached: "#####?#"),
    Case(
      testDescription: "a number that is written through another pointer",
      code: set(1, 7) + store(10, -8, 1) + move(2, 10) + word(0x07, 2, -16) + set(3, 5) + store(2, 8, 3)
        + load(4, 10, -8) + skip(1, if: 4, is: 5) + dead + exit, effects: no, reached: "########.#"),
    Case(
      testDescription: "a number that a called function writes through a pointer",
      code: set(1, 7) + store(10, -8, 1) + move(1, 10) + word(0x07, 1, -8) + callFunction + load(4, 10, -8)
        + skip(1, if: 4, is: 0) + dead + exit, function: set(2, 0) + store(1, 0, 2) + set(0, 0) + exit, effects: yes,
      reached: "#######.#", inside: "####"),
    Case(
      testDescription: "a number that verifiers do not compute: one branch is certain",
      code: set(1, 7) + word(0x87, 1, 0) + skip(1, if: 1, is: -1) + dead + exit, effects: yes, reached: "###?#"),
    Case(
      testDescription: "a number that is known at run time only: both branches are certain",
      code: call(7) + skip(1, if: 0, is: 5) + dead + exit, reached: "####"),
    Case(
      testDescription: "a test that a test before it excludes",
      code: call(7) + skip(3, if: 0, isAbove: 5) + skip(1, if: 0, isAbove: 9) + jump(1) + dead + set(0, 0) + exit,
      reached: "####?##"),
    Case(
      testDescription: "both branches of an unclear test meet again",
      code: set(1, 7) + skip(1, if: 1, is: 0) + dead + set(0, 0) + set(1, 0) + exit, effects: [0: .unknown],
      reached: "##?###"),
    Case(
      testDescription: "registers that a call overwrites",
      code: set(1, 7) + call(5) + skip(1, if: 1, is: 0) + dead + exit, effects: no, reached: "###?#"),
    Case(
      testDescription: "registers that a call leaves alone",
      code: set(6, 7) + call(5) + skip(1, if: 6, is: 0) + dead + exit, effects: no, reached: "###.#"),
    Case(
      testDescription: "two ways with different numbers",
      code: set(1, 7) + call(5) + skip(1, if: 0, is: 3) + set(1, 0) + skip(1, if: 1, is: 0) + dead + exit,
      effects: [0: .constant(0)], reached: "#####?#"),
    Case(
      testDescription: "two ways with the same number",
      code: set(6, 7) + call(5) + skip(1, if: 0, is: 3) + set(7, 2) + skip(1, if: 6, is: 0) + dead + exit,
      effects: no, reached: "#####.#"),
    Case(
      testDescription: "a loop ends where nothing new is known",
      code: set(6, 7) + set(7, 3) + word(0x17, 7, 1) + skip(1, if: 7, is: 0) + jump(-3) + skip(1, if: 6, is: 0) + dead
        + exit, effects: no, reached: "######.#"),
    Case(
      testDescription: "a number that a loop changes is not known after it",
      code: set(6, 7) + word(0x07, 6, 1) + skip(1, if: 6, isAbove: 9) + jump(-3) + skip(1, if: 6, is: 0) + dead + exit,
      effects: no, reached: "#######"),
    Case(
      testDescription: "arithmetic",
      code: set(1, 7) + word(0x67, 1, 4) + word(0x07, 1, 3) + word(0x57, 1, 3) + skip(1, if: 1, is: 3) + dead + exit,
      effects: yes, reached: "#####.#"),
    Case(
      testDescription: "exclusive or, which old verifiers do not compute",
      code: set(1, 7) + word(0xa7, 1, 1) + skip(1, if: 1, is: 1) + dead + exit, effects: no, reached: "###.#"),
    Case(
      testDescription: "exclusive or, by an old verifier",
      code: set(1, 7) + word(0xa7, 1, 1) + skip(1, if: 1, is: 1) + dead + exit,
      effects: no, traits: VerifierTraits(attachTypes: ["BPF_CGROUP_GETSOCKOPT"]), reached: "#####"),
    Case(
      testDescription: "an order that old verifiers do not decide",
      code: set(1, 7) + skip(1, if: 1, isAbove: 4) + dead + exit, effects: [0: .constant(5)], reached: "##.#"),
    Case(
      testDescription: "an order, by an old verifier", code: set(1, 7) + skip(1, if: 1, isAbove: 4) + dead + exit,
      effects: [0: .constant(5)], traits: VerifierTraits(attachTypes: []), reached: "####"),
    Case(
      testDescription: "the lower half alone",
      code: set(1, 7) + word(0x67, 1, 32) + word(0x16, 1, 0, at: 1, 0) + dead + exit, effects: yes, reached: "###.#"),
    Case(
      testDescription: "a function that may be called back may write below what it is given",
      code: set(1, 7) + store(10, -16, 1) + address(2, of: "function") + move(3, 10) + word(0x07, 3, -8) + call(181)
        + load(4, 10, -16) + skip(1, if: 4, is: 0) + dead + exit, function: set(0, 0) + exit, effects: no,
      reached: "###.#####?#", inside: "??"),
    Case(
      testDescription: "what a called function returns",
      code: set(1, 7) + callFunction + skip(1, if: 0, is: 0) + dead + exit, function: move(0, 1) + exit, effects: no,
      reached: "###.#", inside: "##"),
    Case(
      testDescription: "what a called function is given",
      code: set(1, 7) + callFunction + exit, function: skip(1, if: 1, is: 0) + dead + set(0, 0) + exit, effects: no,
      reached: "###", inside: "#.##"),
    Case(
      testDescription: "a function that is checked by itself may be given anything",
      code: set(1, 7) + callFunction + skip(1, if: 0, is: 0) + dead + exit,
      function: skip(1, if: 1, is: 0) + dead + set(0, 0) + exit, isGlobal: true, effects: no, reached: "#####",
      inside: "#?##"),
    Case(
      testDescription: "a function that no way leads to",
      code: set(1, 7) + skip(1, if: 1, is: 0) + callFunction + exit, function: dead + exit, effects: no,
      reached: "##.#", inside: ".."),
    Case(
      testDescription: "a global function that no way leads to is checked by old verifiers",
      code: set(1, 7) + skip(1, if: 1, is: 0) + callFunction + exit, function: dead + exit, isGlobal: true,
      effects: no, traits: VerifierTraits(attachTypes: ["BPF_CGROUP_GETSOCKOPT"]), reached: "##.#", inside: "##"),
    Case(
      testDescription: "a constant variable decides",
      code: address(1, of: "flag") + load(2, 1, 0) + skip(1, if: 2, is: 0) + dead + exit, reached: "#.##?#"),
    Case(
      testDescription: "both ways of a constant variable meet again",
      code: address(1, of: "flag") + load(2, 1, 0) + skip(2, if: 2, is: 0) + set(0, 1) + jump(1) + set(0, 2) + exit,
      reached: "#.##???#"),
    Case(
      testDescription: "a constant variable, for a verifier that does not read it",
      code: address(1, of: "flag") + load(2, 1, 0) + skip(1, if: 2, is: 0) + dead + exit,
      traits: VerifierTraits(attachTypes: ["BPF_CGROUP_GETSOCKOPT"]), reached: "#.####"),
    Case(
      testDescription: "a weak function that is not there",
      code: address(1, of: "weak") + skip(1, if: 1, is: 0) + dead + exit, reached: "#.#.#"),
    Case(
      testDescription: "a function without an exit: nothing is said to be dead",
      code: set(1, 7) + skip(1, if: 1, is: 0) + dead + set(0, 0), effects: no, reached: "##?#"),
    Case(
      testDescription: "a jump out of the function: nothing is said to be dead",
      code: set(1, 7) + skip(1, if: 1, is: 0) + jump(90) + skip(1, if: 1, is: 0) + dead + exit, effects: yes,
      reached: "###???"),
  ]

  @Test("is what is expected", arguments: cases)
  func each(_ c: Case) throws {
    let code = try Self.program(c)
    let effects = c.effects.sorted { $0.key < $1.key }
    let sites = effects.enumerated().map { CheckedObject.Site(instruction: $1.key, question: $0) }
    let answers = KernelAnswers(
      effects: effects.map(\.value), symbols: code.symbols.map { _ in .absent }, traits: c.traits)
    let program = try #require(code.functions.firstIndex { $0.name == "program" })
    let reached = Reachability(code, KernelFacts(code, sites, answers), program: program)
    func text(_ name: String) -> String {
      let function = code.functions.first { $0.name == name }
      return (function?.instructions).map { range in
        range.map { index in
          switch reached.levels[index] {
          case .never: "."
          case .possible: "?"
          case .always: "#"
          }
        }.joined()
      } ?? ""
    }
    #expect(text("program") == c.reached)
    #expect(text("function") == c.inside)
  }

  /// An object of the case: its instructions, a function, a constant variable and a weak function of the kernel's.
  private static func program(_ c: Case) throws -> ProgramCode {
    var btf = BTFBuilder()
    let long = btf.int("long", bytes: 8)
    let prototype = btf.add(.functionPrototype, vlen: 0, long, [])
    for (name, linkage) in [("program", 1), ("function", c.isGlobal ? 1 : 0)] {
      btf.add(.function, name: btf.string(name), vlen: linkage, prototype)
    }
    let weak = btf.add(.function, name: btf.string("weak"), vlen: 2, prototype)
    btf.section(".rodata", bytes: 8, [(btf.variable("flag", long), 0, 8)])
    btf.section(".ksyms", bytes: 0, [(weak, 0, 0)])
    var object = ObjectBuilder()
    let code = object.section("tp_btf/any", c.code.flatMap(\.bytes), flags: 6)
    object.symbol("program", type: 2, section: code, at: 0, size: 8 * c.code.count)
    var symbols: [String: Int] = [:]
    if !c.function.isEmpty {
      let text = object.section(".text", c.function.flatMap(\.bytes), flags: 6)
      symbols["function"] = object.symbol("function", type: 2, section: text, at: 0, size: 8 * c.function.count)
    }
    let constants = object.section(".rodata", [UInt8](repeating: 0, count: 8), flags: 2)
    symbols["flag"] = object.symbol("flag", type: 1, section: constants, at: 0, size: 8)
    if c.code.contains(where: { $0.symbol == "weak" }) {
      symbols["weak"] = object.symbol("weak", type: 0, section: 0, at: 0, size: 0, binding: 2)
    }
    object.relocations(
      ".reltp_btf/any", of: code,
      c.code.enumerated().compactMap { index, word in
        word.symbol.flatMap { symbols[$0] }.map { (8 * index, $0, word.opcode == 0x18 ? 1 : 10) }
      })
    object.section(".BTF", btf.bytes)
    let elf = try ELFFile(object.bytes)
    return ProgramCode(elf, try #require(try BTFSpec(of: elf)))
  }
}
