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
    (.selfContained, "07b3838ff855311ca4122796ffd168b6"), (.split, "6432f3bd61eacc5364bdb33583f6fb70"),
    (.subskeleton, "a36c9638f95eb4bef22c64fbf9e27f26"), (.light, "34dca8faf2c8fb78592f4d3c68c0a52e"),
    (.lightSplit, "50c2a5593c3a181a46e921d517f9b6d5"),
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
