package import BPF
internal import BTF
package import Bytes

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

/// The version of the generated text: it goes up whenever a line of any header changes, and every header is made anew.
package let emitterVersion = 3

extension ExportedLayout {
  /// What a header of this kind shows of the layout: facts that it does not show must not rewrite it.
  func projected(for kind: HeaderOptions.Kind) -> ExportedLayout {
    var layout = self
    if !kind.isLight { layout.loader = nil }
    if kind == .subskeleton {
      layout.sections.removeAll { $0.isArena }
      // It follows from the offsets.
      for index in layout.neededTypes.indices { layout.neededTypes[index].largestAlignment = nil }
    }
    for index in layout.sections.indices {
      switch kind {
      case .selfContained, .split, .light, .lightSplit:
        layout.sections[index].isTyped = true
        for variable in layout.sections[index].variables.indices {
          layout.sections[index].variables[variable].isWeak = false
          layout.sections[index].variables[variable].elementBytes = 0
        }
      case .subskeleton:
        for variable in layout.sections[index].variables.indices {
          layout.sections[index].variables[variable].offsetBytes = 0
          layout.sections[index].variables[variable].paddingBytes = 0
          layout.sections[index].variables[variable].isPacked = false
        }
      }
    }
    return layout
  }

  /// The layout id of this layout's header: equal ids give equal headers. O(layout).
  package func id(for options: HeaderOptions) -> Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(emitterVersion)
    encoder.add(options.kind.rawValue | (options.isShared ? 0x80 : 0))
    encoder.add(options.scope?.text)
    projected(for: options.kind).encode(into: &encoder)
    return encoder.fingerprint
  }
}
