import BPFObject
import Incr
import Testing

@testable import Emit

/// A header of an equal layout id is left alone on disk, whatever the text would be now: so a new text needs a new id.
@Suite("The emitter's version")
struct EmitterVersionTests {
  static let payload = Array("\u{7f}ELF \"payload\" \\ 1\u{1}2".utf8)

  /// The version that these texts are of, and what each kind of header of ``SampleLayout/everything`` hashes to.
  static let pinnedVersion = 1
  static let pinned: [(kind: HeaderOptions.Kind, fingerprint: String)] = [
    (.selfContained, "8b665bad5bc90ca6fb75d5c88bd4c8aa"), (.split, "9ddb1ed7fb72170cbf8f8072755440fe"),
    (.subskeleton, "24b5d698b5366f580bca877840ff4633"), (.light, "09e81e3746d239337ef2634fc2ca3c7a"),
    (.lightSplit, "69dc28e7a17678eae2bddc11b149520c"),
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
