import BPF
import Bytes
import Emit
import Foundation
import Testing

/// A header whose text is kept in Tests/Golden, so that a review shows what a change of the emitter does to it.
struct GoldenHeader: Sendable, CustomTestStringConvertible {
  /// The file's name in ``folder``.
  let file: String
  let kind: HeaderOptions.Kind
  var scope: String?
  let layout: ExportedLayout
  /// What user code declares before it includes the header.
  var types = ""

  static let all: [GoldenHeader] = [
    GoldenHeader(
      file: "app.skel.h", kind: .selfContained, layout: GoldenLayouts.app, types: GoldenLayouts.appTypes),
    GoldenHeader(file: "app.split.skel.h", kind: .split, layout: GoldenLayouts.app, types: GoldenLayouts.appTypes),
    GoldenHeader(file: "app.lskel.h", kind: .light, layout: GoldenLayouts.lightApp, types: GoldenLayouts.appTypes),
    GoldenHeader(
      file: "app.split.lskel.h", kind: .lightSplit, scope: "agent/first", layout: GoldenLayouts.lightApp,
      types: GoldenLayouts.appTypes),
    GoldenHeader(
      file: "netlib.subskel.h", kind: .subskeleton, layout: GoldenLayouts.library, types: GoldenLayouts.libraryTypes),
    GoldenHeader(file: "sched.skel.h", kind: .split, scope: "nest", layout: GoldenLayouts.scheduler),
    GoldenHeader(file: "sched.subskel.h", kind: .subskeleton, layout: GoldenLayouts.scheduler),
    GoldenHeader(
      file: "hostile.skel.h", kind: .selfContained, layout: GoldenLayouts.hostile, types: GoldenLayouts.hostileTypes),
    GoldenHeader(
      file: "hostile.subskel.h", kind: .subskeleton, layout: GoldenLayouts.hostile, types: GoldenLayouts.hostileTypes),
    GoldenHeader(
      file: "hostile.lskel.h", kind: .light, layout: GoldenLayouts.lightHostile, types: GoldenLayouts.hostileTypes),
  ]

  var testDescription: String { file }

  /// The object's bytes in those headers that carry them.
  static let payload = Array("\u{7f}ELF \"payload\" \\ 1\u{1}2".utf8)

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Golden").standardized

  var url: URL { Self.folder.appendingPathComponent(file) }

  /// What the emitter makes of the layout now.
  var rendered: String {
    let options = HeaderOptions(kind: kind, scope: scope.map { PayloadScope($0)! })
    return String(decoding: Header(layout, options: options, payload: Self.payload).text().joined(), as: UTF8.self)
  }

  /// The file's text; `nil` if the file does not exist.
  var recorded: String? { try? String(contentsOf: url, encoding: .utf8) }

  /// The emitter's version that the files are of.
  static let versionFile = folder.appendingPathComponent("emitter-version")
}
