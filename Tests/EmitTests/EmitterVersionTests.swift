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
    (.selfContained, "6a9cae3a0ebfe76c719169a219db3ced"), (.split, "d133ece7704a70a58f42d7943857b1ec"),
    (.subskeleton, "9f705b1188d1b0341fdf4e9e102fd748"), (.light, "a8ec038753783e9d37294c828885babf"),
    (.lightSplit, "32ece4b6e6b6cdccff0a2ae147cddc85"),
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
