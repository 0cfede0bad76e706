/// What a header is for, beside the layout: everything else that its text depends on.
package struct HeaderOptions: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    /// Owns and loads the object; the bytes are in the header itself.
    case selfContained
    /// Owns and loads the object; the bytes are in a payload that is linked in.
    case split
    /// A library's view into whatever final it was linked into.
    case subskeleton
    /// Loads the object without libbpf, by a loader that is in the header itself.
    case light
    /// The same with the loader in a payload that is linked in.
    case lightSplit

    /// Whether the header carries bytes, and is made anew when they change.
    package var isSelfContained: Bool { self == .selfContained || self == .light }
    package var isLight: Bool { self == .light || self == .lightSplit }
    /// Whether the bytes are in a payload that is linked in.
    package var hasPayload: Bool { self == .split || self == .lightSplit }
  }

  package let kind: Kind
  /// What the linker names of the payload have beside name and layout id; `nil` for a header without a payload.
  package let scope: PayloadScope?
  /// Whether code in a shared library finds the payload in the program that loads it; false for a header without a payload.
  package let isShared: Bool

  package init(kind: Kind, scope: PayloadScope? = nil, isShared: Bool = false) {
    self.kind = kind
    self.scope = kind.hasPayload ? scope : nil
    self.isShared = kind.hasPayload && isShared
  }
}
