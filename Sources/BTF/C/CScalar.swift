internal import Bytes

/// C's arithmetic types, by their BTF names.
enum CScalar {
  private static let words: Set<String> = [
    "_Bool", "bool", "char", "short", "int", "long", "signed", "unsigned", "float", "double", "__int128",
  ]

  /// The words of a name that consists of C keywords only.
  static func words(_ name: String) -> [String]? {
    let parts = name.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    return parts.allSatisfy(words.contains) ? parts : nil
  }

  /// The size of the type with this name on 64-bit machines; `nil` if they differ (`long double`), or if it is not a C
  /// type.
  static func bytes(_ name: String) -> UInt32? {
    guard let words = words(name) else { return nil }
    if words.contains("__int128") { return 16 }
    if words.contains("double") { return words.contains("long") ? nil : 8 }
    if words.contains("float") { return 4 }
    if words.contains("long") { return 8 }
    if words.contains("short") { return 2 }
    return words.contains("char") || words.contains("bool") || words.contains("_Bool") ? 1 : 4
  }

  /// Whether the type has another size on 32-bit machines.
  static func isLong(_ name: String) -> Bool {
    name.split(separator: " ").filter { $0 == "long" }.count == 1 && !name.containsBytes(of: "double")
  }

  /// An integer type with this size; `nil` if no type has it on all machines.
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
