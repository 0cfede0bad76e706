/// C's arithmetic types, by the names that BTF gives them.
enum CScalar {
  private static let words: Set<String> = [
    "_Bool", "bool", "char", "short", "int", "long", "signed", "unsigned", "float", "double", "__int128",
  ]

  /// The words of a name that is made of C's own words alone.
  static func words(_ name: String) -> [String]? {
    let parts = name.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    return parts.allSatisfy(words.contains) ? parts : nil
  }

  /// The bytes that the type of a name takes on 64-bit machines; `nil` where they differ (`long double`), and for what is not
  /// C's.
  static func bytes(_ name: String) -> UInt32? {
    guard let words = words(name) else { return nil }
    if words.contains("__int128") { return 16 }
    if words.contains("double") { return words.contains("long") ? nil : 8 }
    if words.contains("float") { return 4 }
    if words.contains("long") { return 8 }
    if words.contains("short") { return 2 }
    return words.contains("char") || words.contains("bool") || words.contains("_Bool") ? 1 : 4
  }

  /// Whether the type has other sizes on 32-bit machines.
  static func isLong(_ name: String) -> Bool {
    name.split(separator: " ").filter { $0 == "long" }.count == 1 && !name.contains("double")
  }

  /// An integer type of so many bytes; `nil` when there is none on all machines.
  static func integer(bytes: UInt32, isSigned: Bool) -> String? {
    switch bytes {
    case 1: isSigned ? "signed char" : "unsigned char"
    case 2: isSigned ? "short" : "unsigned short"
    case 4: isSigned ? "int" : "unsigned int"
    case 8: isSigned ? "long long" : "unsigned long long"
    default: nil
    }
  }
}
