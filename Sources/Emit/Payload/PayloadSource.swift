package import Bytes
internal import Files

/// The C file that includes a BPF object's bytes, for toolchains that cannot link a ready object (LTO-only, other
/// formats).
///
/// The assembler reads the bytes when the file is compiled. Their fingerprint is in a comment, so that the file
/// changes, and is compiled again, whenever they do.
package struct PayloadSource: Sendable {
  package let symbols: PayloadSymbols
  package let payload: Fingerprint
  package let payloadSizeBytes: Int
  /// The name, without a folder, of the file with the bytes: the assembler searches for it through `-I`.
  package let fileName: String

  /// The name of an object in such a file: without its folder, which is the assembler's `-I`.
  package static func fileName(of object: String) -> String {
    object.split(at: "/").last.map(String.init) ?? object
  }

  package init(symbols: PayloadSymbols, payload: [UInt8], fileName: String) {
    self.symbols = symbols
    self.payload = Fingerprint(of: payload)
    payloadSizeBytes = payload.count
    self.fileName = fileName
  }

  static let marker = "Made by bpfgen. Compile it with"

  package func text() -> ByteRope {
    let visibility = symbols.isShared ? ".protected" : ".hidden"
    // Assembly inside a C string: the file's name is escaped for the assembler, and then each line for C.
    let assembly = [
      ".pushsection .rodata.bpfgen, \"a\"",
      ".balign 8",
      ".globl \(symbols.size)",
      "\(visibility) \(symbols.size)",
      "\(symbols.size):",
      ".8byte .L\(symbols.start)_end - \(symbols.start)",
      ".globl \(symbols.start)",
      "\(visibility) \(symbols.start)",
      "\(symbols.start):",
      ".incbin \(stringLiteral(fileName))",
      ".L\(symbols.start)_end:",
      // The assembler searches its own folder before those of -I: detect another file with the same name.
      ".if .L\(symbols.start)_end - \(symbols.start) - \(payloadSizeBytes)",
      ".error \(stringLiteral("\(fileName) is not the file that bpfgen read: put its folder first, or generate again"))",
      ".endif",
      ".popsection",
    ]
    var text = """
      /* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
      /* \(PayloadSource.marker) -Wa,-I, and the folder of the file that .incbin names, and without LTO (-fno-lto).
       * payload \(payload)
       */
      __asm__(

      """
    for line in assembly { text += "\t" + cLiteral(line) + "\n" }
    text += ");\n"
    return ByteRope(text)
  }

  /// A line of assembly as a C literal with its line break.
  private func cLiteral(_ line: String) -> String {
    var text = "\""
    for byte in line.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text += "\\" }
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    return text + "\\n\""
  }
}
