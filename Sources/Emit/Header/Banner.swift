package import Bytes

/// The first lines of a header, with the id of its layout and a hash of its body, so that a later run recognizes an
/// intact header without any other record.
package struct Banner: Hashable, Sendable {
  /// The layout id.
  package var layout: Fingerprint
  /// The fingerprint of the object's bytes, if the header contains them.
  package var payload: Fingerprint?

  package init(layout: Fingerprint, payload: Fingerprint? = nil) {
    self.layout = layout
    self.payload = payload
  }

  static let marker = "Made by bpfgen from a BPF object."
  private static let bodyLabel = " * body    "

  private var beforeBody: String {
    var text = """
      /* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
      /* \(Banner.marker) Edits are lost: it is made again when the object's layout changes.
       * layout  \(layout)

      """
    if let payload { text += " * payload \(payload)\n" }
    return text + Banner.bodyLabel
  }

  private static let end = "\n */\n"

  /// The banner of a header with this body.
  func text(body: ByteRope) -> String { beforeBody + Fingerprint(of: body).description + Banner.end }

  /// Whether the bytes are a header with this banner and an unchanged body.
  package func isOn(_ header: [UInt8]) -> Bool {
    let front = Array(beforeBody.utf8)
    let end = Array(Banner.end.utf8)
    let bodyStart = front.count + 32 + end.count
    guard header.count >= bodyStart, header.starts(with: front),
      header[front.count + 32..<bodyStart].elementsEqual(end),
      let body = Fingerprint(hex: String(decoding: header[front.count..<front.count + 32], as: UTF8.self))
    else { return false }
    return Fingerprint(of: header.span.extracting(bodyStart...)) == body
  }
}
