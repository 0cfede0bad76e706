import SeededRandom

/// A random data section: variables of every kind of type with values, as BPF C, and the statements by which a user program
/// sets the same values through a header.
struct RandomSection {
  private(set) var section: SectionOfTypes
  private var isNarrow: Bool { section.isNarrow }

  /// A value of some type: its declarator, its initializer, and what sets its parts.
  private struct Value {
    var before: String
    var after = ""
    /// `nil` for what takes no value.
    var initializer: String?
    /// For each part its C and C++ expression within the value, and the value that it is set to.
    var parts: [(c: String, cxx: String, value: String)] = []
  }

  private var random: SeededRandom
  private var names: Set<String> = []
  private var tags = ""

  /// - Parameter number: which of a seed's sections.
  init(seed: UInt64, number: Int) {
    section = SectionOfTypes(
      name: "c\(number)", types: RandomSection.types, isNarrow: number % 2 == 0, settersInC: [], settersInCxx: [])
    random = SeededRandom(seed: seed, number: number)
    var variables = ""
    for index in 0..<Int.random(in: 3...6, using: &random) {
      let name = chance(8) ? take("__pad\(index / 2)") : newName("v")
      var value = self.value(depth: 0)
      if chance(5) { value = Value(before: ["struct {}", "union {}"].randomElement(using: &random)!) }
      // A typedef's alignment that is lowered leaves no trace that BTF could show.
      let isPlain = value.before != "t_high"
      let attribute =
        isPlain && chance(20) ? " __attribute__((aligned(\(alignments.randomElement(using: &random)!))))" : ""
      let declared = "\(value.before) \(name)\(value.after)"
      variables +=
        "SEC(\".data.t\") \(declared)\(attribute)\(value.initializer.map { " = \($0)" } ?? "");\n"
      for part in value.parts {
        section.settersInC.append("SET(s->\(RandomSection.escaped(name, cxx: false))\(part.c), \(part.value));")
        section.settersInCxx.append("SET(s->\(RandomSection.escaped(name, cxx: true))\(part.cxx), \(part.value));")
      }
    }
    section.variables = tags + variables
  }

  private static let types = """
    #ifndef TYPES
    #define TYPES
    typedef long long t_low __attribute__((aligned(4)));
    typedef int t_high __attribute__((aligned(16)));
    typedef struct { short a, b; } t_pair;
    typedef int t_row[3];
    struct n_plain { int a; char b; };
    struct n_packed { char a; int b; } __attribute__((packed));
    struct n_even { int a, b; } __attribute__((packed));
    struct n_aligned { int a; } __attribute__((aligned(32)));
    struct n_bits { unsigned a : 5; unsigned b : 7; };
    union n_union { int a; char b; };
    struct n_pointed;
    #endif

    """

  private static let keywords = ["new", "class", "private", "namespace", "template", "this"]

  private let alignments = [1, 2, 4, 8, 16, 32, 64]

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func take(_ name: String) -> String { names.insert(name).inserted ? name : newName("v") }

  private mutating func newName(_ prefix: String) -> String {
    if chance(10) {
      let words = RandomSection.keywords + ["größe", "nullptr"]
      let word = words.randomElement(using: &random)!
      if names.insert(word).inserted { return word }
    }
    let name = "\(prefix)\(names.count)"
    names.insert(name)
    return name
  }

  /// The documented rule.
  private static func escaped(_ name: String, cxx: Bool) -> String {
    if name == "nullptr" { return "nullptr_" }
    return cxx && keywords.contains(name) ? name + "_" : name
  }

  private mutating func value(depth: Int) -> Value {
    if depth < 3, chance(45 - 10 * depth) { return composite(depth: depth) }
    if depth < 4, chance(15) { return array(depth: depth) }
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return enumeration()
    case 1: return named(depth: depth)
    case 2 where !isNarrow: return pointer()
    default: return scalar()
    }
  }

  private mutating func array(depth: Int) -> Value {
    var element = value(depth: depth + 1)
    // C has no array of elements that are aligned to more than they take.
    while element.before.hasPrefix("t_high") { element = value(depth: depth + 1) }
    let count = Int.random(in: 0...3, using: &random)
    let initializer = count > 0 ? element.initializer : nil
    return Value(
      before: element.before, after: "[\(count)]\(element.after)",
      initializer: initializer.map { "{\([String](repeating: $0, count: count).joined(separator: ", "))}" },
      parts: (0..<count).flatMap { index in
        element.parts.map { ("[\(index)]\($0.c)", "[\(index)]\($0.cxx)", $0.value) }
      })
  }

  private static let integers: [(name: String, bits: Int, isSigned: Bool)] = [
    ("signed char", 8, true), ("unsigned char", 8, false), ("short", 16, true), ("unsigned short", 16, false),
    ("int", 32, true), ("unsigned int", 32, false), ("long long", 64, true), ("unsigned long long", 64, false),
  ]

  private mutating func literal(bits: Int, isSigned: Bool) -> String {
    let raw = random.next()
    if bits == 64 { return isSigned ? "\(Int64(bitPattern: raw) / 2)LL" : "\(raw)ULL" }
    let masked = Int64(raw & ((1 << UInt64(bits)) - 1))
    return isSigned ? "\(masked - (1 << (bits - 1)))" : "\(masked)"
  }

  private mutating func leaf(_ before: String, _ text: String) -> Value {
    Value(before: before, initializer: text, parts: [("", "", text)])
  }

  private mutating func scalar() -> Value {
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return leaf("_Bool", "1")
    case 1: return leaf("float", "\(Int.random(in: -99...99, using: &random)).5f")
    case 2: return leaf("double", "\(Int.random(in: -99...99, using: &random)).5")
    case 3: return leaf("long double", "\(Int.random(in: -99...99, using: &random)).5")
    case 4 where !isNarrow: return leaf("__int128", "((__int128)\(literal(bits: 31, isSigned: false)) << 64 | 7)")
    case 5 where !isNarrow: return leaf("unsigned long", literal(bits: 64, isSigned: false))
    case 6 where !isNarrow: return leaf("long", literal(bits: 64, isSigned: true))
    default:
      let type = RandomSection.integers.randomElement(using: &random)!
      return leaf(type.name, literal(bits: type.bits, isSigned: type.isSigned))
    }
  }

  private mutating func enumeration() -> Value {
    let values = chance(20) ? [1, 1 << 33] : chance(30) ? [-2, 100] : [0, 1, 5]
    let names = values.map { _ in "e_\(section.name)_\(newName("e").filter(\.isASCII))" }
    let enumerators = zip(names, values).map { "\($0) = \($1)\($1 > 1 << 31 ? "LL" : "")" }.joined(separator: ", ")
    let packed = values.last! <= 100 && chance(30) ? " __attribute__((packed))" : ""
    var value = leaf("enum { \(enumerators) }\(packed)", "\(values.last!)\(values.last! > 1 << 31 ? "LL" : "")")
    value.initializer = names.last!
    return value
  }

  private mutating func named(depth: Int) -> Value {
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return leaf("t_low", literal(bits: 64, isSigned: true))
    case 1 where depth == 0: return leaf("t_high", literal(bits: 32, isSigned: true))
    case 2:
      let parts = (0..<3).map { (c: "[\($0)]", cxx: "[\($0)]", value: "\($0 + 4)") }
      return Value(before: "t_row", initializer: "{4, 5, 6}", parts: parts)
    case 3:
      return Value(before: "union n_union", initializer: "{77}", parts: [(".a", ".a", "77")])
    case 4: return Value(before: "struct n_aligned", initializer: "{78}", parts: [(".a", ".a", "78")])
    default:
      let types = ["t_pair", "struct n_plain", "struct n_packed", "struct n_even", "struct n_bits"]
      let name = types.randomElement(using: &random)!
      return Value(before: name, initializer: "{11, 12}", parts: [(".a", ".a", "11"), (".b", ".b", "12")])
    }
  }

  private mutating func pointer() -> Value {
    let number = Int.random(in: 1...99999, using: &random)
    var value = Value(before: "", initializer: "(void *)\(number)", parts: [("", "", "POINTER(\(number))")])
    switch Int.random(in: 0..<5, using: &random) {
    case 0: value.before = "void *"
    case 1: value.before = "struct n_pointed *"
    case 2: value.before = "struct { int \(newName("q")); union { short \(newName("q")); }; } *"
    case 3: (value.before, value.after) = ("int (*", ")(int, struct n_pointed *)")
    default: (value.before, value.after) = ("short (*", ")[3]")
    }
    return value
  }

  private mutating func composite(depth: Int) -> Value {
    if depth > 0, chance(6) { return Value(before: ["struct {}", "union {}"].randomElement(using: &random)!) }
    let isUnion = chance(30)
    var text = ""
    var members: [(initializer: String?, parts: [(c: String, cxx: String, value: String)])] = []
    for _ in 0..<Int.random(in: 1...5, using: &random) {
      if chance(5) { text += chance(50) ? "int : \(Int.random(in: 1...20, using: &random)); " : "short : 0; " }
      if chance(22) {
        let (declaration, initializer, part) = bitfield()
        text += declaration
        members.append((initializer, [part]))
      } else if depth < 3, chance(15) {
        // Without a name: the members are the parent's.
        var inner = composite(depth: depth + 1)
        if chance(25), inner.before.hasPrefix("struct {") || inner.before.hasPrefix("union {") {
          // With a tag: -fms-extensions.
          let keyword = inner.before.prefix { $0 != " " }
          let tag = newName("tag").filter(\.isASCII) + "_tag"
          tags += "\(keyword) \(tag) \(inner.before.dropFirst(keyword.count + 1));\n"
          inner.before = "\(keyword) \(tag)"
        }
        text += "\(inner.before); "
        members.append((inner.initializer.map { String($0.dropFirst().dropLast()) }, inner.parts))
      } else {
        let name = newName("m")
        let value = self.value(depth: depth + 1)
        var attribute = ""
        if chance(10) { attribute = " __attribute__((aligned(\(alignments.randomElement(using: &random)!))))" }
        if chance(10) { attribute += " __attribute__((packed))" }
        text += "\(value.before) \(name)\(value.after)\(attribute); "
        let (c, cxx) = (RandomSection.escaped(name, cxx: false), RandomSection.escaped(name, cxx: true))
        let parts = value.parts.map { (".\(c)\($0.c)", ".\(cxx)\($0.cxx)", $0.value) }
        members.append((value.initializer.map { ".\(name) = \($0)" }, parts))
      }
    }
    var attributes: [String] = []
    if chance(30) { attributes.append("packed") }
    if chance(15) { attributes.append("aligned(\(alignments.randomElement(using: &random)!))") }
    let attribute = attributes.isEmpty ? "" : " __attribute__((\(attributes.joined(separator: ", "))))"
    let before = "\(isUnion ? "union" : "struct") { \(text)}\(attribute)"
    // Of a union one member has a value.
    if isUnion { members = Array(members.filter { $0.initializer != nil }.shuffled(using: &random).prefix(1)) }
    let initializers = members.compactMap(\.initializer).filter { !$0.isEmpty }
    return Value(
      before: before, initializer: "{\(initializers.joined(separator: ", "))}", parts: members.flatMap(\.parts))
  }

  private mutating func bitfield() -> (String, String, (c: String, cxx: String, value: String)) {
    let name = newName("b")
    let type = RandomSection.integers.randomElement(using: &random)!
    let width = Int.random(in: 1...type.bits, using: &random)
    let packed = chance(20) ? " __attribute__((packed))" : ""
    let (c, cxx) = (RandomSection.escaped(name, cxx: false), RandomSection.escaped(name, cxx: true))
    if chance(10) { return ("_Bool \(name) : 1\(packed); ", ".\(name) = 1", (".\(c)", ".\(cxx)", "1")) }
    let value = literal(bits: width, isSigned: type.isSigned)
    return ("\(type.name) \(name) : \(width)\(packed); ", ".\(name) = \(value)", (".\(c)", ".\(cxx)", value))
  }
}
