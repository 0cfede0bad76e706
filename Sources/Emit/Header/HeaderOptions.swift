/// Everything except the layout that the text of a header depends on.
package struct HeaderOptions: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    /// Owns and loads the object; the header contains the bytes.
    case selfContained
    /// Owns and loads the object; a linked payload contains the bytes.
    case split
    /// A library's view into the final that contains it.
    case subskeleton
    /// Loads the object without libbpf; the header contains the loader.
    case light
    /// The same; a linked payload contains the loader.
    case lightSplit

    /// Whether the header contains bytes, and is rewritten when they change.
    package var isSelfContained: Bool { self == .selfContained || self == .light }
    package var isLight: Bool { self == .light || self == .lightSplit }
    /// Whether a linked payload contains the bytes.
    package var hasPayload: Bool { self == .split || self == .lightSplit }
  }

  package let kind: Kind
  /// The scope in the linker names of the payload; `nil` for a header without a payload.
  package let scope: PayloadScope?
  /// Whether code in a shared library uses the payload of the program that loads it; false for a header without a
  /// payload.
  package let isShared: Bool

  package init(kind: Kind, scope: PayloadScope? = nil, isShared: Bool = false) {
    self.kind = kind
    self.scope = kind.hasPayload ? scope : nil
    self.isShared = kind.hasPayload && isShared
  }
}
