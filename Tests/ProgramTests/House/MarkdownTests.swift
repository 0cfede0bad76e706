import Foundation
import Testing

@testable import TestSupport

/// What holds for every Markdown file of the repository.
@Suite("Markdown", .runsTools)
struct MarkdownTests {
  private static func pages() throws -> [String: String] {
    var pages: [String: String] = [:]
    for file in try HouseTests.trackedFiles() where file.hasSuffix(".md") {
      pages[file] = try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8)
    }
    return pages
  }

  @Test("every link leads to a file of the repository, and every anchor to a heading")
  func links() throws {
    let pages = try Self.pages()
    try #require(pages.count > 20)
    let files = Set(try HouseTests.trackedFiles())
    for (page, text) in pages {
      for link in MarkdownLink.all(in: text) {
        let target = link.target(from: page)
        let isFolder = files.contains { $0.hasPrefix(target + "/") }
        #expect(files.contains(target) || isFolder, "\(page) links to \(link.path)")
        guard let anchor = link.anchor, let headings = pages[target].map(MarkdownLink.anchors) else { continue }
        #expect(headings.contains(anchor), "\(page) links to \(link.path)#\(anchor)")
      }
    }
  }

  @Test("every page of docs is in the index")
  func index() throws {
    let pages = try Self.pages()
    let listed = Set(MarkdownLink.all(in: try #require(pages["docs/README.md"])).map { "docs/\($0.path)" })
    for page in pages.keys where page.hasPrefix("docs/") && page != "docs/README.md" {
      #expect(listed.contains(page), "\(page)")
    }
  }

  @Test(
    "links and headings are read as GitHub reads them",
    arguments: [
      ("[a](b.md) [c](#d-e)", ["b.md", "#d-e"]), ("`[a](b.md)` [x](https://a.b/c.md#d)", []),
      ("```\n[a](b.md)\n```\n[c](d/e.md#f)", ["d/e.md#f"]),
    ])
  func readLinks(_ text: String, _ links: [String]) {
    #expect(MarkdownLink.all(in: text).map { $0.path + ($0.anchor.map { "#" + $0 } ?? "") } == links)
  }

  @Test("a heading's anchor has no punctuation, and a repeated one a number")
  func readHeadings() {
    let text = "# `bpfgen` & Ninja, again\n## What is new?\n```sh\n# no heading\n```\n## What is new?\n"
    #expect(MarkdownLink.anchors(of: text) == ["bpfgen--ninja-again", "what-is-new", "what-is-new-1"])
  }
}
