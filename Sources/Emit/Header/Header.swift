package import BPF
package import Bytes

/// A generated header: a pure function of the layout, the options and, if it contains them, the object's bytes.
package struct Header: Sendable {
  package let layout: ExportedLayout
  package let options: HeaderOptions
  package let banner: Banner
  private let payload: [UInt8]

  /// - Parameter payload: the object's bytes, or a light skeleton's; used by self-contained headers only.
  package init(_ layout: ExportedLayout, options: HeaderOptions, payload: [UInt8] = []) {
    self.layout = layout.projected(for: options.kind)
    self.options = options
    self.payload = options.kind.isSelfContained ? payload : []
    banner = Banner(
      layout: layout.id(for: options), payload: options.kind.isSelfContained ? Fingerprint(of: payload) : nil)
  }

  /// The linker names of the payload, if the header has one.
  package var payloadSymbols: PayloadSymbols? {
    guard options.kind.hasPayload else { return nil }
    return PayloadSymbols(name: layout.name, layoutID: banner.layout, scope: options.scope, isShared: options.isShared)
  }

  /// The whole text. O(layout + payload).
  package func text() -> ByteRope {
    var writer = CWriter()
    let guardName = "__\(layout.name.uppercased())_\(options.kind.guardWord)_H__"
    writer.directive("#ifndef \(guardName)")
    writer.directive("#define \(guardName)")
    writer.blank()
    HeaderBlocks.neededTypes(layout, &writer)
    includes(&writer)
    writer.blank()
    HeaderBlocks.cxxNameCheck(layout, &writer, members: options.kind.isLight ? ["ctx"] : [])
    HeaderBlocks.allowingTypes(of: layout, &writer) { blocks(&$0) }
    writer.blank()
    writer.directive("#endif /* \(guardName) */")
    let body = writer.rope
    var text = ByteRope(banner.text(body: body))
    text.append(body)
    return text
  }

  private func blocks(_ writer: inout CWriter) {
    switch options.kind {
    case .selfContained, .split:
      SkeletonBlocks(layout: layout, symbols: payloadSymbols, embedded: options.kind == .selfContained ? payload : nil)
        .write(&writer)
    case .subskeleton:
      SubskeletonBlocks(layout: layout).write(&writer)
    case .light, .lightSplit:
      LightSkeletonBlocks(layout: layout, symbols: payloadSymbols, embedded: options.kind == .light ? payload : nil)
        .write(&writer)
    }
  }

  private func includes(_ writer: inout CWriter) {
    guard !options.kind.isLight else { return LightSkeletonBlocks.includes(layout, &writer) }
    writer.directive("#include <errno.h>")
    writer.directive("#include <stdlib.h>")
    if options.kind == .subskeleton { writer.directive("#include <string.h>") }
    writer.directive("#include <bpf/libbpf.h>")
  }
}

extension HeaderOptions.Kind {
  fileprivate var guardWord: String {
    switch self {
    case .selfContained, .split: "SKEL"
    case .subskeleton: "SUBSKEL"
    case .light, .lightSplit: "LSKEL"
    }
  }
}
