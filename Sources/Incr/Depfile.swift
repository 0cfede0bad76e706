/// A rule in make's syntax that names what an output was made from, as Ninja, make and CMake read it.
///
/// Source: Ninja's `depfile_parser.in.cc` and GNU make's manual, "Rule Syntax": a blank and `#` take a backslash, `$`
/// is doubled, and a run of backslashes is doubled only in front of a blank or a `#`, where it would be read as an escape.
public struct Depfile: Hashable, Sendable {
  public var outputs: [String]
  public var inputs: [String]

  /// - Parameter outputs: the first must be, as text, the first output of the build tool's own rule: Ninja compares them so.
  public init(outputs: [String], inputs: [String]) {
    precondition(!outputs.isEmpty, "a rule has a target")
    self.outputs = outputs
    self.inputs = inputs
  }

  /// - Throws: `FileError.lineBreakInPath`: no escape exists for it.
  public func text() throws(FileError) -> String {
    var text = ""
    for (index, output) in outputs.enumerated() {
      if index > 0 { text += " " }
      text += try Depfile.escape(output)
    }
    text += ":"
    for input in inputs {
      text += " \\\n  "
      text += try Depfile.escape(input)
    }
    text += "\n"
    // A rule without a recipe for each input, as -MP has them: make must not stop when one of them is gone.
    for input in inputs { text += try Depfile.escape(input) + ":\n" }
    return text
  }

  /// Reads a rule as compilers write it: a target, a colon, what it needs, in lines that a backslash joins. Rules behind
  /// the first count when they are for what it needs and say nothing, as those of `-MP` do.
  ///
  /// - Returns: `nil` for anything else.
  public init?(text: [UInt8]) {
    var words: [String] = []
    var word: [UInt8] = []
    var targets: Int?
    var bytes = text[...]
    func end() { if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) } }
    line: while let byte = bytes.popFirst() {
      let next = bytes.first
      switch byte {
      case UInt8(ascii: "\\") where next == 10:
        bytes.removeFirst()
        end()
        word = []
      case UInt8(ascii: "\\") where next == UInt8(ascii: " ") || next == UInt8(ascii: "#"),
        UInt8(ascii: "$") where next == byte:
        word.append(bytes.removeFirst())
      case UInt8(ascii: ":") where targets == nil && (next == UInt8(ascii: " ") || next == 10):
        end()
        word = []
        targets = words.count
      case UInt8(ascii: " "), UInt8(ascii: "\t"):
        end()
        word = []
      case 10: break line
      default: word.append(byte)
      }
    }
    end()
    guard let targets, targets > 0 else { return nil }
    self.init(outputs: Array(words[..<targets]), inputs: Array(words[targets...]))
  }

  /// Whether no escape can put the path into a rule.
  public static func cannotName(_ path: String) -> Bool { path.utf8.contains { $0 == 10 || $0 == 13 } }

  static func escape(_ path: String) throws(FileError) -> String {
    var escaped = ""
    var backslashes = 0
    for scalar in path.unicodeScalars {
      switch scalar {
      case "\n", "\r":
        throw .lineBreakInPath(path: path)
      case " ", "\t", "#":
        escaped += String(repeating: "\\", count: backslashes + 1)
      case "$":
        escaped += "$"
      default:
        break
      }
      backslashes = scalar == "\\" ? backslashes + 1 : 0
      escaped.unicodeScalars.append(scalar)
    }
    return escaped
  }
}
