/// What a generated header offers the C code that includes it.
///
/// A value, read out of the compiler by ``HeaderInterface/init(header:name:types:)`` and compared by
/// ``HeaderInterface/missing(from:)``.
struct HeaderInterface: Codable, Equatable, Sendable {
  /// A member that a user can reach, or padding that has a name.
  struct Member: Codable, Equatable, Sendable {
    /// As C code writes it: `maps.events`, `config.limits.low`; `[]` goes into an array of structs without a name,
    /// `->` through a pointer to one.
    var path: String
    /// As clang spells it, without the position in the file that it gives to anonymous structs.
    var type: String
    /// From the start of the record; after `->`, of the record that is pointed to; after `[]`, of the element.
    var offsetBits: Int

    /// Whether it only moves the next member to its offset: headers may differ in where they spell that out.
    var isPadding: Bool { path.hasPrefix("__pad") }

    /// In a data section's struct: whether this is a variable, and not padding or part of one.
    var isVariable: Bool {
      !isPadding && path.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
    }
  }

  /// `struct N` or one of the `struct N__…` that a header for `N` defines.
  ///
  /// A member's size follows from its type: both headers are compiled after the same type declarations.
  struct Record: Codable, Equatable, Sendable {
    var name: String
    var sizeBytes: Int
    var members: [Member]
  }

  /// A function whose name starts with `N__`, or in C++ a member function of `N`.
  struct Function: Codable, Equatable, Sendable {
    /// `N__open`; in C++ also `N::open`.
    var name: String
    /// Return and parameter types without the parameters' names: `static struct N *(const struct opts *)`.
    var prototype: String
  }

  /// In the order of the compiler's dump.
  var records: [Record]
  /// In the order of the header.
  var functions: [Function]
}
