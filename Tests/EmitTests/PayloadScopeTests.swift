import BPF
import Bytes
import SeededRandom
import Testing

@testable import Emit

@Suite("Scopes of payloads")
struct PayloadScopeTests {
  private static func header(_ kind: HeaderOptions.Kind, _ scope: String?) -> Header {
    var layout = SampleLayout.everything
    layout.loader = .init(
      programs: layout.programs.map { _ in .init(isLoaded: true, attachment: .manual) },
      sections: layout.sections.map { _ in .init(isMapped: true, isReadOnly: false) })
    return Header(layout, options: HeaderOptions(kind: kind, scope: scope.flatMap { PayloadScope($0) }), payload: [1])
  }

  @Test(
    "change the headers that have a payload, and no others",
    arguments: [HeaderOptions.Kind.selfContained, .split, .subskeleton, .light, .lightSplit])
  func kinds(_ kind: HeaderOptions.Kind) {
    let (none, one) = (Self.header(kind, nil), Self.header(kind, "one"))
    #expect((none.text().joined() == one.text().joined()) == !kind.hasPayload)
    #expect((none.banner.layout == one.banner.layout) == !kind.hasPayload)
    #expect((none.payloadSymbols == nil) == !kind.hasPayload)
  }

  @Test("that differ in a byte have different linker names, each a short C identifier")
  func names() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let pieces = ["a", "::", "//", ":", "+", "-", "_", " ", "\u{e9}", "e\u{301}", "\"", "\\", "*/", "$", "\u{1f41d}"]
    var scopes: [[UInt8]: PayloadSymbols] = [:]
    for _ in 0..<300 {
      let text = (0..<Int.random(in: 1...80, using: &random)).map { _ in pieces.randomElement(using: &random)! }
        .joined()
      scopes[Array(text.utf8)] = Self.header(.split, text).payloadSymbols
    }
    #expect(Set(scopes.values).count == scopes.count, "seed \(seed)")
    for symbols in scopes.values {
      for name in [symbols.start, symbols.size] {
        #expect(
          name.utf8.count < 200 && name.wholeMatch(of: #/[A-Za-z_][A-Za-z0-9_]*/#) != nil, "seed \(seed): \(name)")
      }
    }
  }

  @Test("a payload for shared libraries has its own names, and its header looks them up in the program")
  func shared() {
    for kind in [HeaderOptions.Kind.selfContained, .split, .subskeleton] {
      let plain = Header(SampleLayout.everything, options: HeaderOptions(kind: kind), payload: [1])
      let shared = Header(SampleLayout.everything, options: HeaderOptions(kind: kind, isShared: true), payload: [1])
      #expect((plain.banner.layout != shared.banner.layout) == kind.hasPayload)
      let text = String(decoding: shared.text().joined(), as: UTF8.self)
      #expect(text.contains("visibility(\"default\")") == kind.hasPayload && !text.contains("visibility(\"hidden\")"))
      #expect(!String(decoding: plain.text().joined(), as: UTF8.self).contains("visibility(\"default\")"))
    }
  }

  @Test("are not empty, have no control characters, and are valid UTF-8")
  func refused() {
    for text in ["", "\n", "a\tb", "\u{7f}", "\0", String(decoding: [0x61, 0xff], as: UTF8.self)] {
      #expect(PayloadScope(text) == nil, "\(text.debugDescription)")
    }
  }
}
