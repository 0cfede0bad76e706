import Testing

@testable import BTF

@Suite("Identifiers")
struct CIdentifierTests {
  /// The rule, case by case: the name in C, and in C++ if it differs.
  static let rules: [(name: String, c: String, cxx: String)] = [
    ("counter", "counter", "counter"), ("_x9", "_x9", "_x9"), ("a.b-c", "a_b_c", "a_b_c"),
    ("9lives", "_9lives", "_9lives"),
    ("", "_", "_"), (" ", "_", "_"), ("\n", "_", "_"), ("*/", "__", "__"), ("ü", "ü", "ü"), ("ü.数", "ü_数", "ü_数"),
    ("\u{301}", "_\u{301}", "_\u{301}"), ("🙂", "____", "____"), ("int", "int_", "int_"),
    ("while", "while_", "while_"), ("errno", "errno_", "errno_"), ("NULL", "NULL_", "NULL_"),
    ("nullptr", "nullptr_", "nullptr_"), ("typeof", "typeof_", "typeof_"), ("class", "class", "class_"),
    ("new", "new", "new_"), ("this", "this", "this_"), ("co_await", "co_await", "co_await_"),
    ("Class", "Class", "Class"),
    (String(repeating: "x", count: 300), String(repeating: "x", count: 300), String(repeating: "x", count: 300)),
  ]

  @Test("are escaped by one rule", arguments: rules)
  func rule(_ name: String, _ c: String, _ cxx: String) {
    let identifier = CIdentifier(name)
    #expect(identifier.c == c && identifier.cxx == cxx && identifier.differs == (c != cxx))
  }

  @Test("are identifiers and not keywords, whatever the name")
  func always() {
    for first in UInt8.min...UInt8.max {
      let identifier = CIdentifier(String(decoding: [first, 0x61, first], as: UTF8.self))
      #expect(CIdentifier.isIdentifier(identifier.c) && CIdentifier.isIdentifier(identifier.cxx), "byte \(first)")
    }
    for keyword in Keywords.c { #expect(!Keywords.c.contains(CIdentifier(keyword).c), "\(keyword)") }
    for keyword in Keywords.cxxOnly { #expect(!Keywords.cxxOnly.contains(CIdentifier(keyword).cxx), "\(keyword)") }
    #expect(Keywords.c.isDisjoint(with: Keywords.cxxOnly))
  }

  /// Names in one struct in order, and their escaped forms.
  static let scopes: [(names: [String], c: [String])] = [
    (["a", "b"], ["a", "b"]), (["a.b", "a-b", "a_b"], ["a_b", "a_b_2", "a_b_3"]),
    (["a_b_2", "a.b", "a-b"], ["a_b_2", "a_b", "a_b_3"]),
    (["x", "x", "x"], ["x", "x_2", "x_3"]), (["int", "int_"], ["int_", "int__2"]),
    (["", "_", "__"], ["_", "__2", "__"]),
    (["class", "class_"], ["class", "class_"]),
  ]

  @Test("that already exist in their struct get a number, in C and in C++", arguments: scopes)
  func scope(_ names: [String], _ expected: [String]) {
    var scope = CIdentifier.Scope()
    let given = names.map { scope.claim($0) }
    #expect(given.map(\.c) == expected)
    #expect(Set(given.map(\.cxx)).count == names.count)
  }

  @Test("are unique in both of two structs")
  func bothScopes() {
    var (left, right) = (CIdentifier.Scope(), CIdentifier.Scope())
    #expect(right.claim("ops").c == "ops")
    #expect(left.claim("ops", alsoIn: &right).c == "ops_2")
    #expect(left.claim("ops_2").c == "ops_2_2")
  }
}
