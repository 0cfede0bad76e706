/// One page of the manual, with the sections in the order of man(7).
///
/// It contains no date: its bytes depend on the program's version and texts only.
struct ManPage {
  let name: String
  private(set) var text: String

  init(name: String, abstract: String) {
    self.name = name
    text = ".TH \(Roff.text(name.uppercased())) 1 \"\" \"bpfgen \(Version.number)\" \"bpfgen\"\n"
    // No hyphenation: most words are names, which readers search for.
    add(".nh\n.ad l")
    section("NAME")
    // The line that apropos searches, which by convention is not a sentence.
    let isSentence = abstract.hasSuffix(".")
    let summary = abstract.prefix(1).lowercased() + abstract.dropFirst().dropLast(isSentence ? 1 : 0)
    add(Roff.text(name) + " \\- " + Roff.prose(summary))
  }

  mutating func section(_ title: String) { add(".SH \(title)") }

  mutating func subsection(_ title: String) { add(".SS \(title)") }

  mutating func usage(_ line: String) { add(Roff.usage(line)) }

  /// Paragraphs separated by empty lines; indented lines are kept as they are.
  mutating func paragraphs(_ text: String) {
    let isExample: (Substring) -> Bool = { $0.hasPrefix("  ") }
    var block: [Substring] = []
    // An extra line, so that the last block is written too.
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) + [Substring()] {
      if let first = block.first, line.isEmpty || isExample(line) != isExample(first) {
        if isExample(first) { example(block.map { $0.dropFirst(2) }) } else { paragraph(block.joined(separator: " ")) }
        block = []
      }
      if !line.isEmpty { block.append(line) }
    }
  }

  private mutating func paragraph(_ prose: String) { add(".PP\n" + Roff.prose(prose)) }

  /// A tag with an indented paragraph.
  ///
  /// - Parameter tag: in troff.
  mutating func item(_ tag: String, _ prose: String) { add(".TP\n" + tag + "\n" + Roff.prose(prose)) }

  mutating func example(_ lines: [some StringProtocol]) {
    add(".PP\n.RS 4\n.EX")
    for line in lines { add(Roff.text(line)) }
    // .EE enables hyphenation again.
    add(".EE\n.RE\n.nh")
  }

  /// Other pages, each as `name(section)`.
  mutating func seeAlso(_ pages: [(name: String, section: Int)]) {
    section("SEE ALSO")
    add(pages.map { "\(Roff.bold($0.name))(\($0.section))" }.joined(separator: ",\n"))
  }

  private mutating func add(_ line: String) { text += line + "\n" }
}
