import Bytes
import Testing

@testable import Emit

@Suite("Payloads in C")
struct PayloadSourceTests {
  private static let symbols = PayloadSymbols(name: "app", layoutID: Fingerprint(high: 1, low: 2), scope: nil)

  private static func text(_ payload: [UInt8], _ file: String) -> String {
    String(decoding: PayloadSource(symbols: symbols, payload: payload, fileName: file).text().joined(), as: UTF8.self)
  }

  @Test("read the object when they are compiled, and check its size")
  func whole() {
    let end = "of_layout_00000000000000010000000000000002"
    let (start, size) = ("app_payload_\(end)", "app_payload_size_\(end)")
    #expect(
      Self.text([1, 2, 3], "app.bpf.o") == """
        /* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
        /* Made by bpfgen. Compile it with -Wa,-I, and the folder of the file that .incbin names, and without LTO (-fno-lto).
         * payload \(Fingerprint(of: [1, 2, 3]))
         */
        __asm__(
        \t".pushsection .rodata.bpfgen, \\"a\\"\\n"
        \t".balign 8\\n"
        \t".globl \(size)\\n"
        \t".hidden \(size)\\n"
        \t"\(size):\\n"
        \t".8byte .L\(start)_end - \(start)\\n"
        \t".globl \(start)\\n"
        \t".hidden \(start)\\n"
        \t"\(start):\\n"
        \t".incbin \\"app.bpf.o\\"\\n"
        \t".L\(start)_end:\\n"
        \t".if .L\(start)_end - \(start) - 3\\n"
        \t".error \\"app.bpf.o is not the file that bpfgen read: put its folder first, or generate again\\"\\n"
        \t".endif\\n"
        \t".popsection\\n"
        );

        """)
  }

  @Test("depend on the object's bytes, even if the size is the same")
  func bytes() {
    #expect(Self.text([1, 2], "app.bpf.o") != Self.text([1, 3], "app.bpf.o"))
  }

  /// Names of files, and how they are within the C string.
  static let names: [(name: String, text: String)] = [
    ("app.bpf.o", "\".incbin \\\"app.bpf.o\\\"\\n\""), ("a\"b", "\".incbin \\\"a\\\\042b\\\"\\n\""),
    ("a\\b", "\".incbin \\\"a\\\\134b\\\"\\n\""), ("größe", "\".incbin \\\"gr\\\\303\\\\266\\\\303\\\\237e\\\"\\n\""),
    ("a\nb", "\".incbin \\\"a\\\\012b\\\"\\n\""),
  ]

  @Test("escape the object's name for the assembler, within a literal that the compiler reads", arguments: names)
  func name(_ name: String, _ line: String) {
    #expect(Self.text([], name).contains("\n\t\(line)\n"))
  }

  @Test(
    "name the object without its folder", arguments: [("app.o", "app.o"), ("a/b/app.o", "app.o"), ("/app.o", "app.o")])
  func folder(_ path: String, _ name: String) { #expect(PayloadSource.fileName(of: path) == name) }

  @Test("are recognized as bpfgen's by their first lines, but not as headers")
  func signature() {
    let source = Array(Self.text([1], "app.o").utf8)
    #expect(String(decoding: source, as: UTF8.self).contains("/* \(PayloadSource.marker)"))
    #expect(!String(decoding: source, as: UTF8.self).contains(Banner.marker))
  }
}
