import BPF
import Bytes
import Testing

@testable import Emit

/// By its banner a run recognizes an intact header of its own, without any other record.
@Suite("Banners")
struct BannerTests {
  private static func header(_ kind: HeaderOptions.Kind, payload: [UInt8] = [1, 2, 3], name: String = "sample")
    -> Header
  {
    var layout = SampleLayout.everything
    layout.name = name
    return Header(layout, options: HeaderOptions(kind: kind), payload: payload)
  }

  @Test("contain the layout, the payload if the header has its bytes, and the body")
  func text() {
    let (layout, payload, body) = (
      Fingerprint(high: 0, low: 10), Fingerprint(high: 0, low: 11), Fingerprint(of: "body\n")
    )
    let zeros = String(repeating: "0", count: 31)
    #expect(
      Banner(layout: layout, payload: payload).text(body: ByteRope("body\n")) == """
        /* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
        /* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
         * layout  \(zeros)a
         * payload \(zeros)b
         * body    \(body)
         */

        """)
    #expect(!Banner(layout: layout).text(body: ByteRope("body\n")).contains("payload"))
  }

  @Test("have a payload exactly if the header has its bytes", arguments: HeaderOptions.Kind.every)
  func payload(_ kind: HeaderOptions.Kind) {
    let banner = Header(.layout("app"), options: HeaderOptions(kind: kind), payload: [1]).banner
    #expect(banner.payload == (kind.isSelfContained ? Fingerprint(of: [1]) : nil))
  }

  @Test(
    "are on the header that they were written for", arguments: [HeaderOptions.Kind.selfContained, .split, .subskeleton])
  func own(_ kind: HeaderOptions.Kind) {
    let header = Self.header(kind)
    #expect(header.banner.isOn(header.text().joined()))
  }

  @Test("do not match a header with a changed, added or removed byte")
  func everyByte() {
    let header = Self.header(.subskeleton)
    let text = header.text().joined()
    for index in text.indices {
      var edited = text
      edited[index] ^= 1
      if header.banner.isOn(edited) { Issue.record("byte \(index) may be changed") }
    }
    for length in 0..<text.count where header.banner.isOn(Array(text[..<length])) {
      Issue.record("\(length) bytes are enough")
    }
    #expect(!header.banner.isOn(text + [10]) && !header.banner.isOn([10] + text) && !header.banner.isOn([]))
  }

  @Test("do not match headers of another kind, name or payload")
  func others() {
    let headers = [
      Self.header(.selfContained), Self.header(.selfContained, payload: [1, 2, 4]), Self.header(.split),
      Self.header(.subskeleton), Self.header(.split, name: "other"),
    ]
    for (left, header) in headers.enumerated() {
      for (right, other) in headers.enumerated() where left != right {
        #expect(!header.banner.isOn(other.text().joined()), "\(left) on \(right)")
      }
    }
  }

  @Test("do not depend on the payload of a split header")
  func splitPayload() {
    #expect(Self.header(.split).text().joined() == Self.header(.split, payload: [9]).text().joined())
  }

  @Test("a layout's id depends on every fact that its header shows")
  func facts() {
    let edits: [(what: String, edit: (inout ExportedLayout) -> Void, kinds: [Bool])] = [
      ("name", { $0.name = "other" }, [true, true]), ("a map's name", { $0.maps[0].name = "other" }, [true, true]),
      ("the order of maps", { $0.maps.swapAt(0, 1) }, [true, true]),
      ("a program less", { $0.programs.removeLast() }, [true, true]),
      ("a variable's offset", { $0.sections[0].variables[1].offsetBytes = 12 }, [true, false]),
      ("a variable's padding", { $0.sections[0].variables[1].paddingBytes = 0 }, [true, false]),
      ("a variable's size", { $0.sections[0].variables[1].sizeBytes = 4 }, [true, true]),
      ("a variable's weakness", { $0.sections[3].variables[0].isWeak = false }, [false, true]),
      ("a section that BTF describes", { $0.sections[5].isTyped = true }, [false, true]),
      ("the size of an array's element", { $0.sections[1].variables[0].elementBytes = 2 }, [false, true]),
      ("a needed type", { $0.neededTypes.removeLast() }, [true, true]),
      ("a shadow's member", { $0.structOps[0].members.removeLast() }, [true, true]),
    ]
    for (what, edit, kinds) in edits {
      var changed = SampleLayout.everything
      edit(&changed)
      for (kind, isNoticed) in zip([HeaderOptions.Kind.split, .subskeleton], kinds) {
        let options = HeaderOptions(kind: kind)
        let headers = [SampleLayout.everything, changed].map { Header($0, options: options) }
        #expect((headers[0].banner != headers[1].banner) == isNoticed, "\(what), \(kind): the id")
        let bodies = headers.map {
          String(decoding: $0.text().joined(), as: UTF8.self).split(separator: "#ifndef", maxSplits: 1)[1]
        }
        let withoutID = zip(bodies, headers).map { $0.replacing($1.banner.layout.description, with: "") }
        #expect((withoutID[0] != withoutID[1]) == isNoticed, "\(what), \(kind): the text")
      }
    }
  }
}
