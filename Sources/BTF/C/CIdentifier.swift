/// An object's name, escaped for C and C++ code.
///
/// The rule, also in docs/headers.md: letters of any alphabet, digits and `_` are kept; every other byte becomes `_`; a
/// leading digit is prefixed with `_`; a keyword gets the suffix `_` in the language in which it is one; a name that
/// already exists in its struct gets the suffix `_2`, `_3`, ...
package struct CIdentifier: Hashable, Sendable {
  /// The name in C.
  package let c: String
  /// The name in C++, which differs only if `c` is a C++ keyword (`class`, `new`).
  package let cxx: String

  package var differs: Bool { c != cxx }

  /// Escapes one name, regardless of others.
  package init(_ name: String) {
    let text = CIdentifier.isPlain(name) ? name : CIdentifier.escaped(name)
    let isKeyword = Keywords.c.contains(text)
    c = isKeyword ? text + "_" : text
    cxx = isKeyword || Keywords.cxxOnly.contains(text) ? text + "_" : text
  }

  /// The name with `_` for each byte of a character that cannot be part of an identifier.
  private static func escaped(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      if mayContinue(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        text += String(repeating: "_", count: UTF8.width(scalar))
      }
    }
    return isIdentifier(text) ? text : "_" + text
  }

  private init(c: String, cxx: String) {
    self.c = c
    self.cxx = cxx
  }

  /// Whether the text needs no escaping in C.
  package static func isPlain(_ text: String) -> Bool {
    let bytes = text.utf8.span
    return !bytes.isEmpty && isLetter(bytes[0])
      && bytes.indices.allSatisfy { isLetter(bytes[$0]) || isDigit(bytes[$0]) }
  }

  /// Whether compilers accept the text as an identifier, which may contain letters of other alphabets in UTF-8.
  ///
  /// Source: ISO C23, annex D.
  static func isIdentifier(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first else { return false }
    return (first == "_" || first.properties.isXIDStart) && text.unicodeScalars.allSatisfy(mayContinue)
  }

  private static func mayContinue(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return isLetter(UInt8(scalar.value)) || isDigit(UInt8(scalar.value)) }
    return scalar.properties.isXIDContinue
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (byte | 32 >= UInt8(ascii: "a") && byte | 32 <= UInt8(ascii: "z"))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// Makes names unique within one struct, for each language separately: escaping for C++ changes no name in C.
  package struct Scope {
    private var c = Names()
    private var cxx = Names()

    package init() {}

    package mutating func claim(_ name: String) -> CIdentifier {
      let wanted = CIdentifier(name)
      return CIdentifier(c: c.claim(wanted.c), cxx: cxx.claim(wanted.cxx))
    }

    /// Returns a name that is unique in both scopes, and reserves it in both.
    package mutating func claim(_ name: String, alsoIn other: inout Scope) -> CIdentifier {
      let wanted = CIdentifier(name)
      let claimed = CIdentifier(
        c: c.claim(wanted.c, unlessIn: other.c), cxx: cxx.claim(wanted.cxx, unlessIn: other.cxx))
      other.c.taken.insert(claimed.c)
      other.cxx.taken.insert(claimed.cxx)
      return claimed
    }
  }

  /// The names of a scope in one language.
  private struct Names {
    var taken: Set<String> = []
    /// The last suffix used for each name that existed already.
    private var numbers: [String: Int] = [:]

    mutating func claim(_ wanted: String, unlessIn other: Names? = nil) -> String {
      var claimed = wanted
      while taken.contains(claimed) || other?.taken.contains(claimed) == true {
        let number = numbers[wanted, default: 1] + 1
        numbers[wanted] = number
        claimed = "\(wanted)_\(number)"
      }
      taken.insert(claimed)
      return claimed
    }
  }
}

/// Words that cannot be names of members.
package enum Keywords {
  /// Keywords of C up to C23, and macros of the headers that a skeleton includes.
  package static let c: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float",
    "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
    "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "_Alignas", "_Alignof",
    "_Atomic", "_Bool", "_Complex", "_Generic", "_Imaginary", "_Noreturn", "_Static_assert", "_Thread_local",
    "_Decimal128", "_Decimal32", "_Decimal64", "_BitInt", "alignas", "alignof", "bool", "constexpr", "false", "nullptr",
    "static_assert", "thread_local", "true", "typeof", "typeof_unqual", "asm", "__asm__", "__attribute__",
    "__extension__", "__inline__", "__typeof__", "__volatile__", "__const__", "__func__",
    "__alignof", "__alignof__", "__asm", "__attribute", "__builtin_offsetof", "__builtin_types_compatible_p",
    "__builtin_va_arg", "__builtin_va_list", "__complex", "__complex__", "__const", "__float128", "__imag", "__imag__",
    "__inline", "__int128", "__int128_t", "__uint128_t", "__label__", "__real", "__real__", "__restrict",
    "__restrict__", "__signed", "__signed__", "__thread", "__typeof", "__volatile", "__auto_type", "__FUNCTION__",
    "__PRETTY_FUNCTION__", "_Float16", "_Float32", "_Float32x", "_Float64", "_Float64x", "_Float128",
    // Macros of every compiler.
    "__LINE__", "__FILE__", "__DATE__", "__TIME__", "__STDC__", "__STDC_VERSION__", "__STDC_HOSTED__", "__COUNTER__",
    "__BASE_FILE__", "__INCLUDE_LEVEL__", "__TIMESTAMP__", "__FILE_NAME__", "__GNUC__", "__GNUC_MINOR__", "__VERSION__",
    "__cplusplus", "__linux__", "__linux", "__unix__", "__unix", "__ELF__", "__x86_64__", "__i386__", "__i386",
    "__aarch64__", "__arm__", "__OPTIMIZE__", "__ASSEMBLER__",
    // Macros of errno.h, stdlib.h, stdio.h and of gcc's gnu modes.
    "errno", "NULL", "stdin", "stdout", "stderr", "EOF", "linux", "unix", "i386",
  ]

  /// Keywords of C++ up to C++23 that are valid names in C.
  package static let cxxOnly: Set<String> = [
    "and", "and_eq", "bitand", "bitor", "catch", "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return",
    "co_yield", "compl", "concept", "consteval", "constinit", "const_cast", "decltype", "delete", "dynamic_cast",
    "explicit", "export", "friend", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "operator", "or",
    "or_eq", "private", "protected", "public", "reinterpret_cast", "requires", "static_cast", "template", "this",
    "throw", "try", "typeid", "typename", "using", "virtual", "wchar_t", "xor", "xor_eq",
  ]
}
