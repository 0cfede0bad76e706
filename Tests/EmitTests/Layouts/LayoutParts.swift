@testable import BPF
@testable import BTF

/// Short forms for layouts that are written by hand.
extension ExportedLayout {
  /// - Parameter edit: fills the layout, which is empty otherwise.
  static func layout(_ name: String, _ edit: (inout ExportedLayout) -> Void = { _ in }) -> ExportedLayout {
    var layout = ExportedLayout(name: name)
    edit(&layout)
    return layout
  }
}

extension ExportedLayout.Map {
  /// - Parameter identifier: `nil` where no other map takes the name.
  static func map(_ name: String, _ kind: Kind = .user, as identifier: CIdentifier? = nil) -> Self {
    .init(name: name, identifier: identifier ?? CIdentifier(name), kind: kind)
  }

  /// The map of a data section, whose member has the section's name without the dot.
  static func section(_ name: String, _ kind: Kind = .data) -> Self {
    .map(name, kind, as: CIdentifier(String(name.dropFirst())))
  }
}

extension ExportedLayout.Program {
  static func program(_ name: String, as identifier: CIdentifier? = nil) -> Self {
    .init(name: name, identifier: identifier ?? CIdentifier(name))
  }
}

extension ExportedLayout.DataSection {
  /// - Parameter identifier: `nil` for the section's name without the dot.
  static func section(
    _ name: String, as identifier: String? = nil, isTyped: Bool = true, _ variables: [ExportedLayout.Variable]
  ) -> Self {
    .init(
      name: name, identifier: CIdentifier(identifier ?? String(name.dropFirst())), variables: variables,
      isTyped: isTyped)
  }
}

extension ExportedLayout.Variable {
  /// - Parameters:
  ///   - element: the size of an array's element.
  ///   - padding: the bytes of explicit padding before the variable.
  static func variable(
    _ name: String, as identifier: CIdentifier? = nil, _ type: CDeclaration, at offset: UInt32, bytes: UInt32,
    element: UInt32 = 0, padding: UInt32 = 0, isPacked: Bool = false, isWeak: Bool = false
  ) -> Self {
    .init(
      name: name, identifier: identifier ?? CIdentifier(name), declaration: type, offsetBytes: offset,
      sizeBytes: bytes, elementBytes: element, paddingBytes: padding, isPacked: isPacked, isWeak: isWeak)
  }
}

extension CDeclaration {
  /// A type as the text before and after a variable's name: arrays and pointers to functions have both.
  static func type(_ before: String, _ after: String = "") -> CDeclaration {
    CDeclaration(before: before, after: after, needsTypeof: !after.isEmpty)
  }

  /// A 128-bit integer, for which 32-bit compilers have no name.
  static let int128 = type(
    """
    #ifdef __SIZEOF_INT128__
    __int128
    #else
    struct { unsigned char bytes[16]; } __attribute__((aligned(16)))
    #endif

    """)
}

extension [CIdentifier] {
  /// The identifiers that members of one struct get, in the order in which they claim them.
  static func claimed(_ names: String...) -> [CIdentifier] {
    var scope = CIdentifier.Scope()
    return names.map { scope.claim($0) }
  }
}
