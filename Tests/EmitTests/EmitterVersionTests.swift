import BPFObject
import Incr
import Testing

@testable import Emit

/// A header of an equal layout id is left alone on disk, whatever the text would be now: so a new text needs a new id.
@Suite("The emitter's version")
struct EmitterVersionTests {
  static let payload = Array("\u{7f}ELF \"payload\" \\ 1\u{1}2".utf8)

  /// The version that these texts are of, and what each kind of header of ``SampleLayout/everything`` hashes to.
  static let pinnedVersion = 2
  static let pinned: [(kind: HeaderOptions.Kind, fingerprint: String)] = [
    (.selfContained, "f7e2b393431d935937cfd36a3d3b7dc5"), (.split, "510fd441ab6cb5f4bb65cf248da04b3f"),
    (.subskeleton, "44bf862d2ba1e91f87723dc78b2d6d35"), (.light, "7352779ad42bc3fb7e1a309c10b129ad"),
    (.lightSplit, "695d42836248189b1b31071a2551e1ca"),
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
