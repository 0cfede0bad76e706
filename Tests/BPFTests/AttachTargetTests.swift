import BTF
import Bytes
import Testing

@testable import BPF
@testable import HandmadeObjects

/// What the verifier makes of the arguments of functions, by kernels' BTF.
@Suite("Arguments of attach targets")
struct AttachTargetTests {
  /// Kernels by what shows their age.
  enum Age: Sendable {
    /// Linux 5.5, 5.17, 6.1, 6.13; one whose BTF does not show it.
    case first, numberPointers, structs, newest, hidden
  }

  /// A function with its result and arguments, in the words of `types`.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var kind = AttachKind.entry
    var result = "int"
    var arguments: [String] = []
    var age = Age.structs
    /// A letter for each slot: `n`umber, `p`ointer, `-` for none, `?` for not known; or why programs cannot attach.
    let expected: String
  }

  static let cases: [Case] = [
    Case(testDescription: "numbers and pointers", arguments: ["int", "thing*", "enum", "long"], expected: "npnn"),
    Case(testDescription: "pointers to nothing and to numbers", arguments: ["void*", "int*"], expected: "nn"),
    Case(
      testDescription: "pointers to numbers, before they could be read", arguments: ["void*", "int*"], age: .first,
      expected: "n-"),
    Case(
      testDescription: "other pointers", arguments: ["thing**", "const void*", "enum*", "opaque*"], expected: "----"),
    Case(
      testDescription: "other pointers, on a kernel that may allow more",
      arguments: ["thing**", "const void*", "void*", "int*", "thing*", "int"], age: .newest, expected: "????pn"),
    Case(
      testDescription: "a kernel whose BTF does not show its age", arguments: ["int*", "thing", "thing*", "long"],
      age: .hidden, expected: "???pn"),
    Case(testDescription: "a struct of two slots", arguments: ["thing", "int"], expected: "nnn"),
    Case(
      testDescription: "a struct, before functions might have them", arguments: ["int", "thing"],
      age: .numberPointers, expected: "argument(2, \"struct thing\")"),
    Case(testDescription: "a large struct", arguments: ["large"], expected: "argument(1, \"struct large\")"),
    Case(testDescription: "a struct as the result", result: "thing", expected: "result(\"struct thing\")"),
    Case(testDescription: "variable arguments", arguments: ["int", "void"], expected: "variableArguments"),
    Case(
      testDescription: "too many arguments", arguments: [String](repeating: "int", count: 13),
      expected: "tooManyArguments(13)"),
    Case(testDescription: "an integer of two slots", arguments: ["int128"], expected: "--"),
    Case(testDescription: "the result", kind: .exit, arguments: ["int"], expected: "nn"),
    Case(testDescription: "the result of a function that returns nothing", kind: .exit, result: "void", expected: ""),
    Case(testDescription: "a pointer as the result", kind: .exit, result: "thing*", expected: "p"),
    Case(testDescription: "a hook's result", kind: .hook, arguments: ["thing*"], expected: "pn"),
    Case(testDescription: "a result that is replaced", kind: .modifiedReturn, expected: "n"),
    Case(
      testDescription: "a result that cannot be replaced", kind: .modifiedReturn, result: "thing*", expected: "-"),
    Case(
      testDescription: "a tracepoint, without its first argument", kind: .rawTracepoint,
      arguments: ["void*", "thing*", "int"], expected: "pn"),
    Case(
      testDescription: "what an iterator describes itself", kind: .iterator, arguments: ["thing*", "void*"],
      expected: "p?"),
  ]

  @Test("are what is expected", arguments: cases)
  func each(_ c: Case) throws {
    var btf = BTFBuilder()
    let types = Self.types(&btf)
    let parameters = c.arguments.flatMap { name -> [UInt32] in [0, types[name]!] }
    let prototype = btf.add(.functionPrototype, vlen: c.arguments.count, types[c.result]!, parameters)
    let target = try #require(KernelNeeds.Target(section: "\(c.kind.rawValue)/target"))
    if c.kind == .rawTracepoint {
      _ = btf.typedef(target.symbol, btf.pointer(to: prototype))
    } else {
      btf.add(.function, name: btf.string(target.symbol), vlen: 1, prototype)
    }
    Self.witnesses(c.age, &btf)
    let needs = KernelNeeds(
      btf: try TypesFile(btf.bytes).checked(base: nil), byteOrder: .host, questions: [], symbols: [],
      targets: [target], operations: [], asksVersion: false)
    let kernel = KernelTypes(needs.btf, asked: needs.names)
    let found: String
    switch KernelAnswers.Target(target, kernel, KernelAge(kernel)) {
    case .present(let slots):
      found = slots.map { slot in
        switch slot.access {
        case .none: "-"
        case .number: "n"
        case .pointer: "p"
        case .unknown: "?"
        }
      }.joined()
    case .unsupported(let prototype): found = "\(prototype)"
    case .absent: found = "absent"
    case .unknown: found = "unknown"
    }
    #expect(found == c.expected)
  }

  private static func types(_ btf: inout BTFBuilder) -> [String: UInt32] {
    let (int, long, int128) = (btf.int(), btf.int("long", bytes: 8), btf.int("__int128", bytes: 16))
    let thing = btf.composite(.structure, "thing", bytes: 16, [])
    let large = btf.composite(.structure, "large", bytes: 24, [])
    let choice = btf.add(.enumeration, name: btf.string("choice"), vlen: 0, 4)
    let opaque = btf.add(.forward, name: btf.string("opaque"), 0)
    let (pointer, constant) = (btf.pointer(to: thing), btf.add(.const, 0))
    return [
      "void": 0, "int": int, "long": long, "int128": int128, "thing": thing, "large": large, "enum": choice,
      "thing*": pointer, "thing**": btf.pointer(to: pointer), "void*": btf.pointer(to: 0),
      "const void*": btf.pointer(to: constant), "int*": btf.pointer(to: int), "enum*": btf.pointer(to: choice),
      "opaque*": btf.pointer(to: opaque),
    ]
  }

  private static func witnesses(_ age: Age, _ btf: inout BTFBuilder) {
    guard age != .hidden else { return }
    let int = btf.int()
    func enumeration(_ name: String, _ enumerators: [String]) {
      let words = enumerators.enumerated().flatMap { [btf.string($1), UInt32($0)] }
      _ = btf.add(.enumeration, name: btf.string(name), vlen: enumerators.count, 4, words)
    }
    let ages: [Age] = [.first, .numberPointers, .structs, .newest]
    let level = ages.firstIndex(of: age)!
    enumeration("bpf_func_id", ["BPF_FUNC_unspec"] + (level >= 1 ? ["BPF_FUNC_get_func_arg"] : []))
    enumeration(
      "bpf_attach_type", ["BPF_CGROUP_GETSOCKOPT"] + (level >= 3 ? ["BPF_TRACE_UPROBE_SESSION"] : []))
    _ = btf.composite(
      .structure, "btf_func_model", bytes: 4,
      [BTFBuilder.Member(name: level >= 2 ? "arg_flags" : "nr_args", type: int)])
  }
}
