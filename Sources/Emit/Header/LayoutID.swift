package import BPF
internal import BTF
package import Bytes

/// The version of the generated text. It is raised whenever a line of any header changes, and every header is then
/// written again.
package let emitterVersion = 3

extension ExportedLayout {
  /// The part of the layout that a header of this kind shows: other facts must not cause it to be rewritten.
  func projected(for kind: HeaderOptions.Kind) -> ExportedLayout {
    var layout = self
    if !kind.isLight { layout.loader = nil }
    if kind == .subskeleton {
      layout.sections.removeAll { $0.isArena }
      // Determined by the offsets.
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
