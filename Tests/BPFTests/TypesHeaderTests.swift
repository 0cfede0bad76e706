import SeededRandom
import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

/// A header with the types of a BTF is the same, however the types are numbered.
@Suite("Types as C")
struct TypesHeaderTests {
  /// One type, which refers to others by their indices in a list; -1 is `void`.
  private enum Kind {
    case int
    case pointer(Int)
    case attribute(String, Int)
    case tag(String, Int)
    case structure([(name: String, type: Int)])
    case enumeration([String])
    case typedef(Int)
    case prototype(returns: Int, [(name: String, type: Int)])
    case function(Int)
    case declarationTag(of: Int, component: Int32)
  }

  private static let types: [(name: String, kind: Kind)] = [
    ("int", .int), ("", .pointer(0)), ("queue", .structure([("first", 0), ("rest", 1)])),
    // Two of one name, as a kernel has them, and two enumerations without names.
    ("entry", .structure([("key", 0)])), ("entry", .structure([("value", 0), ("next", 1)])),
    ("", .enumeration(["B_ONE", "B_TWO"])), ("", .enumeration(["A_ONE"])), ("color", .enumeration(["RED", "BLUE"])),
    ("", .pointer(2)), ("queue_t", .typedef(2)), ("handle", .typedef(8)), ("number", .typedef(0)),
    ("address_space(1)", .attribute("address_space(1)", -1)), ("", .pointer(12)),
    ("user", .tag("user", -1)), ("", .pointer(14)),
    ("", .prototype(returns: 13, [("queue", 8), ("count", 0)])), ("zeta", .function(16)),
    ("", .prototype(returns: 0, [])), ("alpha", .function(18)), ("untagged", .function(18)),
    ("", .prototype(returns: -1, [("from", 15)])), ("middle", .function(21)),
    ("bpf_kfunc", .declarationTag(of: 17, component: -1)), ("bpf_kfunc", .declarationTag(of: 19, component: -1)),
    ("bpf_kfunc", .declarationTag(of: 22, component: -1)), ("bpf_fastcall", .declarationTag(of: 19, component: -1)),
    // About a parameter, and about something that is not a function.
    ("bpf_kfunc", .declarationTag(of: 20, component: 0)), ("bpf_kfunc", .declarationTag(of: 2, component: -1)),
  ]

  /// The types in some order.
  private static func text(_ order: [Int], isSorted: Bool = true) throws -> String {
    var ids = [Int: UInt32]()
    for (position, index) in order.enumerated() { ids[index] = UInt32(position + 1) }
    func id(_ index: Int) -> UInt32 { index < 0 ? 0 : ids[index]! }
    var btf = BTFBuilder()
    for index in order {
      let (name, kind) = types[index]
      let text = btf.string(name)
      switch kind {
      case .int: btf.add(.int, name: text, 4, [1 << 24 | 32])
      case .pointer(let type): btf.add(.pointer, id(type))
      case .attribute(_, let type): btf.add(.typeTag, name: text, flag: true, id(type))
      case .tag(_, let type): btf.add(.typeTag, name: text, id(type))
      case .structure(let members):
        var offset: UInt32 = 0
        let words = members.flatMap { member -> [UInt32] in
          if case .pointer = types[member.type].kind { offset = (offset + 63) / 64 * 64 }
          defer { if case .pointer = types[member.type].kind { offset += 64 } else { offset += 32 } }
          return [btf.string(member.name), id(member.type), offset]
        }
        btf.add(.structure, name: text, vlen: members.count, offset / 8, words)
      case .enumeration(let names):
        btf.add(
          .enumeration, name: text, vlen: names.count, 4,
          names.enumerated().flatMap { [btf.string($0.element), UInt32($0.offset)] })
      case .typedef(let type): btf.add(.typedef, name: text, id(type))
      case .prototype(let type, let parameters):
        btf.add(
          .functionPrototype, vlen: parameters.count, id(type),
          parameters.flatMap { [btf.string($0.name), id($0.type)] })
      case .function(let prototype): btf.add(.function, name: text, vlen: 1, id(prototype))
      case .declarationTag(let type, let component):
        btf.add(.declarationTag, name: text, id(type), [UInt32(bitPattern: component)])
      }
    }
    return String(decoding: try TypesHeader.text(of: TypesFile(btf.bytes), .all(isSorted: isSorted)), as: UTF8.self)
  }

  @Test("sorted, types in any order give the same text")
  func order() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let first = try Self.text(Array(Self.types.indices))
    var unsorted: Set<String> = []
    for round in 0..<200 {
      let order = Array(Self.types.indices).shuffled(using: &random)
      #expect(try Self.text(order) == first, "seed \(seed), round \(round)")
      if round < 10 { unsorted.insert(try Self.text(order, isSorted: false)) }
    }
    #expect(unsorted.count > 1, "nothing was moved")
  }

  @Test("enumerations come first, then the others by name; functions are those that are tagged as a whole")
  func content() throws {
    let text = try Self.text(Array(Self.types.indices))
    let starts = ["A_ONE", "B_ONE", "enum color", "struct entry {", "struct queue {", "/* BPF kfuncs */", "extern"].map
    {
      text.firstRange(of: $0)?.lowerBound
    }
    #expect(starts.allSatisfy { $0 != nil } && zip(starts, starts.dropFirst()).allSatisfy { $0! < $1! }, "\(text)")
    let functions = text.split(separator: "\n").filter { $0.hasSuffix("__weak __ksym;") }
    #expect(
      functions == [
        "extern __bpf_fastcall int alpha(void) __weak __ksym;",
        "extern void middle(void __attribute__((btf_type_tag(\"user\"))) *from) __weak __ksym;",
        "extern void __attribute__((address_space(1))) *zeta(struct queue *queue, int count) __weak __ksym;",
      ], "\(functions)")
  }
}
