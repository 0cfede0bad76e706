import BPF
import Bytes

@testable import Emit

/// The output of a block.
func cText(_ block: (inout CWriter) -> Void) -> String {
  var writer = CWriter()
  block(&writer)
  return String(decoding: writer.rope.joined(), as: UTF8.self)
}

/// The whole text of a header.
func headerText(_ layout: ExportedLayout, _ kind: HeaderOptions.Kind) -> String {
  String(decoding: Header(layout, options: HeaderOptions(kind: kind), payload: [1, 2]).text().joined(), as: UTF8.self)
}

/// How a layout changes a header's text.
struct TextCase: Sendable, CustomStringConvertible {
  let description: String
  let layout: ExportedLayout
  /// Texts that the header must contain, and texts that it must not contain.
  var has: [String] = []
  var lacks: [String] = []

  init(
    _ description: String, has: [String] = [], lacks: [String] = [],
    _ edit: (inout ExportedLayout) -> Void = { _ in }
  ) {
    self.description = description
    layout = .layout("app", edit)
    self.has = has
    self.lacks = lacks
  }

  /// The texts that are missing, and those that should be.
  func faults(in text: String) -> [String] {
    has.filter { !text.contains($0) }.map { "missing: \($0)" } + lacks.filter(text.contains).map { "present: \($0)" }
  }
}

extension HeaderOptions.Kind {
  static let every = (0...UInt8.max).compactMap(HeaderOptions.Kind.init(rawValue:))
}
