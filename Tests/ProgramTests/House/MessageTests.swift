import Foundation
import Testing

@testable import TestSupport

/// docs/messages.md has every message of the program, and each has the form that all have.
@Suite("Messages", .runsTools)
struct MessageTests {
  /// The sections of the page, and the sources whose messages they have.
  private static let sections: [(title: String, paths: [String])] = [
    ("Objects", ["Messages/ObjectMessages", "Commands/Support/Inputs"]),
    ("Linking, and libraries in finals", ["Messages/LinkMessages"]),
    (
      "Graph files and builds",
      ["Messages/GraphMessages", "Messages/KernelMessages", "Messages/BuildReport", "Commands/Support/GraphInputs"]
    ),
    ("Files", ["Messages/FileMessages", "Commands/Support/Outputs"]),
    ("Command line", [""]),
  ]

  /// Sources with other texts.
  private static let others = [
    "CommandLine/Completion/", "CommandLine/Manual/", "CommandLine/HelpText", "Messages/BuildS", "Messages/BuildT",
    "Messages/Diagnostic",
  ]

  private static func catalogues() throws -> [(title: String, messages: MessageCatalogue)] {
    var files = try HouseTests.trackedFiles().filter { $0.hasPrefix("Sources/bpfgen/") && $0.hasSuffix(".swift") }
      .sorted()
    files.removeAll { file in others.contains { file.hasPrefix("Sources/bpfgen/\($0)") } }
    return try sections.map { section in
      let chosen = files.filter { file in section.paths.contains { file.hasPrefix("Sources/bpfgen/\($0)") } }
      files.removeAll { chosen.contains($0) }
      let sources = try chosen.map { try String(contentsOfFile: "\(Toolchain.root)/\($0)", encoding: .utf8) }
      return (section.title, MessageCatalogue(source: sources.joined(separator: "\n")))
    }
  }

  private static func page() throws -> String {
    var text = """
      # Messages

      A message states what is wrong and where, then facts, then what to do:

      ```text
      app.bpf.o: error: no BTF type information
          section   .BTF (missing)
          hint      compile with `clang -g -target bpf`
      ```

      It begins with the file, or with `bpfgen` if no file is wrong. The exit status is 1 if the work could not be done, and 2 if the
      command line or the graph file is wrong. Outputs that existed before stay as they were.

      This page lists all messages by the text after `error:`. `<...>` is a name, a path or a number. If there are several hints,
      the message shows the one that applies. The page is made from the source code: CONTRIBUTING.md has the command.

      """
    for (title, catalogue) in try catalogues() {
      text += "\n## \(title)\n\n| message | hint |\n|---|---|\n"
      var seen: [String: Int] = [:]
      var rows: [MessageCatalogue.Message] = []
      for message in catalogue.messages {
        if let index = seen[message.what] {
          rows[index].hints += message.hints.filter { !rows[index].hints.contains($0) }
        } else {
          seen[message.what] = rows.count
          rows.append(message)
        }
      }
      for row in rows { text += "| \(cell(row.what)) | \(row.hints.map(cell).joined(separator: "<br>")) |\n" }
      for (title, list) in [
        ("Details of damaged or unsupported input", catalogue.details), ("Other hints", catalogue.otherHints),
      ]
      where !list.isEmpty {
        text += "\n\(title):\n\n" + list.map { "- \(escaped($0))\n" }.joined()
      }
    }
    return text
  }

  private static func cell(_ text: String) -> String { escaped(text).replacingOccurrences(of: "|", with: "\\|") }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
      index % 2 == 0
        ? part.replacing("<", with: "\\<").replacing("_", with: "\\_").replacing("*", with: "\\*") : "`\(part)`"
    }.joined()
  }

  @Test("docs/messages.md has all of them")
  func pageIsCurrent() throws {
    let path = "\(Toolchain.root)/docs/messages.md"
    let page = try Self.page()
    if Toolchain.setting("BPFGEN_UPDATE_GOLDEN") != nil {
      try page.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == page, "BPFGEN_UPDATE_GOLDEN=1 writes it again")
  }

  @Test("a message and a hint are one line without a full stop")
  func form() throws {
    for (title, catalogue) in try Self.catalogues() {
      #expect(catalogue.messages.count >= 10, "\(title)")
      for message in catalogue.messages {
        for text in [message.what] + message.hints {
          #expect(!text.hasSuffix(".") && text.first != " ", "\(text)")
          let isName = text.contains(/^([A-Z]{2,}|[A-Z][a-z]+[A-Z]|Graphviz|SEC|BTF|BPF)/)
          #expect(text.first?.isUppercase != true || isName, "\(text)")
        }
      }
    }
  }

  @Test("a message is read from its source with its hints")
  func read() {
    let source = """
      // what: "a comment"
      let kinds = ["x": "not a message"]
      throw CommandError.usage("'--\\(option.name)' is missing", hint: "add it")
      case .damaged(let fault):
        what = fault.isOld ? "old file" : "damaged file"
        facts = [("damage", "not a message")]
        hint = "copy it"
      case .other: hint = "an orphan"
      """
    let catalogue = MessageCatalogue(source: source)
    #expect(
      catalogue.messages == [
        .init(what: "'--<name>' is missing", hints: ["add it"]), .init(what: "old file"),
        .init(what: "damaged file", hints: ["copy it"]),
      ])
    #expect(catalogue.otherHints == ["an orphan"])
  }
}
