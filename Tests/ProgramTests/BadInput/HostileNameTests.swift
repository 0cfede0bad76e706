import Foundation
import Testing

@testable import TestSupport

/// Nothing that came from an object reaches a header unescaped: a name cannot inject code.
///
/// The names are put over those of a compiled object, in its BTF and its symbol table: no compiler would make them.
@Suite("Hostile names", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.gxx)))
struct HostileNameTests {
  /// A name, and what a reader of a failure should know it as.
  struct Name: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]

    init(_ what: String, _ text: String) {
      testDescription = what
      bytes = Array(text.utf8)
    }

    init(_ what: String, bytes: [UInt8]) {
      testDescription = what
      self.bytes = bytes
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// Whether it would be harmless as it is.
    var isIdentifier: Bool {
      text.range(of: "^[\\p{L}_][\\p{L}0-9_]*$", options: .regularExpression) != nil
    }
  }

  static let names: [Name] = [
    Name("a declaration", "x; int evil; int y"),
    Name("a quote", "a\"; system(\"evil\"); \""),
    Name("an escaped quote", "a\\\"b\\"),
    Name("a line break", "a\nint evil;\n"),
    Name("a directive", "a\n#error evil\n"),
    Name("a continued line", "a\\\nevil"),
    Name("the end of a comment", "a */ int evil; /* b"),
    Name("a line comment", "a // evil"),
    Name("a trigraph", "a??/"),
    Name("braces", "a { } ; } evil ; {"),
    Name("control characters", "a\u{1b}[31mevil\u{7}\r\u{8}"),
    Name("letters of no ASCII", "größe"),
    Name("bytes that are no UTF-8", bytes: [0x61, 0xff, 0xfe, 0xc0, 0x62]),
    Name("a blank", "a b"),
    Name("a digit in front", "9lives"),
    Name("a keyword of C", "while"),
    Name("a keyword of C++", "class"),
    Name("a keyword of C23", "nullptr"),
    Name("a keyword of GNU C", "__typeof__"),
    Name("another of GNU C", "__alignof__"),
    Name("a built-in type", "__int128"),
    Name("a macro of every compiler", "__LINE__"),
    Name("a macro of stddef.h", "NULL"),
    Name("a format", "%s%n%d"),
    Name("a path", "../../etc/passwd"),
    Name("300 letters", String(repeating: "long", count: 75)),
    Name("nothing", ""),
  ]

  /// What bears the name.
  enum Subject: String, CaseIterable, Sendable {
    case variable = "subject_variable"
    case staticVariable = "subject_static"
    case map = "subject_map"
    case kernelSetting = "subject_setting"
    case programSection = "subject_hook"
    case program = "subject_program"
    case section = "subject_section"
    case structure = "subject_struct"
    case typedef = "subject_typedef"
    case pointee = "subject_pointee"
    case member = "subject_member"
    case enumerator = "subject_enumerator"

    /// Whether user code must spell the name as it is: it is part of a type.
    var isSpelledOut: Bool { [.structure, .typedef, .pointee, .member, .enumerator].contains(self) }

    /// Long enough that every name fits.
    var placeholder: String { rawValue + String(repeating: "_", count: 310 - rawValue.count) }
  }

  @Test("each is escaped or refused, whatever it is the name of", arguments: Tier.sample(names, quick: 6))
  func everywhere(_ name: Name) throws {
    let scratch = try Scratch()
    let object = try Self.object.get()
    let complaints = try Parallel.map(Subject.allCases) { subject -> String? in
      let patched = scratch.file("\(subject).bpf.o")
      try Self.patch(object, subject.placeholder, name.bytes).write(to: URL(fileURLWithPath: patched))
      return try Self.complaint(about: patched, name, subject, in: scratch).map { "\(subject): \($0)" }
    }.compactMap(\.self)
    for complaint in complaints { Issue.record("\(complaint)") }
  }

  /// What is wrong with what the object gives; `nil` for clear refusals and for headers that compile.
  private static func complaint(
    about object: String, _ name: Name, _ subject: Subject, in scratch: Scratch
  ) throws -> String? {
    for kind in HeaderKind.allCases {
      let header = scratch.file("\(subject).\(kind).h")
      let payload = kind == .skeleton ? scratch.file("\(subject).o") : nil
      let result = try Generator.bpfgen(kind, of: object, name: "\(kind)_of", header: header, payload: payload)
      guard result.succeeded else {
        if let complaint = result.complaint(about: object) { return "\(kind): \(complaint)" }
        continue
      }
      let text = try String(decoding: Data(contentsOf: URL(fileURLWithPath: header)), as: UTF8.self)
      if !name.isIdentifier, let line = unescaped(name, in: text) { return "\(kind): unescaped: \(line)" }
      // What C cannot declare, no user can have declared: an error of the generator's is due.
      let source = declarations(name, subject) + "#include \"\(header)\"\n"
      for (tool, suffix, standard) in [(Tool.gcc, "c", "gnu11"), (.gxx, "cpp", "gnu++17")] {
        // A type or a member named `class` is only possible in C: its user writes C.
        if tool == .gxx, name.text == "class", subject.isSpelledOut { continue }
        let file = try scratch.write(source, to: "\(subject).\(kind).\(suffix)")
        let flags = ["-std=\(standard)", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", file]
        let compiled = try Shell.run(tool.required(), flags)
        if !compiled.succeeded {
          let errors = compiled.stderr.split(separator: "\n").filter { $0.contains("error:") }
          return "\(kind), \(tool.rawValue): \(errors.first?.suffix(200) ?? "")"
        }
      }
    }
    return nil
  }

  /// The first line that has the name as it is, outside of a string literal in which it needs no escape.
  private static func unescaped(_ name: Name, in text: String) -> String? {
    // Letters and digits are harmless anywhere.
    guard name.bytes.contains(where: { !isWordByte($0) }) else { return nil }
    let needsEscape = name.bytes.contains { $0 < 32 || $0 > 126 || "\"\\?".utf8.contains($0) }
    let rest = needsEscape ? text : text.replacing(/"[^"\n]*"/, with: "")
    guard let range = rest.range(of: name.text) else { return nil }
    return String(rest[rest.lineRange(for: range)].prefix(200))
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (48...57).contains(byte) || (97...122).contains(byte | 32)
  }

  private static func declarations(_ name: Name, _ subject: Subject) -> String {
    func spelled(_ other: Subject) -> String { subject == other && name.isIdentifier ? name.text : other.placeholder }
    return """
      struct \(spelled(.structure)) { int a; };
      typedef int \(spelled(.typedef));

      """
  }

  /// The object with one name replaced; the rest of the old one's space is zero.
  private static func patch(_ object: Data, _ old: String, _ new: [UInt8]) throws -> Data {
    var patched = object
    let bytes = new + [UInt8](repeating: 0, count: old.utf8.count - new.count)
    var found = 0
    while let range = patched.range(of: Data(old.utf8)) {
      patched.replaceSubrange(range, with: bytes)
      found += 1
    }
    try #require(found > 0, "the object has no \(old.prefix(30))")
    return patched
  }

  private static let object = Result {
    let scratch = try Scratch()
    var source = sourceText
    for subject in Subject.allCases {
      source = source.replacingOccurrences(of: subject.rawValue, with: subject.placeholder)
    }
    return try Data(contentsOf: URL(fileURLWithPath: BPFCompiler.compile(source, named: "hostile", in: scratch)))
  }

  private static let sourceText = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    struct subject_struct { int a; };
    typedef int subject_typedef;
    struct subject_pointee;

    extern int subject_setting __kconfig __weak;
    int subject_variable = 1;
    static volatile int subject_static = 2;
    int sectioned SEC(".data.subject_section") = 3;
    struct subject_struct by_value;
    subject_typedef typed;
    struct subject_pointee *pointer;
    struct { int subject_member; } anonymous;
    enum { subject_enumerator = 1 } choice;

    struct {
    	__uint(type, BPF_MAP_TYPE_ARRAY);
    	__uint(max_entries, 1);
    	__type(key, int);
    	__type(value, int);
    } subject_map SEC(".maps");

    SEC("raw_tp/subject_hook")
    int subject_program(void *ctx)
    {
    	int key = 0;
    	int *found = bpf_map_lookup_elem(&subject_map, &key);
    	return subject_variable + subject_setting + subject_static + sectioned + by_value.a + typed + (pointer != 0) +
    	       anonymous.subject_member + choice + (found ? *found : 0);
    }

    char _license[] SEC("license") = "GPL";
    """
}
