import Foundation
import Testing

@testable import Emit

/// The text of headers, in files that a review shows. `BPFGEN_UPDATE_GOLDEN=1 swift test --filter Golden` writes them.
///
/// A header on disk is not written again when its layout id is the same, even if the text would differ: a new text needs a new id, and
/// ``emitterVersion`` is a part of each.
@Suite("Golden headers")
struct GoldenHeaderTests {
  private static let isUpdate = ProcessInfo.processInfo.environment["BPFGEN_UPDATE_GOLDEN"] == "1"
  private static let howToUpdate = "run BPFGEN_UPDATE_GOLDEN=1 swift test --filter Golden"

  @Test("are byte for byte what the emitter writes", arguments: GoldenHeader.all)
  func text(_ golden: GoldenHeader) throws {
    let rendered = golden.rendered
    guard let recorded = golden.recorded else {
      if Self.isUpdate { return try Self.write(rendered, to: golden.url) }
      Issue.record("Tests/Golden/\(golden.file) is missing: \(Self.howToUpdate)")
      return
    }
    let comparison = HeaderComparison(recorded: recorded, rendered: rendered)
    switch comparison.difference {
    case nil: break
    case .otherText:
      Issue.record(
        """
        Tests/Golden/\(golden.file): another text for the same layout id: raise emitterVersion, then update the golden \
        headers (\(Self.howToUpdate))
        \(comparison.firstLines)
        """)
    case .otherID where Self.isUpdate: try Self.write(rendered, to: golden.url)
    case .otherID:
      Issue.record(
        """
        Tests/Golden/\(golden.file): the layout or emitterVersion changed: update the golden headers (\(Self.howToUpdate))
        \(comparison.firstLines)
        """)
    }
  }

  @Test("have the emitter's version")
  func version() throws {
    let text = "\(emitterVersion)\n"
    if Self.isUpdate { return try Self.write(text, to: GoldenHeader.versionFile) }
    #expect(
      try String(contentsOf: GoldenHeader.versionFile, encoding: .utf8) == text,
      "emitterVersion is \(emitterVersion): update the golden headers (\(Self.howToUpdate))")
  }

  @Test("are all the files in their folder")
  func files() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: GoldenHeader.folder.path)
    let wanted = GoldenHeader.all.map(\.file) + [GoldenHeader.versionFile.lastPathComponent]
    #expect(Set(files).subtracting(wanted).isEmpty, "no test compares these: remove them")
    #expect(Set(wanted).count == wanted.count)
  }

  @Test(
    "compile without a warning", .enabled(if: CCompiler.path != nil, "SKIPPED: no C compiler"),
    arguments: GoldenHeader.all, CCompiler.Language.all)
  func compile(_ golden: GoldenHeader, _ language: CCompiler.Language) throws {
    #expect(throws: Never.self) { try CCompiler.check(golden.rendered, after: golden.types, language) }
  }

  @Test("together have every feature of the sample layout")
  func features() {
    let golden = Set(GoldenHeader.all.flatMap { LayoutFeatures.of($0.layout) })
    #expect(LayoutFeatures.of(SampleLayout.everything).subtracting(golden).isEmpty)
    #expect(Set(GoldenHeader.all.map(\.kind)) == Set(HeaderOptions.Kind.every))
  }

  private static func write(_ text: String, to url: URL) throws {
    try FileManager.default.createDirectory(at: GoldenHeader.folder, withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }
}

/// The messages of ``GoldenHeaderTests``.
@Suite("Comparisons of golden headers")
struct HeaderComparisonTests {
  private static func header(id: Character, body: Character, _ lines: String...) -> String {
    """
    /* License */
    /* Made
     * layout  \(String(repeating: id, count: 32))
     * body    \(String(repeating: body, count: 32))
     */
    \(lines.joined(separator: "\n"))

    """
  }

  @Test("equal texts have no difference")
  func equal() {
    let text = Self.header(id: "a", body: "b", "one")
    #expect(HeaderComparison(recorded: text, rendered: text).difference == nil)
  }

  @Test("another text under the same id is reported as such, with the first lines that differ")
  func otherText() {
    let comparison = HeaderComparison(
      recorded: Self.header(id: "a", body: "b", "one", "two", "three"),
      rendered: Self.header(id: "a", body: "c", "one", "2", "three"))
    #expect(comparison.difference == .otherText)
    #expect(comparison.firstLines == "line 7:\n-two\n-three\n-\n+2\n+three\n+")
  }

  @Test("an id that differs is not reported as a different line, wherever the text has it")
  func otherID() {
    let (a, b) = (String(repeating: "a", count: 32), String(repeating: "b", count: 32))
    let comparison = HeaderComparison(
      recorded: Self.header(id: "a", body: "1", "of_layout_\(a)", "two"),
      rendered: Self.header(id: "b", body: "2", "of_layout_\(b)", "two", "three"))
    #expect(comparison.difference == .otherID)
    #expect(comparison.firstLines == "line 8:\n-\n+three\n+")
  }
}
