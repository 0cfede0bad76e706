import GenGraph
import Testing

/// Everything that RFC 8259 allows is read, and nothing else: our own table, with the coverage of the public
/// JSONTestSuite.
@Suite("JSON as RFC 8259 has it")
struct JSONReaderTests {
  struct Text: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    var testDescription: String { String(decoding: bytes.prefix(40), as: UTF8.self).debugDescription }

    init(_ text: String) { bytes = Array(text.utf8) }
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func inString(_ bytes: [UInt8]) -> Text { Text([0x22] + bytes + [0x22]) }
  }

  private static let numbers = [
    "0", "-0", "1", "-1", "10", "123", "0.5", "-0.5", "0e1", "0e+1", "0E0", "1e1", "1E22", "1e-2", "1E-2", "1E+2",
    "1.5e3", "123.456e78", "-123123123123123123123123123123", "0.00000000000000000000000000000000000001", "1e0001",
  ]
  private static let structures = [
    "[]", "{}", "[[]]", "[{}]", " [ ] ", "[1,2]", "[1 , 2 ]", "{\"a\":1}", "{\"a\":{}}", "{\"\":0}",
    "{\"a\":1,\"a\":1}",
    "{\"a\":\"b\",\"c\":[1]}", "[null,1,\"1\",{}]", "true", "false", "null", "\"\"", "\t[\r\n]\n", "{ \"a\" : 1 }",
  ]
  private static let strings = [
    #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0061""#, #""\u00e9\u00E9""#, #""\u0000""#, #""\uD801\udc37""#,
    #""\ud83d\ude39\ud83d\udc8d""#, #""\uFFFF\u2028""#, #""\\u0000""#, "\"\u{7f}\"", "\"é€😀\"", "\"\u{2028}\u{2029}\"",
    #""/* no comment */""#, #""[{:,}]""#, #""\u005C\u0022""#,
  ]

  static let accepted =
    (numbers + numbers.map { "[\($0)]" } + numbers.map { "{\"a\": \($0)}" } + structures + strings
    + strings.map { "[\($0)]" } + strings.map { "{\($0):\($0)}" }).map { Text($0) }
    + [Text(String(repeating: "[", count: 60) + String(repeating: "]", count: 60))]

  private static let wrongNumbers = [
    "+1", "01", "-01", "00", "-", "--1", "1.", "-1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "1E", "1e1.5", "1+2",
    "1-2",
    "0x1", "0b1", "1_000", "1,000.", "NaN", "nan", "Infinity", "-Infinity", "inf", "1 000", "1e 5", "- 1", "2.e3",
    "0.e1",
    "9.e+", "0e", "0e+", "1a", "1ea", "-1x", "0.1.2", "+Inf", "\u{ff11}",
  ]
  private static let wrongStructures = [
    "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[,]", "[1 2]", "[1}", "{]", "[\"a\"",
    "[\"a\"]]",
    "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\":1 \"b\":2}",
    "{\"a\":1,,\"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":}", "{:1}", "{\"a\",1}", "[1]x", "[1][2]",
    "{}{}", "{}}", "1 2", "[1] // c", "/* c */[]", "[/**/]", "# c\n[]", "<null>", "tru", "True", "TRUE", "nul", "fals",
    "truee", "[true1]", "undefined", "'a'", "[\u{b}]", "[\u{c}]", "[\u{a0}]", "[\u{2060}]", "\u{feff}[]", "[*]",
    "[\\n]",
    "[1:2]", "{\"a\":1]", "[{\"a\":1]", "[\"\",", "[-", "{\"a\":tru}", "@", "[<null>]",
  ]
  private static let wrongStrings = [
    #"""#, #""a"#, #""\"#, #""\""#, #""\x00""#, #""\a""#, #""\0""#, #""\ ""#, #""\U0061""#, #""\'""#, #""\u""#,
    #""\u0""#,
    #""\u00""#, #""\u000""#, #""\u000g""#, #""\u+061""#, #""\u-061""#, #""\u 061""#, #""\u0x61""#, #""\ud800""#,
    #""\udc00""#, #""\ud800\u0061""#, #""\ud800\n""#, #""\ud800x""#, #""\ud800\ud800""#, #""\ud800\u""#, "\"a\nb\"",
    "\"a\tb\"", "\"a\rb\"", "\"\u{0}\"", "\"\u{1f}\"", #""a"b""#, #"a"#, #""a"x"#, #""\u{61}""#, #""\u００６１""#,
  ]
  private static let wrongBytes: [[UInt8]] = [
    [0x80], [0xbf], [0xff], [0xfe], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80],
    [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0x61, 0xe5], [0x5c, 0xe5], [0x5c, 0x75, 0xe5],
  ]

  static let refused =
    (wrongNumbers + wrongNumbers.map { "[\($0)]" } + wrongNumbers.map { "{\"a\":\($0)}" } + wrongStructures
    + wrongStrings + wrongStrings.map { "[\($0)]" } + wrongStrings.map { "{\($0):0}" }).map { Text($0) }
    + wrongBytes.map { Text.inString($0) } + wrongBytes.map { Text($0) } + wrongBytes.map { Text([0x5b] + $0 + [0x5d]) }
    + [
      Text(String(repeating: "[", count: 100_000)), Text(String(repeating: "{\"a\":", count: 100_000)),
      Text([0x5b, 0x00, 0x5d]), Text([0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00]),
    ]

  @Test("is read", arguments: accepted)
  func accepts(_ text: Text) {
    #expect(throws: Never.self) { try JSONReader.read(text.bytes) }
  }

  @Test("anything else is refused", arguments: refused)
  func refuses(_ text: Text) {
    #expect(throws: JSONReader.Failure.self) { try JSONReader.read(text.bytes) }
  }

  @Test(
    "strings and numbers have their values",
    arguments: [
      (#""\u0061\u00e9\u20ac""#, "aé€"), (#""\ud83d\ude00""#, "😀"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
      (#""\u0000""#, "\u{0}"), (#""\uFFFF""#, "\u{ffff}"),
    ])
  func values(_ text: String, _ value: String) throws {
    guard case .string(let read) = try JSONReader.read(Array(text.utf8)).content else {
      Issue.record("no string")
      return
    }
    #expect(read.unicodeScalars.elementsEqual(value.unicodeScalars))
  }
}
