import SeededRandom

/// Small C sources that declare and define the same names in every way that C supports, for both BPF and this machine.
///
/// The names are functions `f0`, `f1`, ..., variables `v0`, ..., and maps `m0`, ...; unit number `k` has a program `pk`, which
/// calls the functions and reads and writes the variables and maps that the unit knows. A function calls only functions of
/// lower numbers. What a program returns, and what the variables hold at the end, depends on which definitions were linked.
/// In about one of seven programs a name is defined twice, or not at all.
struct LinkedUnits: Sendable {
  struct Unit: Sendable {
    let name: String
    var source = ""
    /// The names that it defines, neither weak nor static.
    var strong: Set<String> = []
  }

  private enum Role {
    case absent, declared, declaredElsewhere, declaredWeak, strong, weak, hidden, hiddenWeak, own

    var isDefinition: Bool { [.strong, .weak, .hidden, .hiddenWeak].contains(self) }
  }

  private(set) var units: [Unit] = []
  /// The variables that other programs can see, by name, with their C types.
  private(set) var visible: [(name: String, type: String)] = []
  private var random: SeededRandom
  private var types: [String: String] = [:]
  private var roles: [String: [Role]] = [:]

  private static let functions = (0..<5).map { "f\($0)" }
  private static let variables = (0..<5).map { "v\($0)" }
  private static let maps = (0..<2).map { "m\($0)" }

  init(seed: UInt64, number: Int) {
    random = SeededRandom(seed: seed, number: number)
    units = (0..<Int.random(in: 2...5, using: &random)).map { Unit(name: "u\($0)") }
    let names = Self.functions + Self.variables + Self.maps
    let flawed = chance(15) ? pick(names) : nil
    for name in names { assignRoles(name, isFlawed: name == flawed) }
    for index in units.indices { units[index].source = source(index) }
  }

  /// A C program for this machine that calls the units' programs, and prints what they return and what variables hold then.
  var hostMain: String {
    let declarations = programs.map { "int \($0)(void *);" } + visible.map { "extern \($0.type) \($0.name);" }
    let calls = programs.map { "\tprintf(\"\($0) %u\\n\", (unsigned int)\($0)(0));" }
    let values = visible.map { name, type in
      // As many bits as the type has.
      let bits = "unsigned \(type.replacing("unsigned ", with: ""))"
      return "\tprintf(\"\(name) %lx\\n\", (unsigned long)(\(bits))\(name));"
    }
    return """
      #include <stdio.h>
      \(declarations.joined(separator: "\n"))
      int main(void)
      {
      \((calls + values).joined(separator: "\n"))
      }

      """
  }

  var programs: [String] { units.indices.map { "p\($0)" } }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  private mutating func pick<Element>(_ list: [Element]) -> Element { list.randomElement(using: &random)! }

  /// Mostly one strong definition, or only weak ones; if flawed two strong ones, or none.
  private mutating func assignRoles(_ name: String, isFlawed: Bool) {
    types[name] = pick(["unsigned char", "short", "int", "unsigned int", "long", "unsigned long"])
    let isMap = name.hasPrefix("m")
    var all: [Role] = units.indices.map { _ in
      pick([.absent, .declared, .declared, .declaredElsewhere, .declaredWeak, .weak, .weak, .hiddenWeak, .own])
    }
    if isMap { all = all.map { $0 == .own || $0 == .hiddenWeak ? .weak : $0 == .declaredElsewhere ? .declared : $0 } }
    let strong = isFlawed && chance(50) ? 2 : chance(75) ? 1 : 0
    if isFlawed, strong < 2 { all = all.map { $0.isDefinition ? .declared : $0 } }
    for _ in 0..<(isFlawed && strong < 2 ? 0 : strong) {
      all[Int.random(in: all.indices, using: &random)] = !isMap && chance(25) ? .hidden : .strong
    }
    let isDefined = all.contains(where: \.isDefinition)
    if !isDefined, !isFlawed { all = all.map { $0 == .own ? .own : .absent } }
    if !isDefined { all = all.map { $0 == .declaredWeak ? .declared : $0 } }
    roles[name] = all
    for (index, role) in all.enumerated() where role == .strong || role == .hidden { units[index].strong.insert(name) }
    let isHidden = all.contains { $0 == .hidden || $0 == .hiddenWeak }
    if name.hasPrefix("v"), isDefined, !isHidden { visible.append((name, types[name]!)) }
  }

  private static let weakWords: [Role: String] = [
    .weak: "__weak ", .declaredWeak: "__weak ", .hiddenWeak: "__weak __hidden ", .hidden: "__hidden ",
  ]

  private func role(_ name: String, _ unit: Int) -> Role { roles[name]![unit] }

  private func known(_ names: [String], _ unit: Int) -> [String] { names.filter { role($0, unit) != .absent } }

  private mutating func source(_ unit: Int) -> String {
    var lines = ["#include \"units.h\""]
    for name in known(Self.variables, unit) { lines.append(variable(name, unit)) }
    for name in known(Self.maps, unit) { lines.append(map(name, unit)) }
    let usesKernel = chance(40)
    if usesKernel { lines.append("KERNEL") }
    for name in known(Self.functions, unit) { lines.append(function(name, unit)) }
    lines.append("SEC(\"tc\") int p\(unit)(void *ctx)\n{\n\tunsigned int r = \(unit);\n")
    if usesKernel { lines.append("\tUSE_KERNEL(r);\n") }
    lines.append(statements(unit, calling: Self.functions))
    lines.append("\treturn r & 0x7fffffff;\n}")
    if chance(70) || unit == 0 { lines.append("LICENSED(\(pick(["LICENSE", "_license"])))") }
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func variable(_ name: String, _ unit: Int) -> String {
    let type = types[name]!
    let value = pick(["", " = 0", " = \(Int.random(in: 1...100, using: &random))"])
    let section = pick(["", "", " SEC(\".data.x\")", " SEC(\".data.y\")"])
    switch role(name, unit) {
    case .own: return "static volatile \(type) \(name)\(section.isEmpty || !value.isEmpty ? section : "")\(value);"
    case .declared: return "extern \(type) \(name);"
    case .declaredElsewhere: return "extern \(type) \(name) SEC(\".data.\(pick(["x", "y"]))\");"
    case .declaredWeak: return "extern \(type) \(name) __weak;"
    default:
      return "\(Self.weakWords[role(name, unit)] ?? "")\(type) \(name)\(section)\(section.isEmpty ? value : " = 5");"
    }
  }

  private mutating func map(_ name: String, _ unit: Int) -> String {
    switch role(name, unit) {
    case .declared: "extern struct map_type \(name) SEC(\".maps\");"
    case .declaredWeak: "extern struct map_type \(name) SEC(\".maps\") __weak;"
    default: "\(Self.weakWords[role(name, unit)] ?? "")struct map_type \(name) SEC(\".maps\");"
    }
  }

  private mutating func function(_ name: String, _ unit: Int) -> String {
    let number = Self.functions.firstIndex(of: name)!
    switch role(name, unit) {
    case .declared, .declaredElsewhere: return "extern int \(name)(int x);"
    case .declaredWeak: return "extern int \(name)(int x) __weak;"
    default:
      let words = role(name, unit) == .own ? "static " : Self.weakWords[role(name, unit)] ?? ""
      let body = statements(unit, calling: Array(Self.functions[..<number]))
      return """
        __attribute__((noinline)) \(words)int \(name)(int x)
        {
        \tunsigned int r = x + \(100 * unit + number);
        \(body)\treturn r;
        }
        """
    }
  }

  /// A few uses of what a unit knows.
  private mutating func statements(_ unit: Int, calling functions: [String]) -> String {
    var lines: [String] = []
    for name in known(Self.variables, unit) where chance(40) {
      lines.append(
        chance(50) ? "\(name) += \(Int.random(in: 1...9, using: &random));" : "MIX(r, \(name));")
    }
    for name in known(functions, unit) where chance(60) { lines.append("MIX(r, \(name)(r & 63));") }
    for name in known(Self.maps, unit) where chance(40) {
      lines.append("USE_MAP(r, \(name), \(Int.random(in: 0..<4, using: &random)));")
    }
    return lines.map { "\t\($0)\n" }.joined()
  }
}
