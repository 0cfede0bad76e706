internal import Bytes

/// A C declaration without its name: `before` name `after`, as in `int (*` name `)[3]`.
///
/// The text may have several lines if it spells out an anonymous struct; inner lines are indented by tabs relative to
/// the declaration's first line.
package struct CDeclaration: Hashable, Sendable {
  package let before: String
  package let after: String
  /// Whether a pointer to it must be spelled with `__typeof__`, as bpftool does: true for arrays and pointers to
  /// functions.
  package let needsTypeof: Bool

  /// The declaration of a value of this type.
  package func named(_ name: String) -> String {
    let gap = name.isEmpty || "*(\n".contains(before.last ?? " ") ? "" : " "
    return before + gap + name + after
  }

  /// The declaration of a pointer to a value of this type.
  package func pointer(named name: String) -> String {
    if needsTypeof { return "__typeof__(" + (before.hasPrefix("#") ? "\n" : "") + named("") + ") *" + name }
    return named("*" + name)
  }

  /// The same pointer declared without `__typeof__`: `int (*name)[3]`.
  package func declarator(ofPointer name: String) -> String {
    // What directly follows the name, an array's brackets or a function's parentheses, binds more tightly than the
    // star.
    after.hasPrefix("[") || after.hasPrefix("(") ? before + " (*" + name + ")" + after : named("*" + name)
  }

  /// Whether the text defines a type with the attribute `packed`.
  package var isPacked: Bool { before.containsBytes(of: "__attribute__((packed") }

  /// Whether the text contains an array without elements.
  package var hasEmptyArray: Bool { before.containsBytes(of: "[0]") || after.containsBytes(of: "[0]") }

  /// Whether the text defines an anonymous type.
  package var spellsOutType: Bool { before.utf8.contains(UInt8(ascii: "{")) || after.utf8.contains(UInt8(ascii: "{")) }
}

/// A type that a header refers to by name and does not define.
package struct NamedType: Hashable, Sendable, Comparable {
  package enum Keyword: String, Hashable, Sendable {
    case structure = "struct"
    case union = "union"
    case enumeration = "enum"
    /// A typedef, or a base type that is not a C keyword (`u32` of another language's compiler).
    case typedef = ""
  }

  package let keyword: Keyword
  package let name: String
  /// `false` if the header only uses pointers to it: a forward declaration is enough, and the header writes it.
  package let complete: Bool
  /// The largest alignment, in bytes, for which anonymous types that contain it have the object's layout; `nil`: any.
  package var largestAlignment: UInt32?

  package init(keyword: Keyword, name: String, complete: Bool, largestAlignment: UInt32? = nil) {
    self.keyword = keyword
    self.name = name
    self.complete = complete
    self.largestAlignment = largestAlignment
  }

  /// The type as C spells it.
  package var spelling: String { keyword == .typedef ? name : keyword.rawValue + " " + name }

  package static func < (left: NamedType, right: NamedType) -> Bool {
    (left.spelling, left.complete ? 1 : 0) < (right.spelling, right.complete ? 1 : 0)
  }
}
