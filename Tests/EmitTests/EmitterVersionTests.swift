import BPFObject
import Incr
import Testing

@testable import Emit

/// A header of an equal layout id is left alone on disk, whatever the text would be now: so a new text needs a new id.
@Suite("The emitter's version")
struct EmitterVersionTests {
  static let payload = Array("\u{7f}ELF \"payload\" \\ 1\u{1}2".utf8)

  /// The version that these texts are of, and what each kind of header of ``SampleLayout/everything`` hashes to.
  static let pinnedVersion = 3
  static let pinned: [(kind: HeaderOptions.Kind, fingerprint: String)] = [
    (.selfContained, "b218ba833c397f312b48414ba8297777"), (.split, "4bc517d0f1dffcd1a55dfe5075904275"),
    (.subskeleton, "3186e3a075944fc49ab39c19a75d06d7"), (.light, "b80f54124d53715b33d30dbbad0c680b"),
    (.lightSplit, "4862af0b609b8d69a7ec890b29a6f279"),
  ]

  @Test("goes up with every change of a header's text", arguments: pinned)
  func texts(_ kind: HeaderOptions.Kind, _ fingerprint: String) {
    var layout = SampleLayout.everything
    // Only a light skeleton shows it.
    layout.loader = ExportedLayout.Loader(
      programs: layout.programs.enumerated().map { index, _ in
        [
          .init(isLoaded: false, attachment: .iterator), .init(isLoaded: true, attachment: .rawTracepoint("a \"?\"")),
          .init(isLoaded: true, attachment: .tracing), .init(isLoaded: true, attachment: .manual),
        ][index % 4]
      },
      sections: layout.sections.enumerated().map { .init(isMapped: $0.offset != 1, isReadOnly: $0.offset == 0) })
    let header = Header(layout, options: HeaderOptions(kind: kind), payload: Self.payload)
    let now = Fingerprint(of: header.text()).description
    if emitterVersion == Self.pinnedVersion {
      #expect(now == fingerprint, "the text changed: raise emitterVersion, then pin the new texts here")
    } else {
      Issue.record("emitterVersion is \(emitterVersion): pin it here, and for \(kind) \"\(now)\"")
    }
  }
}
