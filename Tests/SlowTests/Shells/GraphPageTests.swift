import Foundation
import GenGraph
import GraphView
import Incr
import Testing

@testable import TestSupport

/// The page of `bpfgen graph --format html` in a real browser.
@Suite("The page of a graph", .runsTools, .serialized, .needs(.tool(.chromium)))
struct GraphPageTests {
  /// A page that the program made, with the graph that it is of.
  private struct Page {
    let scratch: Scratch
    let graph: DrawnGraph

    init(_ text: String) throws {
      scratch = try Scratch()
      let file = try scratch.write(text, to: "bpfgen.json")
      graph = try DrawnGraph(file: file)
      try Shell.run(
        Toolchain.bpfgen(), ["graph", "-f", file, "--format", "html", "-o", scratch.file("graph.html")]
      ).checked()
    }

    func open(_ fragment: (String, String)..., doing script: String = "") throws -> Browser {
      try Browser(opening: scratch.file("graph.html"), fragment: fragment, doing: script)
    }
  }

  private static let large: Result<Page, any Error> = Result { try Page(LargeGraph.text(units: 625)) }

  /// The nodes whose rows are in the document, in order.
  private static func rows(_ browser: Browser) -> [Int] {
    browser.document.matches(of: /<div id="row-\d+"[^>]* data-node="(\d+)"/).map { Int($0.output.1)! }
  }

  private static func matches(_ browser: Browser) -> Int? {
    Browser.values(of: "data-count", in: browser.element("matches")).first.flatMap { Int($0) }
  }

  private static func nodes(_ html: String?) -> [Int] { Browser.values(of: "data-node", in: html).map { Int($0)! } }

  private static func count(_ attribute: String, _ html: String?) -> Int? {
    Browser.values(of: attribute, in: html).first.flatMap { Int($0) }
  }

  @Test("the whole graph: kinds with their counts, and only as many rows as are visible")
  func overview() throws {
    let page = try Self.large.get()
    let browser = try page.open()
    #expect(Self.matches(browser) == page.graph.nodes.count)
    #expect((10...60).contains(Self.rows(browser).count))
    let counts = try #require(browser.element("counts"))
    for (kind, nodes) in Dictionary(grouping: page.graph.nodes, by: \.kind) {
      let row = try #require(counts.firstMatch(of: try Regex("(?s)<tr data-kind=\"\(kind)\">.*?</tr>")), "\(kind)")
      let total = NumberFormatter.localizedString(from: nodes.count as NSNumber, number: .none)
      let text = Browser.text(of: String(row.output[0].substring!))?.replacingOccurrences(of: ",", with: "")
      #expect(text?.hasSuffix(total) == true, "\(kind): \(text ?? "") ends with \(total)")
    }
    #expect(Browser.text(of: browser.element("lastbuild")) == "no bpfgen build is recorded")
    let legend = try #require(Browser.text(of: browser.element("legend")))
    #expect(legend.contains("no outcome is recorded: \"bpfgen build\" records them"))
    #expect(legend.contains("only the layout, the contract, the needs"))
  }

  @Test(
    "a node: what it depends on, what depends on it, and how many of both indirectly",
    arguments: ["o17", "common3", "lib624", "app300", "app300.skel.h", "lib9 in app9"])
  func node(_ name: String) throws {
    let page = try Self.large.get()
    let node = page.graph[name]
    let browser = try page.open(("node", node.name))
    let feeds = browser.element("feeds")
    let fed = browser.element("fed")
    #expect(Self.nodes(feeds) == page.graph.feeding(node.id))
    #expect(Self.nodes(fed) == page.graph.consumers[node.id])
    #expect(Self.count("data-all", feeds) == page.graph.closure(node.id, by: page.graph.feeding).count)
    #expect(Self.count("data-all", fed) == page.graph.closure(node.id) { page.graph.consumers[$0] }.count)
    let carried = feeds?.matches(of: /class="carries (\w+)"/).map { String($0.output.1) }
    #expect(carried == node.inputs.map(\.carries))
    #expect(browser.document.contains("<title>\(name) – "))
    #expect(Self.rows(browser).contains(node.id), "the list is scrolled to the selected node")

    // The drawing has the node in its middle, and its neighbours unless they are too many for a column.
    let cards = Browser.values(of: "data-key", in: browser.document)
    #expect(cards.contains("\(node.id)"))
    for other in page.graph.feeding(node.id) { #expect(cards.contains("\(other)")) }
    let consumers = page.graph.consumers[node.id]
    #expect(consumers.filter { cards.contains("\($0)") }.count == (consumers.count > 9 ? 8 : consumers.count))
  }

  @Test("a search finds names and paths with all its words, and exact names first")
  func search() throws {
    let page = try Self.large.get()
    for words in ["lib12", "TEAM3 skel.h", "nothing is called so"] {
      let wanted = page.graph.nodes.filter { node in
        let text = "\(node.name)\n\(node.path ?? "")".lowercased()
        return words.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
      }
      let browser = try page.open(("search", words))
      #expect(Self.matches(browser) == wanted.count, "\(words)")
      #expect(Set(Self.rows(browser)).isSubset(of: wanted.map(\.id)))
      #expect(Self.rows(browser).first == (page.graph.nodes.first { $0.name == words } ?? wanted.first)?.id)
    }
  }

  @Test("kinds filter the list, and so do the connections of a node")
  func filters() throws {
    let page = try Self.large.get()
    let common = page.graph["common3"]
    let fed = page.graph.closure(common.id) { page.graph.consumers[$0] }
    let all = try page.open(("node", common.name), ("scope", "fed"))
    #expect(Self.matches(all) == fed.count)
    #expect(Set(Self.rows(all)).isSubset(of: fed) && !Self.rows(all).isEmpty)
    let payloads = try page.open(("node", common.name), ("scope", "fed"), ("kind", "payload"))
    #expect(Set(Self.rows(payloads)) == fed.filter { page.graph.nodes[$0].kind == "payload" })
  }

  @Test("keyboard only: / searches, arrows and Enter select, Escape returns to the whole graph")
  func keyboard() throws {
    let page = try Self.large.get()
    let press = """
      const press = key => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      const type = text => {
        document.activeElement.value = text;
        document.activeElement.dispatchEvent(new Event("input", { bubbles: true }));
      };
      press("/"); type("app7 "); press("ArrowDown"); press("ArrowDown");
      """
    let found = page.graph.nodes.filter { "\($0.name)\n\($0.path ?? "")".contains("app7") }
    // The node that is called so comes first.
    let order = found.filter { $0.name == "app7" } + found.filter { $0.name != "app7" }
    let selected = try page.open(doing: press + "press('Enter');")
    #expect(Self.nodes(selected.document.firstMatch(of: /<article[^>]*>/).map { String($0.output) }) == [order[1].id])
    let back = try page.open(doing: press + "press('Enter'); press('Escape'); press('Escape');")
    #expect(back.element("overview") != nil && back.element("node") == nil)
    // From card to card: the focus goes to the one on the right, and Enter would click it.
    let walked = try page.open(
      ("node", "app300"),
      doing: """
        document.querySelector(".card.selected").focus();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
        document.activeElement.click();
        """)
    let reached = Self.nodes(walked.document.firstMatch(of: /<article[^>]*>/).map { String($0.output) })
    #expect(page.graph.consumers[page.graph["app300"].id].contains(reached.first ?? -1), "\(reached)")
  }

  @Test("hostile names are shown unchanged, and run nothing")
  func hostile() throws {
    let page = try Page(LargeGraph.hostile)
    for node in page.graph.nodes {
      let browser = try page.open(("node", node.name))
      let article = try #require(browser.element("node"), "\(node.name)")
      let heading = article.firstMatch(of: /<h2><bdi>(.*?)<\/bdi>/).map { Browser.text(of: String($0.output.1)) }
      let isPath = node.name == node.path
      #expect(heading == (isPath ? node.name.components(separatedBy: "/").last! : node.name))
      if let path = node.path { #expect(Browser.text(of: article)?.contains(path) == true, "\(path)") }
      #expect(!browser.document.contains("<title>broken"))
      #expect(
        !browser.document.contains("<i>") && !browser.document.contains("<lib>") && !browser.document.contains("<s "))
    }
  }

  @Test("the last build's outcomes are on the nodes and in the counts, and filter the list")
  func outcomes() throws {
    let scratch = try Scratch()
    let file = try scratch.write(LargeGraph.text(units: 5), to: "bpfgen.json")
    let project = try Project(graphFile: file)
    let ended: [String: Outcome] = ["lib0": .ran, "lib1": .kept, "lib2": .skipped, "lib3": .failed]
    var outcomes: [TaskID: Outcome] = [:]
    for task in project.graph.tasks { outcomes[task] = ended[project.graph.name(task)] }
    let drawing = GraphDrawing(project, outcomes: outcomes)
    let page = try scratch.write(drawing.html(title: "outcomes"), to: "page.html")

    let whole = try Browser(opening: page, fragment: [("kind", "library")])
    let classes = whole.document.matches(of: /<div id="row-\d+" class="row (\w+ \w+)"/).map { String($0.output.1) }
    #expect(classes == ["library ran", "library kept", "library skipped", "library failed", "library unknown"])
    #expect(Browser.text(of: whole.element("lastbuild")) == "last build: ●1 ran  ○1 kept  –1 skipped  ✕1 failed  ")
    let failed = drawing.nodes.firstIndex { $0.outcome == .failed }!
    #expect(Self.nodes(whole.element("failures")) == [failed])
    let only = try Browser(opening: page, fragment: [("outcome", "failed,skipped")])
    #expect(Set(Self.rows(only).map { drawing.nodes[$0].name }) == ["lib2", "lib3"])
    let node = try Browser(opening: page, fragment: [("node", "lib3")])
    #expect(node.document.contains("<article id=\"node\" data-node=\"\(failed)\" class=\"library failed\">"))
  }

  /// What is wider than its place, as text of the attribute `data-cut` of the document's body.
  private static let findCut = """
    document.body.dataset.cut = [...document.querySelectorAll(".two > section, .pane")]
      .filter(element => element.scrollWidth > element.clientWidth)
      .map(element => element.textContent.slice(0, 40)).join("; ");
    """

  @Test(
    "the counts of all outcomes and the drawing of the whole graph are visible without scrolling",
    arguments: [500, 1024, 1280, 1400])
  func countsFit(_ width: Int) throws {
    let scratch = try Scratch()
    let file = try scratch.write(LargeGraph.text(units: 5), to: "bpfgen.json")
    let project = try Project(graphFile: file)
    let names: [String: Outcome] = ["lib0": .ran, "lib1": .kept, "lib2": .skipped, "lib3": .failed]
    let outcomes = Dictionary(
      uniqueKeysWithValues: project.graph.tasks.compactMap { task in
        names[project.graph.name(task)].map { (task, $0) }
      })
    let drawing = GraphDrawing(project, outcomes: outcomes)
    let page = try scratch.write(drawing.html(title: "outcomes"), to: "page.html")
    let browser = try Browser(opening: page, width: width, doing: Self.findCut)
    #expect(browser.document.matches(of: /<th scope="col">/).count == 7)
    #expect(Browser.values(of: "data-cut", in: browser.document) == [""])
  }

  @Test("names that are too long for their cards are shortened where they are the same")
  func longNames() throws {
    let finals = (120...127).map { "application\($0)" }
    let outputs = finals.map { "\"\($0)\": { \"inputs\": [\"o\"], \"output\": \"gen/\($0).bpf.o\" }" }
    let headers = finals.map { "{ \"of\": \"\($0)\", \"header\": \"gen/\($0).skel.h\" }" }
    let page = try Page(
      """
      { "bpfgen": 1, "objects": { "o": "o.bpf.o", "p": "p.bpf.o" },
        "libraries": { "lib": { "inputs": ["p"], "output": "gen/lib.bpf.o" } },
        "finals": { \(outputs.joined(separator: ", ").replacingOccurrences(of: "[\"o\"]", with: "[\"o\", \"lib\"]")) },
        "skeletons": [ \(headers.joined(separator: ", ")) ] }
      """)
    // Three columns further to the right: the cards are narrower than the names.
    let browser = try Browser(opening: page.scratch.file("graph.html"), fragment: [("node", "lib")], width: 1024)
    let names = browser.document.matches(of: /class="card skeleton.*?<bdi class="name">(.*?)<\/bdi>/).map {
      String($0.output.1)
    }
    #expect(names.count == 8 && Set(names).count == 8, "\(names)")
    #expect(names.contains { $0.contains("…") }, "\(names)")
  }

  @Test("no edge of the overview passes under a card", arguments: [1024, 1400])
  func overviewEdges(_ width: Int) throws {
    // As CMake writes it: an object is linked into finals without a library, and has a subskeleton and checks.
    let page = try Page(
      """
      { "bpfgen": 1, "objects": { "counter": "counter.bpf.o", "calls": "calls.bpf.o" },
        "finals": { "app": { "inputs": ["calls", "counter"], "output": "gen/app.bpf.o" } },
        "skeletons": [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o", "like": "like.a" } ],
        "subskeletons": [ { "of": "counter", "header": "gen/counter.subskel.h" } ] }
      """)
    let browser = try Browser(
      opening: page.scratch.file("graph.html"), width: width,
      doing: """
        const cards = [...document.querySelectorAll(".card")];
        document.body.dataset.under = [...document.querySelectorAll("path[data-from]")].flatMap(path =>
          cards.filter(card => card.dataset.key !== path.dataset.from && card.dataset.key !== path.dataset.to)
            .filter(card => Array.from({ length: 100 }, (_, step) =>
              path.getPointAtLength(path.getTotalLength() * step / 100)).some(point =>
              point.x > card.offsetLeft && point.x < card.offsetLeft + card.offsetWidth
                && point.y > card.offsetTop && point.y < card.offsetTop + card.offsetHeight))
            .map(card => path.dataset.from + "-" + path.dataset.to + " under " + card.dataset.key)).join("; ");
        document.body.dataset.edges = document.querySelectorAll("path[data-from]").length;
        """)
    #expect(Browser.values(of: "data-under", in: browser.document) == [""])
    #expect((Self.count("data-edges", browser.document) ?? 0) >= 6)
    #expect(Browser.text(of: browser.element("legend"))?.contains("the object that payloads are like") == true)
  }

  @Test("fifty thousand nodes can be opened")
  func huge() throws {
    let page = try Page(LargeGraph.text(units: 6250))
    let browser = try page.open(("search", "app6249"))
    #expect(page.graph.nodes.count > 50_000)
    #expect(Self.rows(browser).first == page.graph["app6249"].id)
  }
}
